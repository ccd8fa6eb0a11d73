package issued_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/issued"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/signing"
	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

var rita = certificates.Identity{Cluster: testcloud.Cluster, Role: certificates.RoleReader, Name: "arn:aws:iam::123456789012:user/rita"}

// manage is a manager that takes everybody for rita.
func manage(t *testing.T) http.HandlerFunc {
	store := state.New(testcloud.New(t), testcloud.Bucket, testcloud.Cluster, time.Now)
	signer := signing.Signer{Objects: store, Cluster: testcloud.Cluster, Validity: time.Hour}
	return func(w http.ResponseWriter, r *http.Request) {
		if a := r.Header.Get("Authorization"); r.Method != http.MethodPost || r.URL.Path != "/certificate" || !strings.Contains(a, "/eu-west-1/lambda/aws4_request") {
			t.Errorf("%s %s is signed with %s", r.Method, r.URL, a)
		}
		body, err := io.ReadAll(r.Body)
		var in api.CertificateRequest
		if err = errors.Join(err, json.Unmarshal(body, &in)); err != nil || strings.Contains(string(body), "PRIVATE") {
			t.Errorf("got %s, %v", body, err)
		}
		reply, err := signer.Sign(r.Context(), signing.Request{CSR: []byte(in.CSR), Identity: rita, Validity: time.Hour, Now: time.Now()})
		if err != nil {
			t.Error(err)
		}
		json.NewEncoder(w).Encode(reply)
	}
}

func keeper(t *testing.T, h http.HandlerFunc, keys aws.CredentialsProvider) *certificates.Keeper {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	client := &issued.Client{URL: s.URL + "/", Region: "eu-west-1", Credentials: keys}
	asked := certificates.Identity{Cluster: testcloud.Cluster, Role: certificates.RoleBuilder, Name: "me"}
	return certificates.NewKeeper(issued.New(client), asked, certificates.KeeperOptions{})
}

var keys = credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")

func TestIssued(t *testing.T) {
	k := keeper(t, manage(t), keys)
	if err := k.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	// A builder was asked for, and it is a reader who asked.
	if b, err := k.Current(); err != nil || b.Identity != rita {
		t.Errorf("got %+v, %v", b, err)
	}
}

func TestRefused(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); io.WriteString(w, body) }
	}
	none := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, errors.New("no profile") })
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		keys   aws.CredentialsProvider
		want   string
	}{
		"ByTheManager":  {answer(403, `{"code": "forbidden", "message": "x has no role"}`), keys, "the manager refuses a certificate: x has no role"},
		"ByIAM":         {answer(403, `{"Message": "Forbidden"}`), keys, "IAM doesn't let"},
		"ByLambda":      {answer(502, `Internal Server Error`), keys, "502 Bad Gateway"},
		"ByAnAnswer":    {answer(200, `hello`), keys, "can't be read"},
		"NoCertificate": {answer(200, `{}`), keys, "of no use"},
		"NoCredentials": {answer(200, `{}`), none, "no credentials to call the manager with: no profile"},
		"NoProvider":    {answer(200, `{}`), nil, "no credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := keeper(t, c.answer, c.keys).Renew(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("Unreachable", func(t *testing.T) {
		client := &issued.Client{URL: "http://127.0.0.1:1", Region: "eu-west-1", Credentials: keys}
		if _, err := client.Certificate(t.Context(), api.CertificateRequest{}); err == nil || !strings.Contains(err.Error(), "can't be reached") {
			t.Errorf("got %v", err)
		}
	})
}
