package stacks

import (
	"context"
	"fmt"

	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
)

// Delete deletes a stack, and with it what makes it up. What can't be deleted even at the second try is given up, so that the rest goes, and
// returned: it is still there. A stack that isn't there is no error.
func (c *Client) Delete(ctx context.Context, name string) (kept []Failure, err error) {
	s, err := c.Wait(ctx, name)
	if err != nil || s.ID == "" {
		return nil, err
	}
	if s.Protected {
		if err := c.protect(ctx, s, false); err != nil {
			return nil, err
		}
	}
	return c.remove(ctx, s, true)
}

// Clear deletes the failed stack that a plan has found in its way, if it has, so that the stack can be planned again.
func (c *Client) Clear(ctx context.Context, p *Plan) error {
	if p.Removes == "" {
		return nil
	}
	c.Progress.Tell(progress.KindStack, p.Stack, p.Removes, "is deleted, to be made again")
	_, err := c.remove(ctx, p.state, false)
	return err
}

// remove deletes a stack in two tries, and in a third, if giveUp is set, without what failed in the second.
func (c *Client) remove(ctx context.Context, s State, giveUp bool) ([]Failure, error) {
	var end ended
	var err error
	for range 2 {
		if end, err = c.removeOnce(ctx, s, nil); err != nil || end.status == types.ResourceStatusDeleteComplete {
			return nil, err
		}
	}
	if !giveUp || len(end.failures) == 0 {
		return nil, cluster.WithNext(fmt.Errorf("deleting: %w", &Error{s.Name, string(end.status), end.failures}),
			"put right what the reason names and run the same command again")
	}
	kept := end.failures
	var ids []string
	for _, f := range kept {
		ids = append(ids, f.Resource)
	}
	if end, err = c.removeOnce(ctx, s, ids); err != nil {
		return nil, err
	}
	if end.status != types.ResourceStatusDeleteComplete {
		return nil, fmt.Errorf("deleting: %w", &Error{s.Name, string(end.status), end.failures})
	}
	return kept, nil
}

func (c *Client) removeOnce(ctx context.Context, s State, retain []string) (ended, error) {
	op := operation{stack: s, token: newToken()}
	_, err := c.API.DeleteStack(ctx, &cfn.DeleteStackInput{StackName: &s.ID, ClientRequestToken: &op.token, RetainResources: retain})
	if err != nil {
		return ended{}, fmt.Errorf("deleting stack %s: %w", s.Name, err)
	}
	if s.Status == types.StackStatusReviewInProgress {
		// It has nothing in it and is gone at once.
		return ended{status: types.ResourceStatusDeleteComplete}, nil
	}
	return c.follow(ctx, op)
}
