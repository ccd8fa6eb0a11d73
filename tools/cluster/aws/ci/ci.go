// Package ci writes the file that makes a CI service build with the cluster: it gets credentials by OpenID Connect, so that no key is kept
// anywhere, brings the cluster up, builds and tests with --config=bbf, and lets idle take the cluster down. The role that the jobs get, and
// whom it trusts, is the stack of infra/cloudformation's CI.
package ci

import (
	"bytes"
	"embed"
	"fmt"
	"text/template"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster"
)

// Marker is the first line of every file that bbf writes. A file without it is somebody's own.
const Marker = "# Written by `bbf ci`, which writes it anew each time. Remove this line to keep your changes.\n"

// Workflow is what a file depends on.
type Workflow struct {
	Config  *schema.Config // with its defaults
	CI      cloudformation.CI
	RoleARN string // the stack's output RoleArn
	Targets string // what is built and tested; "" for //...
	Branch  string // whose pushes are built; "" for main
}

// service is what differs between the CI services.
type service struct {
	path     string // of the file, from the workspace's root
	template string
	next     string // what is to be done once the file is there
}

var services = map[string]service{
	cloudformation.GitHub:    {".github/workflows/bbf.yml", "github.yml.tmpl", "commit it"},
	cloudformation.GitLab:    {".gitlab/bbf.gitlab-ci.yml", "gitlab.yml.tmpl", "add to .gitlab-ci.yml: include: [{local: .gitlab/bbf.gitlab-ci.yml}]; then commit both"},
	cloudformation.Buildkite: {".buildkite/pipeline.yml", "buildkite.yml.tmpl", "commit it; the pipeline's own step is: buildkite-agent pipeline upload"},
}

//go:embed templates
var templates embed.FS

// GitHub's expressions are in double braces, so ours are in brackets.
var files = template.Must(template.New("").Delims("[[", "]]").ParseFS(templates, "templates/*.tmpl"))

// File returns the file and its path from the workspace's root.
func (w Workflow) File() (path string, text []byte, err error) {
	s, known := services[w.CI.Provider]
	if !known {
		return "", nil, cluster.WithNext(fmt.Errorf("%q is no CI service that bbf knows", w.CI.Provider), "--provider=github, gitlab or buildkite")
	}
	if w.Targets == "" {
		w.Targets = "//..."
	}
	if w.Branch == "" {
		w.Branch = "main"
	}
	b := bytes.NewBufferString(Marker)
	if err := files.ExecuteTemplate(b, s.template, w); err != nil {
		return "", nil, fmt.Errorf("the file for %s can't be made: %w", w.CI.Provider, err)
	}
	return s.path, b.Bytes(), nil
}

// Next says what is to be done once the file is there.
func (w Workflow) Next() string { return services[w.CI.Provider].next }
