package deploy_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
)

// program writes a file that looks like a program for Linux.
func program(t *testing.T, text string) string {
	name := filepath.Join(t.TempDir(), "manager")
	if err := os.WriteFile(name, []byte("\x7fELF"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestCode(t *testing.T) {
	code, err := deploy.Code(program(t, "one"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := deploy.Code(program(t, "one")); err != nil || !bytes.Equal(code, again) {
		t.Errorf("the same program is another zip; %v", err)
	}
	if other, err := deploy.Code(program(t, "two")); err != nil || bytes.Equal(code, other) {
		t.Errorf("another program is the same zip; %v", err)
	}
	z, err := zip.NewReader(bytes.NewReader(code), int64(len(code)))
	if err != nil || len(z.File) != 1 || z.File[0].Name != "bootstrap" || z.File[0].Mode() != 0o755 {
		t.Fatalf("%+v, %v", z, err)
	}
	f, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(f); err != nil || string(data) != "\x7fELFone" {
		t.Errorf("%q, %v", data, err)
	}
}

func TestCodeRefusesAScript(t *testing.T) {
	name := filepath.Join(t.TempDir(), "manager")
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := deploy.Code(name); err == nil {
		t.Error("taken")
	}
}

func TestDifferences(t *testing.T) {
	config := func(change func(*schema.Config)) *schema.Config {
		c := &schema.Config{Cluster: "acme", Backend: schema.BackendAWS}
		schema.Defaults(c)
		change(c)
		return c
	}
	here := config(func(c *schema.Config) {
		c.AWS.Tags = map[string]string{"team": "tools"}
		c.Access = []schema.Access{{ARN: "*", Role: "builder"}}
	})
	deployed := config(func(c *schema.Config) { c.Workers.Max = 40 })
	got, err := deploy.Differences(here, deployed)
	want := []deploy.Difference{
		{Field: "access[0].arn", Here: "*", Deployed: "unset"},
		{Field: "access[0].role", Here: "builder", Deployed: "unset"},
		{Field: "aws.tags.team", Here: "tools", Deployed: "unset"},
		{Field: "workers.max", Here: "10", Deployed: "40"},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if got[3].String() != "workers.max 10 here, 40 there" {
		t.Errorf("%s", got[3])
	}
	if same, err := deploy.Differences(here, here); err != nil || len(same) > 0 {
		t.Errorf("to itself: %+v, %v", same, err)
	}
}
