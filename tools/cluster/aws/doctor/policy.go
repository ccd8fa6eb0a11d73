package doctor

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// grant is one statement that allows something, as questions to IAM: may these actions be done to these resources, in that context?
type grant struct {
	actions, resources []string
	context            []types.ContextEntry
}

// list is a string or a list of them, as IAM writes both.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
type list []string

func (l *list) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*l = list{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(l))
}

// grantsOf reads policies. A resource with a * in it is asked for as it is written: it matches itself. Conditions become the context
// that fulfils them.
func grantsOf(policies ...[]byte) ([]grant, error) {
	var grants []grant
	for _, p := range policies {
		of, err := parse(p)
		if err != nil {
			return nil, err
		}
		grants = append(grants, of...)
	}
	return grants, nil
}

func parse(policy []byte) ([]grant, error) {
	var doc struct {
		Statement []struct {
			Effect    string
			Action    list
			Resource  list
			Condition map[string]map[string]list
		}
	}
	if err := json.Unmarshal(policy, &doc); err != nil {
		return nil, fmt.Errorf("a policy can't be read: %w", err)
	}
	var grants []grant
	for _, s := range doc.Statement {
		if s.Effect != "Allow" {
			continue
		}
		g := grant{actions: s.Action, resources: s.Resource}
		for _, operator := range slices.Sorted(maps.Keys(s.Condition)) {
			for _, key := range slices.Sorted(maps.Keys(s.Condition[operator])) {
				g.context = append(g.context, types.ContextEntry{ContextKeyName: aws.String(key),
					ContextKeyValues: s.Condition[operator][key], ContextKeyType: contextType(operator)})
			}
		}
		grants = append(grants, g)
	}
	return grants, nil
}

func contextType(operator string) types.ContextKeyTypeEnum {
	switch {
	case strings.HasPrefix(operator, "Bool"):
		return types.ContextKeyTypeEnumBoolean
	case strings.HasPrefix(operator, "ForAnyValue:"), strings.HasPrefix(operator, "ForAllValues:"):
		return types.ContextKeyTypeEnumStringList
	}
	return types.ContextKeyTypeEnumString
}
