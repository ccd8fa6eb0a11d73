package stacks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// The actions of a Plan.
const (
	ActionCreate = "create"
	ActionUpdate = "update"
	ActionNone   = "none"
)

// Plan is what Apply will change.
type Plan struct {
	Stack   string   `json:"stack"`
	Action  string   `json:"action"`
	Changes []Change `json:"changes,omitempty"`
	Before  State    `json:"-"`

	Outlined bool   `json:"outlined,omitempty"` // by Outline: there is no change set
	Removes  string `json:"removes,omitempty"`  // the state of a failed stack of that name, which is deleted first

	state     State  // with the ID of a stack that has only a change set yet
	changeSet string // ID; "" when there is nothing to execute
}

// Plan makes a change set for the stack and returns what it would do. What isn't applied is to be discarded. In the way of a new stack may be
// what is left of a failed one: then the plan is an outline, and Clear, or else Apply, deletes that first.
func (c *Client) Plan(ctx context.Context, s Stack) (*Plan, error) {
	state, err := c.Settle(ctx, s.Name)
	if err != nil {
		return nil, err
	}
	if state.Failed() {
		p, err := Outline(s)
		if err == nil {
			p.Before, p.state, p.Removes = state, state, string(state.Status)
		}
		return p, err
	}
	p := &Plan{Stack: s.Name, Action: ActionUpdate, Before: state, state: state}
	kind := types.ChangeSetTypeUpdate
	if !state.Exists() {
		// What is left of an interrupted first change set takes another one.
		p.Action, kind = ActionCreate, types.ChangeSetTypeCreate
	}
	out, err := c.API.CreateChangeSet(ctx, changeSetInput(s, kind))
	if err != nil {
		return nil, planning(s, err)
	}
	p.changeSet = aws.ToString(out.Id)
	p.state.ID = aws.ToString(out.StackId)
	reason, err := c.read(ctx, p)
	if err == nil && reason == "" {
		return p, nil
	}
	c.Discard(ctx, p)
	switch {
	case err != nil:
		return nil, planning(s, err)
	case nothingToDo(reason):
		p.Action = ActionNone
		return p, nil
	}
	return nil, planning(s, errors.New(words(reason)))
}

// ErrMissingExport is why a stack can't be planned yet: it imports what another stack will export once that is changed.
var ErrMissingExport = errors.New("it imports what no stack exports yet")

// planning adds to an error what was being done. CloudFormation has no code for a missing export.
func planning(s Stack, err error) error {
	if strings.Contains(err.Error(), "No export named") {
		err = fmt.Errorf("%w: %w", ErrMissingExport, err)
	}
	return fmt.Errorf("planning stack %s: %w", s.Name, err)
}

func changeSetInput(s Stack, kind types.ChangeSetType) *cfn.CreateChangeSetInput {
	in := &cfn.CreateChangeSetInput{StackName: &s.Name, ChangeSetName: aws.String(newToken()), ChangeSetType: kind, TemplateBody: &s.Template}
	for _, k := range sorted(s.Parameters) {
		in.Parameters = append(in.Parameters, types.Parameter{ParameterKey: aws.String(k), ParameterValue: aws.String(s.Parameters[k])})
	}
	for _, k := range sorted(s.Tags) {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(k), Value: aws.String(s.Tags[k])})
	}
	for _, name := range s.Capabilities {
		in.Capabilities = append(in.Capabilities, types.Capability(name))
	}
	return in
}

// read waits for the change set and reads its changes. When CloudFormation couldn't make it, it returns the reason.
func (c *Client) read(ctx context.Context, p *Plan) (string, error) {
	in := &cfn.DescribeChangeSetInput{ChangeSetName: &p.changeSet, StackName: &p.state.ID}
	for {
		out, err := c.API.DescribeChangeSet(ctx, in)
		if err != nil {
			return "", err
		}
		switch out.Status {
		case types.ChangeSetStatusFailed:
			return aws.ToString(out.StatusReason), nil
		case types.ChangeSetStatusCreateComplete:
			for _, ch := range out.Changes {
				p.Changes = append(p.Changes, change(ch.ResourceChange))
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				return "", nil
			}
			continue
		}
		if err := c.pause(ctx); err != nil {
			return "", err
		}
	}
}

// nothingToDo knows the two sentences that CloudFormation has for it; there is no code.
func nothingToDo(reason string) bool {
	return strings.Contains(reason, "didn't contain changes") || strings.Contains(reason, "No updates are to be performed")
}

// Discard removes a change set that won't be executed, and the stack that it would have made, also when ctx is done. It is no harm when
// that fails: the next Plan copes with leftovers.
func (c *Client) Discard(ctx context.Context, p *Plan) {
	if p.changeSet == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	c.API.DeleteChangeSet(ctx, &cfn.DeleteChangeSetInput{ChangeSetName: &p.changeSet, StackName: &p.state.ID})
	p.changeSet = ""
	if p.Action != ActionCreate {
		return
	}
	// Somebody else may have made the stack meanwhile, with a change set of their own.
	if s, err := c.Look(ctx, p.state.ID); err == nil && s.Status == types.StackStatusReviewInProgress {
		c.API.DeleteStack(ctx, &cfn.DeleteStackInput{StackName: &p.state.ID})
	}
}
