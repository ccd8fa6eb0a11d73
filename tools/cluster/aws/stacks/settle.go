package stacks

import (
	"context"
	"fmt"

	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
)

// Settle waits until nothing changes a stack any more, leads it out of a failed rollback, which nobody can plan a change in, and returns how it
// is then: not there, ready for a change, or failed (State.Failed). The states are those of
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
func (c *Client) Settle(ctx context.Context, name string) (State, error) {
	s, err := c.Wait(ctx, name)
	if err != nil || s.Status != types.StackStatusUpdateRollbackFailed {
		return s, err
	}
	if err := c.continueRollback(ctx, s); err != nil {
		return s, err
	}
	if s, err = c.Wait(ctx, name); err == nil && s.Status == types.StackStatusUpdateRollbackFailed {
		err = cluster.WithNext(fmt.Errorf("stack %s can't go back to how it was before its last change: %s", name, s.Reason),
			"put right what the reason names, or let CloudFormation skip it: "+
				"aws cloudformation continue-update-rollback --resources-to-skip RESOURCE --stack-name "+name)
	}
	return s, err
}

// Wait returns the state of a stack once nothing changes it any more, whoever began it.
func (c *Client) Wait(ctx context.Context, name string) (State, error) {
	told := types.StackStatus("")
	for {
		s, err := c.Look(ctx, name)
		if err != nil || !s.busy() {
			return s, err
		}
		if s.Status != told {
			told = s.Status
			c.Progress.Tell(progress.KindStack, name, string(s.Status), "somebody changes it already; waiting")
		}
		if err := c.pause(ctx); err != nil {
			return s, err
		}
	}
}

func (c *Client) continueRollback(ctx context.Context, s State) error {
	op := operation{stack: s, token: newToken()}
	_, err := c.API.ContinueUpdateRollback(ctx, &cfn.ContinueUpdateRollbackInput{StackName: &s.ID, ClientRequestToken: &op.token})
	if err != nil {
		return fmt.Errorf("continuing the rollback of stack %s: %w", s.Name, err)
	}
	_, err = c.follow(ctx, op)
	return err
}
