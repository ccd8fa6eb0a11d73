package function_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/function"
)

// request is a Function URL's event.
func request(method, path, arn, body string) events.LambdaFunctionURLRequest {
	e := events.LambdaFunctionURLRequest{Version: "2.0", RawPath: path, Body: body}
	e.RequestContext.HTTP.Method = method
	if arn != "" {
		e.RequestContext.Authorizer = &events.LambdaFunctionURLRequestContextAuthorizerDescription{
			IAM: &events.LambdaFunctionURLRequestContextAuthorizerIAMDescription{UserARN: arn},
		}
	}
	return e
}

// answer is what came of a request.
type answer struct {
	status int
	body   string
}

func invoke(t *testing.T, f *function.Function, event any) (any, error) {
	t.Helper()
	raw, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return f.Invoke(lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{
		AwsRequestID: "request-1", InvokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:acme-manager",
	}), raw)
}

func call(t *testing.T, f *function.Function, e events.LambdaFunctionURLRequest) answer {
	t.Helper()
	out, err := invoke(t, f, e)
	if err != nil {
		t.Fatal(err)
	}
	r := out.(events.LambdaFunctionURLResponse)
	if r.Headers["content-type"] != "application/json" || !json.Valid([]byte(r.Body)) {
		t.Errorf("not JSON: %+v", r)
	}
	return answer{r.StatusCode, r.Body}
}

// told is the status that an answer is.
func (a answer) told(t *testing.T) api.Status {
	t.Helper()
	var s api.Status
	if err := json.Unmarshal([]byte(a.body), &s); err != nil || a.status != 200 {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return s
}

// refused is the error that an answer is.
func (a answer) refused(t *testing.T) api.Error {
	t.Helper()
	var e api.Error
	if err := json.Unmarshal([]byte(a.body), &e); err != nil || a.status == 200 || e.Code == "" || e.Message == "" {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return e
}
