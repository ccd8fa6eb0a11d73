package standin_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/bbf-build/bbf/infra/testing/standin"
)

const mayCallURLs = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
	"Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"],
	"Resource": "arn:aws:lambda:eu-central-1:123456789012:function:echo"}]}`

func TestFunctionURL(t *testing.T) {
	cloud := standin.Start(t, standin.Options{})
	url := deployFunction(t, cloud)
	caller := cloud.User(t, "caller", mayCallURLs)

	t.Run("ASignedCallReachesTheFunctionWithTheCallersARN", func(t *testing.T) {
		got := post(t, cloud, caller, url+"status", "lambda", 0)
		if got.status != http.StatusOK || !strings.Contains(got.body, `"caller":"arn:aws:iam::123456789012:user/caller"`) {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("TheLogHasBothActions", func(t *testing.T) {
		cloud.ClearRequests(t)
		post(t, cloud, caller, url, "lambda", 0)
		got := strings.Join(standin.Actions(cloud.Requests(t)), " ")
		if got != "lambda:InvokeFunction lambda:InvokeFunctionUrl" {
			t.Errorf("actions are %s", got)
		}
	})
	unknown := aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x"}
	wrong := caller
	wrong.SecretAccessKey = "wrong"
	stranger := cloud.User(t, "stranger")
	half := cloud.User(t, "half", strings.Replace(mayCallURLs, `, "lambda:InvokeFunction"`, "", 1))
	session := cloud.AssumeRole(t, cloud.Root(), cloud.Role(t, "caller", "", mayCallURLs), "s")
	cloud.ExpireSession(t, session)
	for name, c := range map[string]struct {
		keys    aws.Credentials
		service string
		words   string
	}{
		"WithoutASignature":              {aws.Credentials{}, "lambda", `"Message": "Forbidden`},
		"WithAWrongSecret":               {wrong, "lambda", "signature we calculated does not match"},
		"SignedForAnotherService":        {caller, "execute-api", "scoped to correct service: 'lambda'"},
		"WithoutAPolicy":                 {stranger, "lambda", `"Message": "Forbidden`},
		"WithThePolicyForTheURLOnly":     {half, "lambda", `"Message": "Forbidden`},
		"WithASessionThatIsOver":         {session, "lambda", "token included in the request is expired"},
		"WithKeysThatNobodyEverGaveAway": {unknown, "lambda", "token included in the request is invalid"},
	} {
		t.Run("ACallIsRefused"+name, func(t *testing.T) {
			got := post(t, cloud, c.keys, url, c.service, 0)
			if got.status != http.StatusForbidden || !strings.Contains(got.body, c.words) {
				t.Errorf("got %+v, want %s", got, c.words)
			}
		})
	}
	t.Run("ACallIsRefusedWithAWrongClock", func(t *testing.T) {
		got := post(t, cloud, caller, url, "lambda", sixMinutesAgo)
		if got.status != http.StatusForbidden || !strings.Contains(got.body, "Signature expired") {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("AKilledFunctionIsStartedAgainByTheNextCall", func(t *testing.T) {
		if n := cloud.KillLambda(t, "echo"); n != 1 {
			t.Errorf("killed %d processes, want 1", n)
		}
		if got := post(t, cloud, caller, url, "lambda", 0); got.status != http.StatusOK {
			t.Errorf("the next call gives %+v", got)
		}
	})
	t.Run("AFunctionIsKilledAtACallThatWasCarriedOut", func(t *testing.T) {
		cloud.KillLambdaAt(t, "echo", "sts:GetCallerIdentity")
		cloud.ClearRequests(t)
		if got := post(t, cloud, caller, url+"whoami", "lambda", 0); got.status != http.StatusBadGateway {
			t.Errorf("got %+v", got)
		}
		if got := standin.Actions(cloud.Requests(t)); !slices.Contains(got, "sts:GetCallerIdentity") {
			t.Errorf("actions are %v", got)
		}
		got := post(t, cloud, caller, url+"whoami", "lambda", 0) // once is enough
		if got.status != http.StatusOK || !strings.Contains(got.body, ":assumed-role/echo/echo") {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("AFunctionThatDiesGivesABadGateway", func(t *testing.T) {
		if got := post(t, cloud, caller, url+"exit", "lambda", 0); got.status != http.StatusBadGateway {
			t.Errorf("got %+v", got)
		}
	})
}

// deployFunction builds testdata/lambda, makes the stack with it, and returns the Function URL in plain HTTP.
func deployFunction(t *testing.T, cloud *standin.Cloud) string {
	t.Helper()
	client := s3.NewFromConfig(cloud.RootConfig(t.Context()))
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("code"),
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
			LocationConstraint: s3types.BucketLocationConstraint(cloud.Region)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("code"),
		Key: aws.String("echo.zip"), Body: bytes.NewReader(zipped(t, build(t, "./testdata/lambda")))}); err != nil {
		t.Fatal(err)
	}
	stack := deploy(t, cloud, "function", "function.yaml", map[string]string{"Bucket": "code"})
	if stack.StackStatus != "CREATE_COMPLETE" {
		t.Fatalf("the stack is %s", stack.StackStatus)
	}
	return strings.Replace(*stack.Outputs[0].OutputValue, "https://", "http://", 1)
}

// build compiles a program that needs nothing of the machine that it runs on.
func build(t *testing.T, dir string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "program")
	build := exec.Command("go", "build", "-tags=lambda.norpc", "-o", file, dir)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// zipped is the code of a Lambda as it is uploaded.
func zipped(t *testing.T, bootstrap []byte) []byte {
	t.Helper()
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	header := &zip.FileHeader{Name: "bootstrap"}
	header.SetMode(0o755)
	file, err := archive.CreateHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(bootstrap); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}
