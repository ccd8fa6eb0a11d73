package engine_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

func TestExecute(t *testing.T) {
	k := start(t, nil)

	t.Run("WhenItSucceedsItIsCached", func(t *testing.T) {
		a := shell("cat in/a > out/b; echo said; echo warned >&2", "out/b").with(files{"in/a": "hello"})
		r := k.run(a)
		if r.GetCachedResult() || r.GetResult().GetExitCode() != 0 || k.output(r, "out/b") != "hello" {
			t.Fatal(r)
		}
		if string(r.GetResult().GetStdoutRaw()) != "said\n" || k.get(r.GetResult().GetStderrDigest()) != "warned\n" {
			t.Fatal(r)
		}
		if r := k.run(a); !r.GetCachedResult() || k.output(r, "out/b") != "hello" {
			t.Fatal(r)
		}
		a.skip = true
		if r := k.run(a); r.GetCachedResult() {
			t.Fatal(r)
		}
	})

	t.Run("WhenItFailsItIsReturnedAndNotCached", func(t *testing.T) {
		a := shell("echo no >&2; echo part > out; exit 3", "out")
		for range 2 {
			r := k.run(a)
			if r.GetCachedResult() || r.GetResult().GetExitCode() != 3 || string(r.GetResult().GetStderrRaw()) != "no\n" || k.output(r, "out") != "part\n" {
				t.Fatal(r)
			}
		}
	})

	t.Run("WhenItMustNotBeCached", func(t *testing.T) {
		a := shell("true")
		a.DoNotCache = true
		for range 2 {
			if r := k.run(a); r.GetCachedResult() || r.GetResult().GetExitCode() != 0 {
				t.Fatal(r)
			}
		}
	})

	t.Run("WhenItTakesLongerThanItsTimeout", func(t *testing.T) {
		a := shell("echo begun; sleep 100")
		a.Timeout = durationpb.New(200 * time.Millisecond)
		r := k.run(a)
		if codes.Code(r.GetStatus().GetCode()) != codes.DeadlineExceeded || string(r.GetResult().GetStdoutRaw()) != "begun\n" {
			t.Fatal(r)
		}
	})

	t.Run("WhenTheEnvironmentIsSent", func(t *testing.T) {
		r := k.run(shell("env"))
		got := strings.Fields(string(r.GetResult().GetStdoutRaw()))
		for _, v := range got {
			if !strings.HasPrefix(v, "PATH=/bin:/usr/bin") && !strings.HasPrefix(v, "PWD=") { // the shell itself sets PWD
				t.Errorf("leaked: %q", v)
			}
		}
	})

	t.Run("WhenAllTimesAreKnown", func(t *testing.T) {
		m := k.run(shell("sleep 0.05")).GetResult().GetExecutionMetadata()
		order := []time.Time{
			m.GetQueuedTimestamp().AsTime(), m.GetWorkerStartTimestamp().AsTime(), m.GetInputFetchStartTimestamp().AsTime(),
			m.GetInputFetchCompletedTimestamp().AsTime(), m.GetExecutionStartTimestamp().AsTime(), m.GetExecutionCompletedTimestamp().AsTime(),
			m.GetOutputUploadStartTimestamp().AsTime(), m.GetOutputUploadCompletedTimestamp().AsTime(), m.GetWorkerCompletedTimestamp().AsTime(),
		}
		for i := range order[1:] {
			if order[i].Unix() < 1e9 || order[i+1].Before(order[i]) {
				t.Errorf("time %d is %v, the next %v", i, order[i], order[i+1])
			}
		}
		if ran := order[5].Sub(order[4]); m.GetWorker() == "" || ran < 50*time.Millisecond {
			t.Errorf("worker %q, ran for %v", m.GetWorker(), ran)
		}
	})

	t.Run("WhenTheProgramIsMissing", func(t *testing.T) {
		a := shell("")
		a.Arguments = []string{"no/such/program"}
		r := k.run(a)
		if r.GetResult().GetExitCode() != 127 || !strings.Contains(string(r.GetResult().GetStderrRaw()), "no/such/program") {
			t.Fatal(r)
		}
	})

	t.Run("WhenBlobsAreMissingEachIsNamed", func(t *testing.T) {
		gone := []*repb.Digest{digest.Of([]byte("gone 1")).Proto(), digest.Of([]byte("gone 2")).Proto()}
		a := shell("true")
		a.InputRootDigest = k.message(&repb.Directory{
			Files:       []*repb.FileNode{{Name: "f", Digest: gone[0]}},
			Directories: []*repb.DirectoryNode{{Name: "d", Digest: gone[1]}},
		})
		r := k.run(a)
		checkMissing(t, status.FromProto(r.GetStatus()), gone...)
	})

	t.Run("WhenTheActionIsMissing", func(t *testing.T) {
		d := digest.Of([]byte("no action")).Proto()
		r, err := k.execute(t.Context(), d, false)
		if err != nil {
			t.Fatal(err)
		}
		checkMissing(t, status.FromProto(r.GetStatus()), d)
	})

	t.Run("WhenArgumentsAreBad", func(t *testing.T) {
		for field, change := range map[string]func(*action){
			"arguments":             func(a *action) { a.Arguments = nil },
			"environment_variables": func(a *action) { a.EnvironmentVariables[0].Name = "A=B" },
			"output_paths":          func(a *action) { a.OutputPaths = []string{"../x"} },
			"timeout":               func(a *action) { a.Timeout = durationpb.New(-1) },
			"network":               func(a *action) { a.Action.Platform = properties("network", "sometimes") },
			"command_digest":        func(a *action) { a.CommandDigest = &repb.Digest{Hash: "x"} },
			"working_directory":     func(a *action) { a.WorkingDirectory = "/etc" },
		} {
			a := shell("true")
			change(a)
			r := k.run(a)
			if codes.Code(r.GetStatus().GetCode()) != codes.InvalidArgument || !strings.Contains(r.GetStatus().GetMessage(), field) {
				t.Errorf("%s: %v", field, r)
			}
		}
	})
}

