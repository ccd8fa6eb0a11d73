package deploy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/refusal"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

// again says how to go on after a failure or an interruption.
func again(err error) error {
	if err = refusal.Explain(err); err == nil || cluster.Next(err) != "" {
		return err
	}
	var failed *stacks.Error
	if !errors.As(err, &failed) {
		return cluster.WithNext(err, "run the same command again; it goes on from here")
	}
	reason := failed.Error()
	if strings.Contains(reason, "not authorized to perform") { // CloudFormation acts with the rights of who calls it
		_, next := refusal.Words("AccessDenied", reason)
		return cluster.WithNext(err, next)
	}
	if strings.Contains(reason, "Circuit Breaker") {
		return cluster.WithNext(fmt.Errorf("the tasks of the new definition failed again and again, so the old one is back: %w", err),
			cluster.Command("status")+" says why they failed")
	}
	return cluster.WithNext(err, "put right what the reason names, then run the same command again; it goes on from here")
}
