package workspace

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Bazel is a version of Bazel. The zero value means that it is not known, which is normal (a Bazel that somebody
// built says nothing): then only flags that 7, 8 and 9 all know may be written.
type Bazel struct{ Major, Minor, Patch int }

// Known reports whether the version was found.
func (b Bazel) Known() bool { return b != Bazel{} }

// AtLeast reports whether b is known and not older than major.minor.
func (b Bazel) AtLeast(major, minor int) bool {
	return b.Known() && (b.Major > major || b.Major == major && b.Minor >= minor)
}

func (b Bazel) String() string {
	if !b.Known() {
		return "unknown"
	}
	return fmt.Sprintf("%d.%d.%d", b.Major, b.Minor, b.Patch)
}

var versionForm = regexp.MustCompile(`^(?:bazel |release )?(\d+)\.(\d+)\.(\d+)`)

// ParseBazel reads what `bazel --version`, build-label.txt or .bazelversion say, and gives the zero value for
// anything else ("latest", "7.x", a commit).
func ParseBazel(s string) Bazel {
	m := versionForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return Bazel{}
	}
	var n [3]int
	for i := range n {
		var err error
		if n[i], err = strconv.Atoi(m[i+1]); err != nil {
			return Bazel{}
		}
	}
	return Bazel{n[0], n[1], n[2]}
}

// FindBazel says which Bazel builds the workspace. It looks, without starting a server, at the output base that the
// running program lies in (`bazel run` started it), then at the one that bazel-out of the workspace leads to, and
// only then asks the bazel of $BAZEL_REAL or $PATH.
func FindBazel(ctx context.Context, w Workspace, exe string) Bazel {
	for _, path := range []string{exe, w.Path("bazel-out")} {
		if resolved, err := filepath.EvalSymlinks(path); err == nil {
			if b := labelOf(resolved); b.Known() {
				return b
			}
		}
	}
	if bin := FindBinary(); bin != "" {
		return AskBazel(ctx, w, bin)
	}
	return Bazel{}
}

// labelOf reads the label of the Bazel in whose output base path lies.
func labelOf(path string) Bazel {
	base, _, found := strings.Cut(path, "/execroot/")
	if !found {
		return Bazel{}
	}
	label, err := os.ReadFile(filepath.Join(base, "install", "build-label.txt"))
	if err != nil {
		return Bazel{}
	}
	return ParseBazel(string(label))
}

// FindBinary returns the Bazel to run, or "".
func FindBinary() string {
	if real := os.Getenv("BAZEL_REAL"); real != "" {
		return real
	}
	for _, name := range []string{"bazel", "bazelisk"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// AskBazel runs `bazel --version`, which needs no server. A bazelisk may have to download first, so there is a limit.
func AskBazel(ctx context.Context, w Workspace, bin string) Bazel {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, "--version")
	cmd.Dir = w.Root
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return Bazel{}
	}
	return ParseBazel(string(out))
}