func properties(pairs ...string) *repb.Platform {
	p := &repb.Platform{}
	for i := 0; i < len(pairs); i += 2 {
		p.Properties = append(p.Properties, &repb.Platform_Property{Name: pairs[i], Value: pairs[i+1]})
	}
	return p
}

func checkMissing(t *testing.T, s *status.Status, want ...*repb.Digest) {
	t.Helper()
	got := map[string]bool{}
	for _, d := range s.Details() {
		for _, v := range d.(*errdetails.PreconditionFailure).GetViolations() {
			got[v.GetType()+" "+v.GetSubject()] = true
		}
	}
	for _, d := range want {
		if subject := fmt.Sprintf("MISSING blobs/%s/%d", d.GetHash(), d.GetSizeBytes()); !got[subject] {
			t.Errorf("%s is not in %v", subject, got)
		}
	}
	if s.Code() != codes.FailedPrecondition || len(got) != len(want) {
		t.Errorf("%v with %d violations, want %d", s, len(got), len(want))
	}
}

func TestInFlight(t *testing.T) {
	marks := t.TempDir()
	k := start(t, func(c *engine.Config) { c.NoSandbox = true }) // so that an action can leave a mark

	t.Run("WhenEqualActionsAreAskedForAtOnce", func(t *testing.T) {
		count := filepath.Join(marks, "count")
		a := k.upload(shell("echo x >> " + count + "; sleep 0.3; wc -l < " + count))
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				r, err := k.execute(t.Context(), a, false)
				if err != nil || strings.TrimSpace(string(r.GetResult().GetStdoutRaw())) != "1" {
					t.Error(r, err)
				}
			})
		}
		all.Wait()
	})

	t.Run("WhenNobodyWaitsAnyMore", func(t *testing.T) {
		begun, ended := filepath.Join(marks, "begun"), filepath.Join(marks, "ended")
		a := k.upload(shell("echo > " + begun + "; sleep 3; echo > " + ended))
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error)
		go func() { _, err := k.execute(ctx, a, false); failed <- err }()
		eventually(t, "the action runs", func() bool { return exists(begun) })
		cancel()
		if err := <-failed; status.Code(err) != codes.Canceled {
			t.Fatal(err)
		}
		asked := time.Now()
		eventually(t, "nothing runs", func() bool { return len(k.engine.Status().Running) == 0 })
		if d := time.Since(asked); d > 2*time.Second || exists(ended) {
			t.Fatalf("the action was not stopped but ended, after %v", d)
		}
		// And the next one who asks gets a fresh execution.
		r, err := k.execute(t.Context(), a, false)
		if err != nil || r.GetResult().GetExitCode() != 0 || !exists(ended) {
			t.Fatal(r, err)
		}
	})

	t.Run("WhenAClientComesBackWithTheName", func(t *testing.T) {
		begun := filepath.Join(marks, "begun2")
		a := k.upload(shell("echo > " + begun + "; sleep 0.5; echo done"))
		ctx, cancel := context.WithCancel(t.Context())
		stream, err := k.execution.Execute(ctx, &repb.ExecuteRequest{ActionDigest: a})
		if err != nil {
			t.Fatal(err)
		}
		o, err := stream.Recv()
		if err != nil || o.GetName() == "" {
			t.Fatal(o, err)
		}
		eventually(t, "the action runs", func() bool { return exists(begun) })
		again, err := k.execution.WaitExecution(t.Context(), &repb.WaitExecutionRequest{Name: o.GetName()})
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if r, err := last(again); err != nil || string(r.GetResult().GetStdoutRaw()) != "done\n" {
			t.Fatal(r, err)
		}
		// It can still be asked for after its end.
		after, err := k.execution.WaitExecution(t.Context(), &repb.WaitExecutionRequest{Name: o.GetName()})
		if err != nil {
			t.Fatal(err)
		}
		if r, err := last(after); err != nil || string(r.GetResult().GetStdoutRaw()) != "done\n" {
			t.Fatal(r, err)
		}
	})

	t.Run("WhenAnUnknownNameIsWaitedFor", func(t *testing.T) {
		stream, err := k.execution.WaitExecution(t.Context(), &repb.WaitExecutionRequest{Name: "operations/none"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stream.Recv(); status.Code(err) != codes.NotFound {
			t.Fatal(err)
		}
	})
}
