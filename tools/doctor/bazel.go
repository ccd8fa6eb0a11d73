package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/workspace"
)

var notInWorkspace = warn("not checked: the working directory is in no workspace", "change into the workspace that you want to build")

func inWorkspace(_ context.Context, p Patient) Finding {
	if p.Workspace.Root == "" {
		return notInWorkspace
	}
	return ok(p.Workspace.Root)
}

func bazelVersion(ctx context.Context, p Patient) Finding {
	b := workspace.FindBazel(ctx, p.Workspace, p.Exe)
	switch {
	case !b.Known():
		return warn("Bazel doesn't say which version it is", "make sure that it is 7 or newer: bazel --version")
	case b.Major < 7:
		return fail(fmt.Sprintf("Bazel %v is too old: bbf needs 7 or newer", b), "write 7.7.1 or newer into .bazelversion")
	}
	return ok("Bazel " + b.String())
}

func rcPoints(_ context.Context, p Patient) Finding {
	if p.Workspace.Root == "" {
		return notInWorkspace
	}
	rc, err := p.Workspace.ReadRC()
	up := cluster.Command("up")
	if err != nil {
		return fail(err.Error(), "make it readable, then "+up)
	}
	if rc == nil {
		return fail("there is none, so Bazel doesn't know --config="+workspace.Config, up)
	}
	if !strings.HasPrefix(string(rc), workspace.Marker) {
		return fail("somebody else wrote it", "remove "+p.Workspace.RCPath()+", then "+up)
	}
	points := workspace.EndpointOf(rc)
	switch {
	case points == "" && p.up():
		return fail("it is the one for when bbf is down, but the engine is up: builds run locally", up)
	case points == "":
		return warn("bbf is down: builds run locally", up)
	case points != p.Paths.Endpoint():
		return fail(fmt.Sprintf("it points to %s, but the engine's endpoint is %s", points, p.Paths.Endpoint()), up)
	}
	return ok("points to " + points)
}

func rcImported(_ context.Context, p Patient) Finding {
	if p.Workspace.Root == "" {
		return notInWorkspace
	}
	data, err := os.ReadFile(p.Workspace.Path(".bazelrc"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fail(err.Error(), "make .bazelrc readable")
	}
	if !workspace.Imports(data, p.Workspace.Root) {
		return fail(".bazelrc doesn't import .bbf/bazelrc", cluster.Command("up")+", or add the line: "+workspace.ImportLine)
	}
	return ok(workspace.ImportLine)
}

func moduleKnown(_ context.Context, p Patient) Finding {
	if p.Workspace.Root == "" {
		return notInWorkspace
	}
	if !p.Workspace.KnowsBBF() {
		return warn("the workspace doesn't know bbf, so builds use Bazel's own platform", `add bazel_dep(name = "bbf", version = "…") to MODULE.bazel, then `+cluster.Command("up"))
	}
	return ok("the workspace knows @bbf")
}

func actionEnv(_ context.Context, p Patient) Finding {
	if p.Workspace.Root == "" {
		return notInWorkspace
	}
	leaks := workspace.Leaks(p.Workspace)
	if len(leaks) == 0 {
		return ok("actions see no PATH of yours (--incompatible_strict_action_env)")
	}
	l := leaks[0]
	more := ""
	if len(leaks) > 1 {
		more = fmt.Sprintf(", and %d more", len(leaks)-1)
	}
	return warn(fmt.Sprintf("%s:%d has %s%s: %s", l.File, l.Line, l.Flag, more, l.Why), "remove that flag, or move it to another --config")
}
