package stacks

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// Change is one resource that a Plan changes.
type Change struct {
	Action     string   `json:"action"`   // add, modify, replace, maybe-replace, remove, import
	Resource   string   `json:"resource"` // logical ID
	Type       string   `json:"type"`
	ID         string   `json:"id,omitempty"` // physical ID
	Properties []string `json:"properties,omitempty"`
}

// change reads what CloudFormation says of one resource.
func change(r *types.ResourceChange) Change {
	if r == nil {
		return Change{}
	}
	c := Change{Action: strings.ToLower(string(r.Action)), Resource: aws.ToString(r.LogicalResourceId), Type: aws.ToString(r.ResourceType),
		ID: aws.ToString(r.PhysicalResourceId)}
	if r.Action == types.ChangeActionModify {
		switch r.Replacement {
		case types.ReplacementTrue:
			c.Action = "replace"
		case types.ReplacementConditional:
			c.Action = "maybe-replace"
		}
	}
	seen := map[string]bool{}
	for _, d := range r.Details {
		if d.Target == nil {
			continue
		}
		name := aws.ToString(d.Target.Name)
		if name == "" {
			name = string(d.Target.Attribute)
		}
		if !seen[name] {
			seen[name] = true
			c.Properties = append(c.Properties, name)
		}
	}
	return c
}
