package cloudformation_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/bbf-build/bbf/infra/cloudformation"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The golden files are also what infra/cloudformation/check looks at: the parameters, policies and trust policies that AWS would get.
func TestGolden(t *testing.T) {
	for name, c := range clusters() {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join("testdata", name)
			for _, stack := range c.stacks(t) {
				golden(t, folder, "stacks", string(stack.Kind), map[string]any{
					"Name": stack.Name, "Parameters": stack.Parameters, "Capabilities": stack.Capabilities, "Tags": stack.Tags})
				for _, r := range c.resources(t, stack) {
					if r.Type == "AWS::IAM::Role" {
						goldenRole(t, folder, r.Properties)
					}
				}
			}
			for _, kind := range cloudformation.PolicyKinds {
				golden(t, folder, "policies", string(kind), json.RawMessage(cloudformation.Policy(kind, &c.config, account)))
			}
		})
	}
}

// goldenRole looks at what a role allows, and whom.
func goldenRole(t *testing.T, folder string, role map[string]any) {
	t.Helper()
	name := role["RoleName"].(string)
	trust := role["AssumeRolePolicyDocument"]
	if text, ok := trust.(string); ok {
		trust = json.RawMessage(text)
	}
	golden(t, folder, "trust", name, trust)
	for _, p := range role["Policies"].([]any) {
		golden(t, folder, "policies", "role-"+name, p.(map[string]any)["PolicyDocument"])
	}
}

func golden(t *testing.T, folder, what, name string, value any) {
	t.Helper()
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		t.Fatalf("%s %s: %v", what, name, err)
	}
	path := filepath.Join(folder, what, name+".json")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s isn't what it was; look at the difference after: go test ./infra/cloudformation -update\n%s", path, got.Bytes())
	}
}
