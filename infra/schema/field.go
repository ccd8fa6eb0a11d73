package schema

import (
	"bytes"
	_ "embed" // for the schema
	"encoding/json"
	"sync"
)

// JSON is the JSON schema of bbf.yaml (draft 2020-12). Formats and the keywords that begin with x- are our own; other programs
// pass over them.
//
//go:embed bbf.schema.json
var JSON []byte

// Field is the schema of one field, with what is said about it to people. Zero values mean that nothing is said.
type Field struct {
	Description string
	Type        string // JSON schema's: "object", "array", "string", "integer", "number" or "boolean"
	Format      string
	Enum        []any
	Default     any
	Minimum     *json.Number
	Maximum     *json.Number
	MinLength   int
	MaxLength   int
	MinItems    int
	MaxItems    int
	Pattern     string
	Examples    []any
	Required    []string
	Properties  Properties
	Items       *Field // of an array
	Then        *Field // what else holds for the aws backend

	MaxProperties int
	Values        Values `json:"additionalProperties"`

	PatternWords string `json:"x-pattern"` // the pattern in words
	DefaultWords string `json:"x-default"` // a default that depends on other fields
	Bounds       string `json:"x-bounds"`  // of a format, in words
	Shortest     string `json:"x-minimum"` // of a duration
	Longest      string `json:"x-maximum"`
}

// Property is a field of an object under its key.
type Property struct {
	Key string
	*Field
}

// Properties keep the order of the schema, which is the order to explain them in.
type Properties []Property

// UnmarshalJSON reads an object in the order that it is written in.
func (p *Properties) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil { // the opening brace
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		f := new(Field)
		if err := d.Decode(f); err != nil {
			return err
		}
		*p = append(*p, Property{key.(string), f})
	}
	return nil
}

// Values is the schema of the values of an object whose keys are the user's; nil where they aren't.
type Values struct{ *Field }

// UnmarshalJSON reads a schema, or the false of an object that has no other keys.
func (v *Values) UnmarshalJSON(data []byte) error {
	if data[0] != '{' {
		return nil
	}
	v.Field = new(Field)
	return json.Unmarshal(data, v.Field)
}

// Get returns the field of an object under a key, nil when there is none.
func (f *Field) Get(key string) *Field {
	for _, p := range f.Properties {
		if p.Key == key {
			return p.Field
		}
	}
	return nil
}

// Root is the field that the whole file is.
var Root = sync.OnceValue(func() *Field {
	root := new(Field)
	if err := json.Unmarshal(JSON, root); err != nil {
		panic("bbf.schema.json: " + err.Error()) // embedded: a test reads it
	}
	return root
})
