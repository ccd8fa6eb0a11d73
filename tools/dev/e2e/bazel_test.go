package e2e

import (
	"context"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// result is what a Bazel command said.
type result struct {
	text string // standard output and error
	err  error
}

// limit is how long one Bazel command may take; compiling Go's standard library twice on a busy machine is the longest.
const limit = 15 * time.Minute

// bazel runs a Bazel command in the workspace.
func (w workspace) bazel(t *testing.T, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.machine.bazel, append([]string{"--output_user_root=" + w.bazelRoot(), "--max_idle_secs=60"}, args...)...)
	cmd.Dir, cmd.Env = w.root, append(w.environ(w.cache), w.env...)
	// Interrupted, Bazel ends its actions and its server lives on for the next command.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = 10 * time.Second
	began := time.Now()
	out, err := cmd.CombinedOutput()
	t.Logf("bazel %s: %.1f s", strings.Join(args, " "), time.Since(began).Seconds())
	return result{string(out), err}
}

// mustBazel is bazel for commands that have to succeed.
func (w workspace) mustBazel(t *testing.T, args ...string) result {
	t.Helper()
	r := w.bazel(t, args...)
	if r.err != nil {
		t.Fatalf("bazel %s: %v\n%s", strings.Join(args, " "), r.err, r.text)
	}
	return r
}

// verb runs one of bbf's verbs; bbf itself is compiled once for all workspaces.
func (w workspace) verb(t *testing.T, verb string, args ...string) result {
	t.Helper()
	return w.mustBazel(t, append([]string{"run", "--disk_cache=" + w.compiled(), "@bbf//:" + verb, "--"}, args...)...)
}

// warnings returns the lines in which Bazel warns of something. That it drops its analysis is not one of them: the verb before ran
// without the config, and Bazel says so whenever builds with and without one take turns.
func (r result) warnings() []string {
	var found []string
	for line := range strings.Lines(r.text) {
		if strings.Contains(line, "WARNING:") && !strings.Contains(line, "discarding analysis cache") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}
