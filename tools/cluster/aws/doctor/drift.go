package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
	"github.com/bbf-build/bbf/tools/doctor"
)

// byDesign are properties that others than CloudFormation set, by the type of their resource: `up` and `down` change how many tasks are to
// run, and the manager makes the log group anew, without tags, when somebody has deleted it.
var byDesign = map[string]string{"AWS::ECS::Service": "/DesiredCount", "AWS::Logs::LogGroup": "/Tags"}

// drifted lets CloudFormation look for what somebody has changed past it. It may take minutes, so it looks at all stacks at once.
func drifted(ctx context.Context, p Patient, _ caller) doctor.Finding {
	s := p.Config.AWS.Stacks
	names := []string{s.Infra, s.Manager, s.Server, s.Workers}
	found, errs := make([]string, len(names)), make([]error, len(names))
	there := 0
	var wg sync.WaitGroup
	for i, name := range names {
		state, err := p.Stacks.Look(ctx, name)
		if err != nil {
			return unchecked(err, "cloudformation:DescribeStacks")
		}
		if !state.Exists() {
			continue
		}
		there++
		wg.Go(func() { found[i], errs[i] = driftOf(ctx, p, name) })
	}
	wg.Wait()
	if there == 0 {
		return warn("not checked: the cluster isn't set up", cluster.Command("setup"))
	}
	for i, err := range errs {
		if err != nil {
			return unchecked(err, "cloudformation:DetectStackDrift")
		}
		if found[i] != "" {
			return warn("changed past CloudFormation: "+found[i],
				"change it back: aws cloudformation describe-stack-resource-drifts --stack-name="+names[i]+" shows how it was; or "+
					cluster.Command("teardown")+" and "+cluster.Command("setup"))
		}
	}
	return ok("nothing has been changed past CloudFormation")
}

// driftOf says what of a stack isn't as the stack made it; "" when all is.
func driftOf(ctx context.Context, p Patient, stack string) (string, error) {
	drifts, err := p.Drift(ctx, stack)
	var words []string
	for _, d := range drifts {
		expected, some := byDesign[d.Type]
		changed := slices.DeleteFunc(slices.Clone(d.Properties), func(path string) bool { return some && strings.HasPrefix(path, expected) })
		switch {
		case d.Deleted:
			words = append(words, describe(stack, d)+" is gone")
		case len(changed) > 0:
			words = append(words, describe(stack, d)+" has another "+strings.Join(changed, ", "))
		}
	}
	return strings.Join(words, "; "), err
}

func describe(stack string, d stacks.Drift) string {
	return fmt.Sprintf("%s/%s (%s)", stack, d.Resource, d.Type)
}
