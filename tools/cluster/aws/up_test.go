package aws_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws"
)

func TestUp(t *testing.T) {
	tasks := func(taskState string) func(*api.Status) {
		return func(s *api.Status) {
			s.Workers.Tasks = []api.Task{{ID: "0123456789", State: taskState, Zone: "eu-west-1a"}}
		}
	}
	c := newCloud(t, status(api.StateStarting, 0, 0), status(api.StateStarting, 0, 0, tasks(api.TaskPulling)), status(api.StateStarting, 0, 0), status(api.StateStarting, 0, 0),
		status(api.StateStarting, 1, 0, tasks(api.TaskRunning)), status(api.StateUp, 1, 1), status(api.StateUp, 1, 2))
	var told []string
	res, err := c.cluster(t, t.TempDir()).Up(t.Context(), aws.UpRequest{Progress: func(e aws.Event) { told = append(told, e.Name+": "+e.State) }})
	if err != nil {
		t.Fatal(err)
	}
	if !res.Started || res.Endpoint != "grpcs://198.51.100.1:8980" || res.Workers.Running != 2 || res.TookSeconds <= 0 {
		t.Errorf("%+v", res)
	}
	if want := []string{"POST /up", "GET /status?tasks=true", "GET /status", "GET /status?tasks=true", "GET /status", "GET /status?tasks=true", "GET /status?tasks=true"}; !slices.Equal(c.asked, want) {
		t.Errorf("asked %q", c.asked)
	}
	for _, want := range []string{"workers: 0 of 2 running", "worker 01234567: pulling", "worker 01234567: running", "server: 1 of 1 running", "workers: 2 of 2 running"} {
		if !slices.Contains(told, want) {
			t.Errorf("%q isn't in %q", want, told)
		}
	}
}

func TestUpOfWhatIsUp(t *testing.T) {
	c := newCloud(t, status(api.StateUp, 1, 2))
	aws.SetSecond(time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	res, err := c.cluster(t, t.TempDir()).Up(ctx, aws.UpRequest{})
	if err != nil || res.Started || res.Endpoint == "" || !slices.Equal(c.asked, []string{"POST /up"}) {
		t.Errorf("%+v, %v, asked %q", res, err, c.asked)
	}
}

func TestUpWithMoreTasksThanTheManagerLooksAt(t *testing.T) {
	some := func(id string) func(*api.Status) {
		return func(s *api.Status) { s.Workers.Tasks = []api.Task{{ID: id, State: api.TaskRunning}} }
	}
	c := newCloud(t, status(api.StateStarting, 0, 0), status(api.StateStarting, 0, 2, some("11111111")), status(api.StateUp, 1, 2, some("22222222")))
	_, err := c.cluster(t, t.TempDir()).Up(t.Context(), aws.UpRequest{Progress: func(e aws.Event) {
		if e.State == aws.TaskStopped {
			t.Errorf("%s, which the manager hasn't looked at again, is said to be stopped", e.Name)
		}
	}})
	if err != nil {
		t.Error(err)
	}
}

func TestUpThatCannotSucceed(t *testing.T) {
	problem := func(s *api.Status) { s.Problem = "workers: the image can't be pulled" }
	for name, test := range map[string]struct {
		statuses   []api.Status
		says, next string
	}{
		"WhenTasksFail":             {[]api.Status{status(api.StateStarting, 0, 0), status(api.StateFailing, 0, 0, problem)}, "the image can't be pulled", "bbf status"},
		"WhenSomebodyTakesItDown":   {[]api.Status{status(api.StateStarting, 0, 0), status(api.StateStopping, 0, 0)}, "somebody has taken the cluster down", "bbf up"},
		"WhenItTakesTooLong":        {[]api.Status{status(api.StateStarting, 0, 0)}, "still starting: 0 of 1 servers", "bbf status"},
		"WhenItTakesTooLongToScale": {[]api.Status{status(api.StateUp, 1, 1)}, "1 of 2 workers run", "bbf status"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newCloud(t, test.statuses...).cluster(t, t.TempDir()).Up(t.Context(), aws.UpRequest{Patience: 50 * time.Millisecond})
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(cluster.Next(err), test.next) {
				t.Errorf("%v; next: %s", err, cluster.Next(err))
			}
		})
	}
}

func TestUpTakesWhatItCanGet(t *testing.T) {
	short := status(api.StateUp, 1, 1, func(s *api.Status) { s.Problem = "workers: no capacity in eu-west-1" })
	res, err := newCloud(t, status(api.StateStarting, 0, 0), short).cluster(t, t.TempDir()).Up(t.Context(), aws.UpRequest{})
	if err != nil || !slices.ContainsFunc(res.Notes, func(n string) bool { return strings.Contains(n, "1 of 2 workers run: workers: no capacity") }) {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestUpInterrupted(t *testing.T) {
	c := newCloud(t, status(api.StateStarting, 0, 0))
	ctx, cancel := context.WithCancel(t.Context())
	c.onCall = func(n int) {
		if n == 2 {
			cancel()
		}
	}
	_, err := c.cluster(t, t.TempDir()).Up(ctx, aws.UpRequest{})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "the cluster goes on starting") || !strings.Contains(cluster.Next(err), "bbf down takes it down") {
		t.Errorf("%v; next: %s", err, cluster.Next(err))
	}
}

func TestUpNotesWhatDiffers(t *testing.T) {
	c := newCloud(t, status(api.StateUp, 1, 2))
	note := func() string {
		res, err := c.cluster(t, t.TempDir()).Up(t.Context(), aws.UpRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(res.Notes, "\n")
	}
	if got := note(); !strings.Contains(got, "nothing is deployed") {
		t.Errorf("without a deployed configuration: %q", got)
	}
	c.deployed = &state.Deployed{Config: *c.config(), By: "arn:aws:iam::1:user/ann", At: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)}
	if got := note(); got != "" {
		t.Errorf("the same: %q", got)
	}
	c.deployed.Config.Workers.Max = 40
	if got := note(); !strings.Contains(got, "workers.max 10 here, 40 there; deployed by arn:aws:iam::1:user/ann on 2026-11-20") {
		t.Errorf("different: %q", got)
	}
	c.denied = true
	if got := note(); got != "bbf.yaml wasn't compared with what is deployed: you may not read s3://acme-builds/bbf/acme/config.json (s3:GetObject)" {
		t.Errorf("unreadable: %q", got)
	}
}
