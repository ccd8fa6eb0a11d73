package evaluate

import (
	"fmt"
	"maps"
	"strings"
)

// Environment is where a stack is made.
type Environment struct {
	AccountID, Region, Partition, StackName string
}

// Resource is one that is made.
type Resource struct {
	Type           string
	DeletionPolicy string // "" for CloudFormation's default, Delete
	Properties     map[string]any
}

// nothing is what AWS::NoValue comes to: what it stands for is left out.
type nothing struct{}

type evaluation struct {
	*Template
	env        Environment
	parameters map[string]any
}

// Evaluate returns the resources that the template makes, by logical ID. What only AWS knows (IDs, attributes, what other stacks export) comes
// to the name of it in ${}. It is an error when a parameter has no value, or one that the template doesn't know, or a rule is broken.
func (t *Template) Evaluate(parameters map[string]string, env Environment) (map[string]Resource, error) {
	e := &evaluation{t, env, map[string]any{}}
	if err := e.setParameters(parameters); err != nil {
		return nil, err
	}
	if err := e.checkRules(); err != nil {
		return nil, err
	}
	resources := map[string]Resource{}
	for id, r := range t.Resources {
		m := r.(map[string]any)
		if condition, ok := m["Condition"].(string); ok && !e.condition(condition) {
			continue
		}
		properties, _ := e.value(m["Properties"]).(map[string]any)
		policy, _ := m["DeletionPolicy"].(string)
		resources[id] = Resource{m["Type"].(string), policy, properties}
	}
	return resources, nil
}

func (e *evaluation) checkRules() error {
	for _, r := range e.Rules {
		rule := r.(map[string]any)
		if when, ok := rule["RuleCondition"]; ok && e.value(when) != true {
			continue
		}
		for _, a := range rule["Assertions"].([]any) {
			assertion := a.(map[string]any)
			if e.value(assertion["Assert"]) != true {
				return fmt.Errorf("%v", assertion["AssertDescription"])
			}
		}
	}
	return nil
}

func (e *evaluation) condition(name string) bool {
	v, ok := e.Conditions[name]
	if !ok {
		panic("no condition " + name)
	}
	return e.value(v) == true
}

// value evaluates the functions in v.
func (e *evaluation) value(v any) any {
	switch v := v.(type) {
	case []any:
		list := []any{}
		for _, item := range v {
			if item := e.value(item); item != (nothing{}) {
				list = append(list, item)
			}
		}
		return list
	case map[string]any:
		if len(v) == 1 {
			for name, argument := range v {
				if f := functions[name]; f != nil {
					return f(e, argument)
				}
			}
		}
		m := map[string]any{}
		for key, item := range v {
			if item := e.value(item); item != (nothing{}) {
				m[key] = item
			}
		}
		return m
	}
	return v
}

// functions by their long name. Filled in by init, since they call each other.
var functions map[string]func(*evaluation, any) any

func init() {
	functions = map[string]func(*evaluation, any) any{
		"Ref":             func(e *evaluation, v any) any { return e.ref(v.(string)) },
		"Condition":       func(e *evaluation, v any) any { return e.condition(v.(string)) },
		"Fn::GetAtt":      func(e *evaluation, v any) any { return fmt.Sprintf("${%v.%v}", v.([]any)...) },
		"Fn::ImportValue": func(e *evaluation, v any) any { return fmt.Sprintf("${%v}", e.value(v)) },
		"Fn::GetAZs":      func(e *evaluation, v any) any { return []any{"${zone a}", "${zone b}", "${zone c}"} },
		"Fn::Sub":         func(e *evaluation, v any) any { return e.substitute(v) },
		"Fn::Cidr":        func(e *evaluation, v any) any { return cidr(e.value(v).([]any)) },
		"Fn::Equals": func(e *evaluation, v any) any {
			both := e.value(v).([]any)
			return fmt.Sprint(both[0]) == fmt.Sprint(both[1])
		},
		"Fn::Not": func(e *evaluation, v any) any { return e.value(v.([]any)[0]) != true },
		"Fn::And": func(e *evaluation, v any) any {
			for _, c := range v.([]any) {
				if e.value(c) != true {
					return false
				}
			}
			return true
		},
		"Fn::Or": func(e *evaluation, v any) any {
			for _, c := range v.([]any) {
				if e.value(c) == true {
					return true
				}
			}
			return false
		},
		"Fn::If": func(e *evaluation, v any) any {
			branches := v.([]any)
			if e.condition(branches[0].(string)) {
				return e.value(branches[1])
			}
			return e.value(branches[2])
		},
		"Fn::Select": func(e *evaluation, v any) any {
			a := v.([]any)
			var i int
			fmt.Sscan(fmt.Sprint(a[0]), &i)
			return e.value(a[1]).([]any)[i]
		},
		"Fn::Join": func(e *evaluation, v any) any {
			a := e.value(v).([]any)
			var words []string
			for _, w := range a[1].([]any) {
				words = append(words, fmt.Sprint(w))
			}
			return strings.Join(words, a[0].(string))
		},
		"Fn::Split": func(e *evaluation, v any) any {
			a := e.value(v).([]any)
			return split(a[1].(string), a[0].(string))
		},
	}
}

func split(text, by string) []any {
	list := []any{}
	for _, w := range strings.Split(text, by) {
		list = append(list, w)
	}
	return list
}

func (e *evaluation) ref(name string) any {
	switch name {
	case "AWS::AccountId":
		return e.env.AccountID
	case "AWS::Region":
		return e.env.Region
	case "AWS::Partition":
		return e.env.Partition
	case "AWS::StackName":
		return e.env.StackName
	case "AWS::NoValue":
		return nothing{}
	}
	if v, ok := e.parameters[name]; ok {
		return v
	}
	if _, ok := e.Resources[name]; ok {
		return "${" + name + "}"
	}
	panic("nothing is called " + name)
}

// substitute replaces ${NAME} in text by what NAME comes to.
func (e *evaluation) substitute(v any) string {
	text, named := "", map[string]any{}
	switch v := v.(type) {
	case string:
		text = v
	case []any:
		text = v[0].(string)
		maps.Copy(named, e.value(v[1]).(map[string]any))
	}
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "${")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, rest, _ := strings.Cut(after, "}")
		if v, ok := named[name]; ok {
			fmt.Fprint(&out, v)
		} else {
			fmt.Fprint(&out, e.ref(name))
		}
		text = rest
	}
}
