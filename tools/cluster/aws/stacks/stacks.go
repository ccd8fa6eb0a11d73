// Package stacks makes, changes and deletes CloudFormation stacks.
//
// A stack is changed in two steps, so that somebody can look in between: Plan makes a change set, Apply executes it and tells of every
// resource. Both may be interrupted at any moment and called again: Plan first leads the stack out of whatever state it is in.
package stacks

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
)

// Stack is what a stack is to be.
type Stack struct {
	Name         string
	Template     string
	Parameters   map[string]string
	Capabilities []string
	Tags         map[string]string
	Protected    bool // from deletion, until Delete is called
}

// Client deploys stacks.
type Client struct {
	API      API
	Progress progress.Func
	Poll     time.Duration // between two looks; 0 is a second
}

// State is how a stack is.
type State struct {
	Name       string
	ID         string // "" when there is no such stack
	Status     types.StackStatus
	Reason     string
	Parameters map[string]string
	Outputs    map[string]string
	Protected  bool
}

// Exists says whether the stack was ever made: an unexecuted first change set makes no stack.
func (s State) Exists() bool { return s.ID != "" && s.Status != types.StackStatusReviewInProgress }

// Failed says that the stack's creation or deletion failed: it can only be deleted.
func (s State) Failed() bool {
	switch s.Status {
	case types.StackStatusRollbackComplete, types.StackStatusRollbackFailed, types.StackStatusCreateFailed, types.StackStatusDeleteFailed:
		return true
	}
	return false
}

func (s State) busy() bool { return s.Exists() && inProgress(string(s.Status)) }

func inProgress(status string) bool { return strings.HasSuffix(status, "_IN_PROGRESS") }

// Look returns the state of a stack by its name, or its ID when it may be gone. A stack that isn't there is no error.
func (c *Client) Look(ctx context.Context, name string) (State, error) {
	out, err := c.API.DescribeStacks(ctx, &cfn.DescribeStacksInput{StackName: &name})
	if absent(err) || err == nil && len(out.Stacks) == 0 {
		return State{Name: name}, nil
	}
	if err != nil {
		return State{}, fmt.Errorf("looking at stack %s: %w", name, err)
	}
	s := out.Stacks[0]
	state := State{Name: aws.ToString(s.StackName), ID: aws.ToString(s.StackId), Status: s.StackStatus, Reason: aws.ToString(s.StackStatusReason),
		Parameters: map[string]string{}, Outputs: map[string]string{}, Protected: aws.ToBool(s.EnableTerminationProtection)}
	for _, p := range s.Parameters {
		state.Parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	for _, o := range s.Outputs {
		state.Outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	if s.StackStatus == types.StackStatusDeleteComplete {
		return State{Name: state.Name}, nil
	}
	return state, nil
}

// absent says whether CloudFormation knows no stack of that name. It has no code of its own for that.
func absent(err error) bool {
	var e smithy.APIError
	return errors.As(err, &e) && e.ErrorCode() == "ValidationError" && strings.Contains(e.ErrorMessage(), "does not exist")
}

func (c *Client) pause(ctx context.Context) error {
	d := c.Poll
	if d == 0 {
		d = time.Second
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// newToken marks the events of one operation.
func newToken() string {
	b := make([]byte, 8)
	rand.Read(b)
	return "bbf-" + hex.EncodeToString(b)
}

// sorted returns the keys of a map in order, so that the same request is made every time.
func sorted(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
