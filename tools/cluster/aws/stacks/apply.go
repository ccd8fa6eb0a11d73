package stacks

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// Error is a stack that CloudFormation couldn't make or change. It has taken back what it did.
type Error struct {
	Stack    string
	Status   string // of the stack now
	Failures []Failure
}

// Error names the first failure; those after it mostly follow from it.
func (e *Error) Error() string {
	if len(e.Failures) == 0 {
		return fmt.Sprintf("stack %s is in the state %s and CloudFormation gives no reason", e.Stack, e.Status)
	}
	return fmt.Sprintf("stack %s: %s", e.Stack, e.Failures[0])
}

// Apply executes the plan, waits until the stack is done, and returns how it is. When ctx ends before that, CloudFormation goes on.
func (c *Client) Apply(ctx context.Context, s Stack, p *Plan) (State, error) {
	for p.Removes != "" {
		if err := c.Clear(ctx, p); err != nil {
			return p.state, err
		}
		again, err := c.Plan(ctx, s)
		if err != nil {
			return p.state, err
		}
		*p = *again
	}
	if p.changeSet != "" {
		if err := c.execute(ctx, p); err != nil {
			return p.state, err
		}
	}
	state, err := c.Look(ctx, s.Name)
	if err != nil || !s.Protected || state.Protected {
		return state, err
	}
	return state, c.protect(ctx, state, true)
}

func (c *Client) execute(ctx context.Context, p *Plan) error {
	op := operation{stack: p.state, token: newToken()}
	set := p.changeSet
	p.changeSet = "" // whatever comes of it, there is nothing to discard any more
	_, err := c.API.ExecuteChangeSet(ctx, &cfn.ExecuteChangeSetInput{ChangeSetName: &set, StackName: &p.state.ID, ClientRequestToken: &op.token,
		RetainExceptOnCreate: aws.Bool(true)}) // what a failed creation has made is worth nothing, and would be in the way of the next
	if errors.As(err, new(*types.ChangeSetNotFoundException)) || errors.As(err, new(*types.InvalidChangeSetStatusException)) {
		return fmt.Errorf("somebody else has changed stack %s meanwhile, so that what was planned doesn't hold any more: %w", p.Stack, err)
	}
	if err != nil {
		return fmt.Errorf("changing stack %s: %w", p.Stack, err)
	}
	end, err := c.follow(ctx, op)
	if err != nil {
		return err
	}
	switch end.status {
	case types.ResourceStatusCreateComplete, types.ResourceStatusUpdateComplete, types.ResourceStatusImportComplete:
		return nil
	}
	return &Error{p.Stack, string(end.status), end.failures}
}

func (c *Client) protect(ctx context.Context, s State, on bool) error {
	_, err := c.API.UpdateTerminationProtection(ctx, &cfn.UpdateTerminationProtectionInput{StackName: &s.ID, EnableTerminationProtection: &on})
	if err != nil {
		return fmt.Errorf("termination protection of stack %s: %w", s.Name, err)
	}
	return nil
}
