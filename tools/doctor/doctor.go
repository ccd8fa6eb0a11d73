// Package doctor looks for everything that usually goes wrong with bbf on a machine and in a workspace, and says of
// each thing how to mend it. It changes nothing.
package doctor

import (
	"context"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/local"
	"github.com/bbf-build/bbf/tools/workspace"
)

// Verdict is how one check ended.
type Verdict string

// The verdicts: Warn is for what works but isn't as good as it could be, or couldn't be checked.
const (
	OK   Verdict = "ok"
	Warn Verdict = "warn"
	Fail Verdict = "fail"
)

// Finding is what one check found.
type Finding struct {
	Check   string  `json:"check"`
	Verdict Verdict `json:"verdict"`
	Detail  string  `json:"detail"`
	Mend    string  `json:"mend,omitempty"` // what to do; "" when all is well
}

// Patient is what is looked at.
type Patient struct {
	Workspace workspace.Workspace // the zero value when the user is in none
	Exe       string              // the running program
	Paths     local.Paths
	Backend   *local.Backend
	Status    cluster.Status                                   // of the backend
	Sandbox   func() (namespaces, overlay bool, reason string) // tries out what this machine allows
}

type check struct {
	name string
	look func(context.Context, Patient) Finding
}

var checks = []check{
	{"workspace", inWorkspace},
	{"bazel version", bazelVersion},
	{".bbf/bazelrc", rcPoints},
	{".bazelrc import", rcImported},
	{"module", moduleKnown},
	{"action environment", actionEnv},
	{"engine", engineAlive},
	{"engine's sockets", socketsPrivate},
	{"sandbox", sandboxWorks},
	{"disk space", diskSpace},
	{"clock", clockSane},
	{"probe action", probeRuns},
}

// Examine runs all checks, in order, and tells of each finding as it comes.
func Examine(ctx context.Context, p Patient, tell func(Finding)) {
	for _, c := range checks {
		if ctx.Err() != nil {
			return
		}
		f := c.look(ctx, p)
		f.Check = c.name
		tell(f)
	}
}

func ok(detail string) Finding         { return Finding{Verdict: OK, Detail: detail} }
func warn(detail, mend string) Finding { return Finding{Verdict: Warn, Detail: detail, Mend: mend} }
func fail(detail, mend string) Finding { return Finding{Verdict: Fail, Detail: detail, Mend: mend} }

// up reports whether the engine answers.
func (p Patient) up() bool { return p.Status.State == cluster.StateUp && p.Status.Status != nil }

// rc returns the workspace's rc; nil when there is none.
func (p Patient) rc() []byte {
	if p.Workspace.Root == "" {
		return nil
	}
	rc, err := p.Workspace.ReadRC()
	if err != nil {
		return nil
	}
	return rc
}
