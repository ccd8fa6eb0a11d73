package stacks

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
)

// operation is one change of a stack that is followed by its events. CloudFormation marks each with the token that the operation was
// started with, so what others do or did before is told apart.
type operation struct {
	stack State // ID and Name are enough
	token string
	last  string // ID of the newest event told of
}

// ended is how an operation ended.
type ended struct {
	status   types.ResourceStatus // of the stack itself
	failures []Failure            // oldest first
}

// Failure is one resource that failed and didn't just follow another.
type Failure struct {
	Resource string `json:"resource"` // logical ID
	Type     string `json:"type"`
	Reason   string `json:"reason"`
}

func (f Failure) String() string { return fmt.Sprintf("%s (%s): %s", f.Resource, f.Type, f.Reason) }

// follow tells of the operation's events until the stack is done with it.
func (c *Client) follow(ctx context.Context, op operation) (ended, error) {
	var end ended
	for {
		events, err := c.news(ctx, &op)
		if err != nil {
			return end, following(ctx, op, err)
		}
		for _, e := range events {
			own := aws.ToString(e.PhysicalResourceId) == op.stack.ID
			c.tell(op.stack.Name, e, own)
			switch status := string(e.ResourceStatus); {
			case own && !inProgress(status):
				end.status = e.ResourceStatus
			case !own && strings.HasSuffix(status, "_FAILED") && !strings.Contains(aws.ToString(e.ResourceStatusReason), "cancelled"):
				end.failures = append(end.failures,
					Failure{aws.ToString(e.LogicalResourceId), aws.ToString(e.ResourceType), words(aws.ToString(e.ResourceStatusReason))})
			}
		}
		if end.status != "" {
			return end, nil
		}
		if err := c.pause(ctx); err != nil {
			return end, following(ctx, op, err)
		}
	}
}

// following says what becomes of an operation that isn't followed any more.
func following(ctx context.Context, op operation, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted; CloudFormation goes on with stack %s: %w", op.stack.Name, context.Cause(ctx))
	}
	return fmt.Errorf("following stack %s: %w", op.stack.Name, err)
}

// news returns the operation's events since the last call, oldest first. The API has the newest first.
func (c *Client) news(ctx context.Context, op *operation) ([]types.StackEvent, error) {
	var events []types.StackEvent
	in := &cfn.DescribeStackEventsInput{StackName: &op.stack.ID}
	for more := true; more; {
		out, err := c.API.DescribeStackEvents(ctx, in)
		if err != nil {
			return nil, err
		}
		more = out.NextToken != nil
		in.NextToken = out.NextToken
		for _, e := range out.StackEvents {
			if aws.ToString(e.EventId) == op.last || aws.ToString(e.ClientRequestToken) != op.token {
				more = false
				break
			}
			events = append(events, e)
		}
	}
	slices.Reverse(events)
	if n := len(events); n > 0 {
		op.last = aws.ToString(events[n-1].EventId)
	}
	return events, nil
}

func (c *Client) tell(stack string, e types.StackEvent, own bool) {
	detail := words(aws.ToString(e.ResourceStatusReason))
	if own {
		c.Progress.Tell(progress.KindStack, stack, string(e.ResourceStatus), detail)
		return
	}
	if detail == "" {
		detail = aws.ToString(e.ResourceType)
	}
	c.Progress.Tell(progress.KindResource, stack+"/"+aws.ToString(e.LogicalResourceId), string(e.ResourceStatus), detail)
}

var handlerMessage = regexp.MustCompile(`(?s)^Resource handler returned message: "(.*)"(?: \(RequestToken: .*\))?$`)
var serviceTail = regexp.MustCompile(` \(Service: [^()]*\)( \(SDK Attempt Count: \d+\))?$`)

// words takes from a reason what CloudFormation wraps around the message of the service.
func words(reason string) string {
	if m := handlerMessage.FindStringSubmatch(reason); m != nil {
		reason = m[1]
	}
	return strings.TrimSpace(serviceTail.ReplaceAllString(reason, ""))
}
