package stacks

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// Drift is one resource that isn't as its stack made it.
type Drift struct {
	Resource   string   `json:"resource"`
	Type       string   `json:"type"`
	ID         string   `json:"id"`
	Deleted    bool     `json:"deleted,omitempty"`
	Properties []string `json:"properties,omitempty"` // paths of those that differ
}

// Drift lets CloudFormation compare every resource of the stack with what it made, which takes it a minute, and returns what differs.
func (c *Client) Drift(ctx context.Context, api DriftAPI, name string) ([]Drift, error) {
	started, err := api.DetectStackDrift(ctx, &cfn.DetectStackDriftInput{StackName: &name})
	if err != nil {
		return nil, fmt.Errorf("looking for drift in stack %s: %w", name, err)
	}
	for {
		out, err := api.DescribeStackDriftDetectionStatus(ctx, &cfn.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: started.StackDriftDetectionId})
		if err != nil {
			return nil, fmt.Errorf("looking for drift in stack %s: %w", name, err)
		}
		if out.DetectionStatus == types.StackDriftDetectionStatusDetectionFailed {
			return nil, fmt.Errorf("looking for drift in stack %s: %s", name, aws.ToString(out.DetectionStatusReason))
		}
		if out.DetectionStatus == types.StackDriftDetectionStatusDetectionComplete {
			return drifts(ctx, api, name)
		}
		if err := c.pause(ctx); err != nil {
			return nil, err
		}
	}
}

func drifts(ctx context.Context, api DriftAPI, name string) ([]Drift, error) {
	in := &cfn.DescribeStackResourceDriftsInput{StackName: &name,
		StackResourceDriftStatusFilters: []types.StackResourceDriftStatus{types.StackResourceDriftStatusModified, types.StackResourceDriftStatusDeleted}}
	var found []Drift
	for {
		out, err := api.DescribeStackResourceDrifts(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("reading the drift of stack %s: %w", name, err)
		}
		for _, r := range out.StackResourceDrifts {
			d := Drift{Resource: aws.ToString(r.LogicalResourceId), Type: aws.ToString(r.ResourceType), ID: aws.ToString(r.PhysicalResourceId),
				Deleted: r.StackResourceDriftStatus == types.StackResourceDriftStatusDeleted}
			for _, p := range r.PropertyDifferences {
				d.Properties = append(d.Properties, aws.ToString(p.PropertyPath))
			}
			found = append(found, d)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return found, nil
		}
	}
}
