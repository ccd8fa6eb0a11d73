package stacks

import (
	"fmt"

	"github.com/goccy/go-yaml"
)

// Outline is the plan for a new stack that CloudFormation can't plan yet (ErrMissingExport): what its template lists. There is nothing to apply.
func Outline(s Stack) (*Plan, error) {
	var template struct {
		Resources yaml.MapSlice `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(s.Template), &template); err != nil {
		return nil, fmt.Errorf("the template of stack %s: %w", s.Name, err)
	}
	p := &Plan{Stack: s.Name, Action: ActionCreate, Outlined: true}
	for _, r := range template.Resources {
		kind := ""
		switch body := r.Value.(type) {
		case yaml.MapSlice:
			kind, _ = body.ToMap()["Type"].(string)
		case map[string]any:
			kind, _ = body["Type"].(string)
		}
		p.Changes = append(p.Changes, Change{Action: "add", Resource: fmt.Sprint(r.Key), Type: kind})
	}
	return p, nil
}
