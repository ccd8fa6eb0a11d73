package aws_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/bbf-build/bbf/infra/manager/fleet"
	"github.com/bbf-build/bbf/infra/manager/function"
	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
	"github.com/bbf-build/bbf/tools/cluster/aws"
)

// ann is who calls in these tests.
const ann = "arn:aws:iam::123456789012:user/ann"

// shells is a cluster with the real manager, in an account in which tasks come and go only when a test says so.
type shells struct {
	*cloud
	account *testcloud.Cloud
	root    string
}

func newShells(t *testing.T) *shells {
	s := &shells{cloud: newCloud(t), account: testcloud.New(t), root: t.TempDir()}
	s.account.Save(state.ConfigKey(testcloud.Cluster), state.Deployed{Config: *s.config(), By: ann})
	f := &function.Function{
		Cluster: testcloud.Cluster,
		Fleet: fleet.New(s.account, s.account, s.account, fleet.Names{Cluster: testcloud.Cluster, Server: testcloud.Server,
			Workers: testcloud.Workers, LogGroup: testcloud.LogGroup}),
		Store: state.New(s.account, testcloud.Bucket, testcloud.Cluster, time.Now),
		Log:   slog.New(slog.DiscardHandler), Now: time.Now,
		Sleep: func(ctx context.Context, d time.Duration) error { return function.Sleep(ctx, d/50) },
	}
	s.manager = functionURL(t, f)
	return s
}

// functionURL hands requests to a function as Lambda does.
func functionURL(t *testing.T, f *function.Function) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e := events.LambdaFunctionURLRequest{Version: "2.0", RawPath: strings.TrimPrefix(r.URL.Path, "/manager"), Body: string(body), QueryStringParameters: map[string]string{}}
		for k := range r.URL.Query() {
			e.QueryStringParameters[k] = r.URL.Query().Get(k)
		}
		e.RequestContext.HTTP.Method = r.Method
		e.RequestContext.Authorizer = &events.LambdaFunctionURLRequestContextAuthorizerDescription{
			IAM: &events.LambdaFunctionURLRequestContextAuthorizerIAMDescription{UserARN: ann}}
		event, _ := json.Marshal(e)
		out, err := f.Invoke(r.Context(), event)
		if err != nil {
			t.Error(err)
			return
		}
		answer := out.(events.LambdaFunctionURLResponse)
		w.WriteHeader(answer.StatusCode)
		io.WriteString(w, answer.Body)
	}
}

// settle lets all tasks come and go that are to.
func (s *shells) settle() {
	s.account.Edit(func() { s.account.Settle(testcloud.Server); s.account.Settle(testcloud.Workers) })
}

func (s *shells) up(t *testing.T, workers int) (aws.UpResult, error) {
	return s.cluster(t, s.root).Up(t.Context(), aws.UpRequest{Workers: &workers})
}

func (s *shells) down(t *testing.T, to int) (aws.DownResult, error) {
	return s.cluster(t, s.root).Down(t.Context(), aws.DownRequest{To: to})
}

// whileWaiting does something once the other shell, which begins after this call, has looked twice after it asked.
func (s *shells) whileWaiting(asked string, do func()) {
	looks := -1
	s.onCall = func(int) {
		switch last := s.asked[len(s.asked)-1]; {
		case strings.HasSuffix(last, asked):
			looks = 0
		case looks >= 0:
			if looks++; looks == 2 {
				s.onCall = nil
				do()
			}
		}
	}
}
