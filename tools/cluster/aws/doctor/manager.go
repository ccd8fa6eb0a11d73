package doctor

import (
	"context"
	"fmt"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/doctor"
)

func managerAnswers(ctx context.Context, p Patient, _ caller) doctor.Finding {
	state, err := p.Stacks.Look(ctx, p.Config.AWS.Stacks.Manager)
	if err == nil && !state.Exists() {
		return warn("not checked: the cluster isn't set up", cluster.Command("setup"))
	}
	s, err := p.Manager(ctx)
	if err != nil {
		mend := cluster.Next(err)
		if mend == "" {
			mend = "look at its log: aws logs tail /aws/lambda/" + p.Config.AWS.Function
		}
		return fail(err.Error(), mend)
	}
	switch {
	case s.Caller.Role == api.RoleNone:
		return fail("answers, but gives you no role", "let an admin add you to access in bbf.yaml, and run "+cluster.Command("setup"))
	case s.Problem != "":
		return warn(fmt.Sprintf("answers: the cluster is %s: %s", s.State, s.Problem), cluster.Command("status"))
	}
	return ok(fmt.Sprintf("answers: the cluster is %s, you are %s", s.State, s.Caller.Role))
}
