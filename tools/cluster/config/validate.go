package config

import (
	"bytes"
	"errors"
	"slices"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/config/format"
)

// compiled is the schema with our formats.
var compiled = sync.OnceValue(func() *jsonschema.Schema {
	const name = "bbf.schema.json"
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.JSON))
	if err != nil {
		panic(err) // embedded: a test compiles it
	}
	c := jsonschema.NewCompiler()
	for name, check := range format.All {
		c.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error {
			if s, ok := v.(string); ok {
				return check(s)
			}
			return nil // the type is wrong, which is said elsewhere
		}})
	}
	c.AssertFormat()
	if err := c.AddResource(name, document); err != nil {
		panic(err)
	}
	return c.MustCompile(name)
})

// validate reports what the schema has against the file.
func (r *report) validate() {
	var invalid *jsonschema.ValidationError
	if !errors.As(compiled().Validate(r.root.plain("", r.wrong)), &invalid) {
		return
	}
	all := leaves(invalid)
	// A length or a count matters only when nothing worse is known of the same field.
	slices.SortStableFunc(all, func(a, b *jsonschema.ValidationError) int { return weight(a) - weight(b) })
	for _, e := range all {
		r.violation(e)
	}
}

// leaves are the errors that say something themselves.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		all = append(all, leaves(cause)...)
	}
	return all
}

func weight(e *jsonschema.ValidationError) int {
	switch e.ErrorKind.(type) {
	case *kind.MinLength, *kind.MaxLength:
		return 1
	case *kind.MinProperties, *kind.MaxProperties:
		return 2
	}
	return 0
}

// fieldAt is the schema at loc; nil when there is none.
func fieldAt(loc []string) *schema.Field {
	f := schema.Root()
	for _, step := range loc {
		switch {
		case f == nil:
			return nil
		case f.Items != nil:
			f = f.Items
		case f.Values.Field != nil:
			f = f.Values.Field
		default:
			f = f.Get(step)
		}
	}
	return f
}
