package schema_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/schema"
)

// The types and the schema say the same: neither has a key that the other lacks.
func TestSchemaHasTheFieldsOfConfig(t *testing.T) {
	compare(t, "", reflect.TypeFor[schema.Config](), schema.Root())
}

func compare(t *testing.T, path string, typ reflect.Type, f *schema.Field) {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	want := map[reflect.Kind]string{
		reflect.Struct: "object", reflect.Map: "object", reflect.Slice: "array", reflect.String: "string",
		reflect.Int: "integer", reflect.Float64: "number", reflect.Bool: "boolean", reflect.Int64: "string",
	}[typ.Kind()]
	if f.Type != want {
		t.Errorf("%s is of type %q in the schema, %q here", path, f.Type, want)
	}
	switch typ.Kind() {
	case reflect.Slice:
		compare(t, path+"[]", typ.Elem(), f.Items)
	case reflect.Struct:
		var keys []string
		for i := range typ.NumField() {
			key, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			keys = append(keys, key)
			if f.Get(key) == nil {
				t.Errorf("%s.%s is not in the schema", path, key)
				continue
			}
			compare(t, path+"."+key, typ.Field(i).Type, f.Get(key))
		}
		for _, p := range f.Properties {
			if !slices.Contains(keys, p.Key) {
				t.Errorf("%s.%s is only in the schema", path, p.Key)
			}
		}
	}
}

// Defaults does what the schema promises, and nothing else.
func TestDefaultsAreThoseOfTheSchema(t *testing.T) {
	c := schema.Config{Cluster: "c", Auth: schema.Auth{Issued: &schema.IssuedAuth{}, ACMPCA: &schema.ACMPCAAuth{ARN: "a"}}}
	schema.Defaults(&c)
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	checkDefaults(t, "", got, schema.Root())
}

func checkDefaults(t *testing.T, path string, got map[string]any, f *schema.Field) {
	for _, p := range f.Properties {
		value, set := got[p.Key]
		switch {
		case p.Type == "object":
			if object, ok := value.(map[string]any); ok {
				checkDefaults(t, path+"."+p.Key, object, p.Field)
			}
		case p.Default == false || p.Default == 0.0: // what Go has anyhow
		case p.Default != nil && p.Default != value:
			t.Errorf("%s.%s: the schema has %v, Defaults %v", path, p.Key, p.Default, value)
		case p.Default == nil && set && p.DefaultWords == "" && p.Key != "cluster" && p.Key != "arn" && value != "":
			t.Errorf("%s.%s: Defaults has %v, the schema says nothing", path, p.Key, value)
		}
	}
}

// What the schema says of durations has to be durations, the default between the bounds.
func TestBoundsOfDurations(t *testing.T) {
	root, found := schema.Root(), 0
	for _, f := range []*schema.Field{
		root.Get("idle"), root.Get("auth").Get("issued").Get("validity"), root.Get("auth").Get("acmpca").Get("validity"),
	} {
		var d []time.Duration
		for _, s := range []string{f.Shortest, f.Default.(string), f.Longest} {
			v, err := time.ParseDuration(s)
			if err != nil {
				t.Fatal(err)
			}
			d = append(d, v)
		}
		if !slices.IsSorted(d) || d[0] < time.Minute {
			t.Error(d)
		}
		found++
	}
	if n := strings.Count(string(schema.JSON), `"go-duration"`); n != found {
		t.Errorf("%d of %d durations were looked at", found, n)
	}
}

func TestDefaults(t *testing.T) {
	t.Run("NamesComeFromTheCluster", func(t *testing.T) {
		c := schema.Config{Cluster: "acme"}
		schema.Defaults(&c)
		want := schema.Stacks{Infra: "acme-infra", Manager: "acme-manager", Server: "acme-server", Workers: "acme-workers"}
		if c.AWS.Stacks != want || c.AWS.ECSCluster != "acme" || c.AWS.LogGroup != "/bbf/acme" || c.AWS.Function != "acme-manager" {
			t.Errorf("%+v", c.AWS)
		}
	})
	t.Run("WhatIsSetStays", func(t *testing.T) {
		c := schema.Config{
			Backend: "aws",
			AWS:     schema.AWS{VPC: schema.VPC{Existing: &schema.ExistingVPC{ID: "vpc-1"}}, LogRetention: 1},
			Workers: schema.Workers{Min: 3, Max: 5, Default: 4, CPU: 1, Memory: 2048},
			Auth:    schema.Auth{Simple: &schema.SimpleAuth{}},
		}
		schema.Defaults(&c)
		if c.Backend != "aws" || c.AWS.VPC.New != nil || c.AWS.LogRetention != 1 || c.Workers.Default != 4 || c.Workers.CPU != 1 ||
			c.Auth.Issued != nil {
			t.Errorf("%+v", c)
		}
	})
	t.Run("HowManyWorkersIsWithinTheBounds", func(t *testing.T) {
		for bounds, want := range map[[2]int]int{{0, 1}: 1, {0, 10}: 2, {3, 10}: 3} {
			c := schema.Config{Workers: schema.Workers{Min: bounds[0], Max: bounds[1]}}
			schema.Defaults(&c)
			if c.Workers.Default != want {
				t.Errorf("%v: %d", bounds, c.Workers.Default)
			}
		}
	})
}

func TestSizes(t *testing.T) {
	counts := map[float64]int{0.25: 3, 0.5: 4, 1: 7, 2: 13, 4: 23, 8: 12, 16: 12}
	for _, s := range schema.Sizes {
		m := s.Memory()
		if len(m) != counts[s.CPU] || m[0] != s.Min || m[len(m)-1] != s.Max {
			t.Errorf("%g vCPU: %v", s.CPU, m)
		}
	}
	if _, offered := schema.SizeOf(3); offered {
		t.Error("3 vCPU")
	}
	var enum []any
	for _, s := range schema.Sizes {
		enum = append(enum, s.CPU)
	}
	for _, part := range []string{"server", "workers"} {
		if got := schema.Root().Get(part).Get("cpu").Enum; !reflect.DeepEqual(got, enum) {
			t.Errorf("%s.cpu of the schema: %v", part, got)
		}
	}
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]string{"20m": "20m", "90m": "1h30m", "12h": "12h", "90s": "1m30s", "0s": "0s", "1h0m5s": "1h0m5s"} {
		var d schema.Duration
		if err := json.Unmarshal([]byte(`"`+text+`"`), &d); err != nil {
			t.Fatal(err)
		}
		if d.String() != want {
			t.Errorf("%s is written %s", text, d)
		}
	}
	for _, text := range []string{`20`, `"20"`, `"1d"`} {
		if json.Unmarshal([]byte(text), new(schema.Duration)) == nil {
			t.Error(text)
		}
	}
}
