package main_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/bbf-build/bbf/infra/manager/api"
)

// answer is what came of a call.
type answer struct {
	status int
	body   string
	took   time.Duration
}

// call sends a request to the manager, signed unless there are no keys.
func (r *rig) call(t *testing.T, keys aws.Credentials, method, path, body string) answer {
	t.Helper()
	return r.send(t, keys, method, r.url+path, body)
}

func (r *rig) send(t *testing.T, keys aws.Credentials, method, url, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if keys.HasKeys() {
		sum := sha256.Sum256([]byte(body))
		if err := v4.NewSigner().SignHTTP(t.Context(), keys, req, hex.EncodeToString(sum[:]), "lambda", r.Region, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	resp, err := r.HTTPClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, string(data), time.Since(start)}
}

// told is the status that an answer is.
func (a answer) told(t *testing.T) (s api.Status) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &s); err != nil || a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	return s
}

// refused is the error that an answer is.
func (a answer) refused(t *testing.T) (e api.Error) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &e); err != nil || a.status == http.StatusOK || e.Code == "" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	return e
}

// tick does what the schedule does, as the account's root user.
func (r *rig) tick(t *testing.T) {
	t.Helper()
	a := r.send(t, r.Root(), http.MethodPost, r.Endpoint+"/2015-03-31/functions/acme-manager/invocations", `{"bbf":"tick"}`)
	if a.status != http.StatusOK || strings.Contains(a.body, "error") {
		t.Fatalf("%d %s", a.status, a.body)
	}
}
