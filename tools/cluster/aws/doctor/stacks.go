package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
	"github.com/bbf-build/bbf/tools/doctor"
)

func stackStates(ctx context.Context, p Patient, _ caller) doctor.Finding {
	s := p.Config.AWS.Stacks
	names := []string{s.Infra, s.Manager, s.Server, s.Workers}
	var missing []string
	worst := ok("all four are there: " + strings.Join(names, ", "))
	for _, name := range names {
		state, err := p.Stacks.Look(ctx, name)
		if err != nil {
			return unchecked(err, "cloudformation:DescribeStacks")
		}
		if !state.Exists() {
			missing = append(missing, name)
			continue
		}
		if f := stackState(state); f.Verdict != doctor.OK && worst.Verdict != doctor.Fail {
			worst = f
		}
	}
	switch {
	case worst.Verdict != doctor.OK:
		return worst
	case len(missing) == len(names):
		return warn("there are none: the cluster isn't set up", cluster.Command("setup"))
	case len(missing) > 0:
		return fail("not there: "+strings.Join(missing, ", "), cluster.Command("setup")+" makes what is missing")
	}
	return worst
}

// stackState says of a state what leads out of it. Most are led out of by `setup` itself.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
func stackState(s stacks.State) doctor.Finding {
	what := fmt.Sprintf("stack %s is %s", s.Name, s.Status)
	if s.Reason != "" {
		what += ": " + s.Reason
	}
	switch s.Status {
	case types.StackStatusCreateComplete, types.StackStatusUpdateComplete, types.StackStatusImportComplete:
		return ok(what)
	case types.StackStatusUpdateRollbackComplete:
		return warn(what+": its last change failed and was taken back; what was there before works", cluster.Command("setup")+" tries the change again")
	case types.StackStatusRollbackComplete, types.StackStatusRollbackFailed, types.StackStatusCreateFailed:
		return fail(what+": it never came to be", cluster.Command("setup")+" deletes it and makes it again")
	case types.StackStatusUpdateRollbackFailed:
		return fail(what, "put right what the reason names; "+cluster.Command("setup")+" goes on from there")
	case types.StackStatusDeleteFailed:
		return fail(what, cluster.Command("teardown")+" tries again and says what it has to leave behind")
	}
	return warn(what+": it changes just now", "wait, then "+cluster.Command("doctor"))
}
