package doctor

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/workspace"
)

// remoteProcess is how Bazel counts, in its last lines, an action that ran on the engine.
var remoteProcess = regexp.MustCompile(`(?m)^INFO: .*\b[1-9]\d* remote\b`)

// Deep builds one small target with a real Bazel in a scratch workspace, with the rc that `up` writes, in an output
// base of its own. The scratch workspace asks for no modules; what Bazel itself asks for comes from where the user's
// workspace gets it. It takes some seconds, for Bazel has to start.
func Deep(ctx context.Context, p Patient) (f Finding) {
	defer func() { f.Check = "build with Bazel" }()
	if !p.up() {
		return engineDown
	}
	bazel := workspace.FindBinary()
	if bazel == "" {
		return warn("not checked: no bazel is on the PATH", "set BAZEL_REAL to one")
	}
	dir, err := filepath.EvalSymlinks(p.Paths.Cache)
	if err != nil {
		return fail(err.Error(), cluster.Command("up"))
	}
	dir = filepath.Join(dir, "doctor")
	w := workspace.Workspace{Root: filepath.Join(dir, "workspace")}
	if err := scratch(w, p); err != nil {
		return fail("no scratch workspace could be made: "+err.Error(), "look at the disk of "+dir)
	}
	startup := []string{"--output_base=" + filepath.Join(dir, "output"), "--max_idle_secs=5"}
	out, err := bazelIn(ctx, w, bazel, append(startup, "build", "--config="+workspace.Config, "--color=no", "--curses=no", ":probe")...)
	if err != nil && strings.Contains(string(out), "registry") {
		return warn("not checked, for Bazel could not start there: "+lastLine(out), "make a registry reachable, or name one in .bazelrc: common --registry=…")
	}
	if err != nil {
		return fail(fmt.Sprintf("%v: %s", err, lastLine(out)), "look at what it says: (cd "+w.Root+" && "+bazel+" "+strings.Join(startup, " ")+" build --config="+workspace.Config+" :probe)")
	}
	if !remoteProcess.Match(out) {
		return fail("Bazel built it, but not on the engine: "+lastLine(out), cluster.Command("up"))
	}
	return ok("Bazel executed an action on the engine")
}

func scratch(w workspace.Workspace, p Patient) error {
	if err := os.MkdirAll(w.Root, 0o700); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"MODULE.bazel": "", ".bazelrc": registries(p.Workspace),
		"BUILD": `genrule(name = "probe", outs = ["out"], cmd = "echo ` + rand.Text() + ` > $@")` + "\n",
	} {
		if err := os.WriteFile(w.Path(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	if _, err := w.Write(workspace.RC{Endpoint: p.Paths.Endpoint(), Slots: p.Status.Slots}, workspace.Cluster{Schema: 1, Backend: "local", Cluster: "local"}); err != nil {
		return err
	}
	_, err := w.EnsureImport()
	return err
}

func registries(w workspace.Workspace) string {
	if w.Root == "" {
		return ""
	}
	var rc strings.Builder
	for _, flag := range workspace.Registries(w) {
		fmt.Fprintf(&rc, "common %s\n", flag)
	}
	return rc.String()
}

func bazelIn(ctx context.Context, w workspace.Workspace, bazel string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, bazel, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = w.Root, &out, &out
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	return out.Bytes(), err
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, l := range lines {
		if strings.HasPrefix(l, "ERROR:") {
			return l
		}
	}
	return lines[len(lines)-1]
}
