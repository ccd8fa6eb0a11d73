// Package evaluate works out what a template comes to with given parameters: which resources are made and with which properties. It knows as
// much of CloudFormation as the templates of bbf use, and is for looking at them: tests and the static checks read roles and
// policies through it.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
package evaluate

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Template is a template as maps, lists and scalars. Functions are in their long form, {"Fn::Sub": …}.
type Template struct {
	Parameters, Rules, Conditions, Resources, Outputs map[string]any
}

// Parse reads a template in YAML.
func Parse(text string) (*Template, error) {
	file, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		return nil, err
	}
	if len(file.Docs) != 1 {
		return nil, fmt.Errorf("a template is one YAML document, not %d", len(file.Docs))
	}
	root, err := value(file.Docs[0].Body)
	if err != nil {
		return nil, err
	}
	m, _ := root.(map[string]any)
	section := func(name string) map[string]any {
		s, _ := m[name].(map[string]any)
		return s
	}
	return &Template{section("Parameters"), section("Rules"), section("Conditions"), section("Resources"), section("Outputs")}, nil
}

func value(n ast.Node) (any, error) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return mapping(n.Values)
	case *ast.MappingValueNode:
		return mapping([]*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, item := range n.Values {
			var err error
			if list[i], err = value(item); err != nil {
				return nil, err
			}
		}
		return list, nil
	case *ast.TagNode:
		return function(n)
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case ast.ScalarNode:
		return n.GetValue(), nil
	}
	return nil, fmt.Errorf("line %d: %s is not used in templates", n.GetToken().Position.Line, n.Type())
}

func mapping(values []*ast.MappingValueNode) (any, error) {
	m := map[string]any{}
	for _, v := range values {
		item, err := value(v.Value)
		if err != nil {
			return nil, err
		}
		key, ok := v.Key.(ast.ScalarNode)
		if !ok {
			return nil, fmt.Errorf("line %d: a key is a string", v.GetToken().Position.Line)
		}
		m[fmt.Sprint(key.GetValue())] = item
	}
	return m, nil
}

// function turns !Name into its long form.
func function(n *ast.TagNode) (any, error) {
	argument, err := value(n.Value)
	if err != nil {
		return nil, err
	}
	switch name := strings.TrimPrefix(n.Start.Value, "!"); name {
	case "Ref", "Condition":
		return map[string]any{name: argument}, nil
	case "GetAtt":
		resource, attribute, _ := strings.Cut(fmt.Sprint(argument), ".")
		return map[string]any{"Fn::GetAtt": []any{resource, attribute}}, nil
	default:
		return map[string]any{"Fn::" + name: argument}, nil
	}
}
