package manager_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/manager"
)

// serve starts a Function URL that answers so, one handler a call, the last one for all further calls.
func serve(t *testing.T, answers ...http.HandlerFunc) (*manager.Client, *atomic.Int64) {
	var calls atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers[min(int(calls.Add(1)), len(answers))-1](w, r)
	}))
	t.Cleanup(s.Close)
	return &manager.Client{URL: s.URL + "/", Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", "session"),
		HTTP: s.Client(), Pause: time.Millisecond}, &calls
}

func answer(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestUpIsSignedAndDecoded(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if got := r.Method + " " + r.URL.Path + " " + string(body); got != `POST /up {"workers":3}` {
			t.Errorf("called %s", got)
		}
		auth := r.Header.Get("Authorization")
		for _, part := range []string{"Credential=AKIA/", "/eu-west-1/lambda/aws4_request", "x-amz-content-sha256", "x-amz-security-token"} {
			if !strings.Contains(auth, part) {
				t.Errorf("%q isn't in the signature %q", part, auth)
			}
		}
		io.WriteString(w, `{"cluster":"acme","state":"starting"}`)
	})
	three := 3
	s, err := c.Up(t.Context(), api.UpRequest{Workers: &three})
	if err != nil || s.Cluster != "acme" || s.State != api.StateStarting {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestStatusAsksForTasks(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, `{"problem":"`+r.URL.RawQuery+`"}`) })
	for tasks, want := range map[bool]string{true: "tasks=true", false: ""} {
		if s, err := c.Status(t.Context(), tasks); err != nil || s.Problem != want {
			t.Errorf("%v: %+v, %v", tasks, s, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	late := time.Now().Add(6*time.Minute + 30*time.Second).UTC().Format(http.TimeFormat)
	for name, test := range map[string]struct {
		answer     http.HandlerFunc
		says, next string
		calls      int64
		stale      bool
	}{
		"TheRoleIsTooLow": {answer(403, `{"code":"forbidden","message":"up needs the role builder","next":"ask ann","needed":"builder"}`), "up needs the role builder", "ask ann", 1, false},
		"IAM":             {answer(403, `{"Message":"Forbidden"}`, "X-Amzn-Errortype", "AccessDeniedException"), "needs lambda:InvokeFunctionUrl", "docs/aws.md", 1, true},
		"IAMWithoutACode": {answer(403, `{"Message":null}`), "needs lambda:InvokeFunctionUrl", "docs/aws.md", 1, true},
		"WrongSecret":     {answer(403, `{"message":"The request signature we calculated does not match the signature you provided."}`), "secret access key doesn't fit", "aws configure", 1, true},
		"ExpiredSession":  {answer(403, `{"message":"The security token included in the request is expired"}`), "session has expired", "aws sso login", 1, true},
		"SlowClock":       {answer(403, `{"message":"Signature expired: 2 is now earlier than 1"}`, "Date", late), "is 6m", "set the clock", 1, true},
		"Throttled":       {answer(429, `{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded"}`), "called too often", "wait a minute", 5, false},
		"Crashes":         {answer(502, "Internal Server Error"), "HTTP 502", "doctor", 5, false},
		"ItsOwnFailure":   {answer(500, `{"code":"internal","message":"ECS is away","next":"wait"}`), "ECS is away", "wait", 1, false},
		"NotThere":        {answer(404, ""), "HTTP 404", "doctor", 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			c, calls := serve(t, test.answer)
			_, err := c.Status(t.Context(), false)
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(cluster.Next(err), test.next) {
				t.Errorf("%v; next: %s", err, cluster.Next(err))
			}
			if calls.Load() != test.calls {
				t.Errorf("%d calls, want %d", calls.Load(), test.calls)
			}
			if manager.Stale(err) != test.stale {
				t.Errorf("stale: %v", !test.stale)
			}
		})
	}
}

func TestRoleThatWasNeeded(t *testing.T) {
	c, _ := serve(t, answer(403, `{"code":"forbidden","message":"no","needed":"admin"}`))
	_, err := c.Up(t.Context(), api.UpRequest{Force: true})
	var e *manager.Error
	if !errors.As(err, &e) || e.Answer.Needed != api.RoleAdmin {
		t.Errorf("%v", err)
	}
}

func TestKilledInTheMiddle(t *testing.T) {
	c, calls := serve(t, answer(502, "Internal Server Error"), answer(200, `{"state":"up"}`))
	if s, err := c.Up(t.Context(), api.UpRequest{}); err != nil || s.State != api.StateUp || calls.Load() != 2 {
		t.Errorf("%+v, %v after %d calls", s, err, calls.Load())
	}
}

func TestDialOverrideKeepsTheName(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, `{"problem":"`+r.Host+`"}`) })
	t.Setenv(manager.DialOverride, strings.TrimSuffix(strings.TrimPrefix(c.URL, "http://"), "/"))
	c.URL, c.HTTP = "https://abc.lambda-url.eu-west-1.on.aws/", manager.NewHTTP()
	if s, err := c.Status(t.Context(), false); err != nil || s.Problem != "abc.lambda-url.eu-west-1.on.aws" {
		t.Errorf("%+v, %v", s, err)
	}
}
