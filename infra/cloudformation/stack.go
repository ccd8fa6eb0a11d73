// Package cloudformation is the cluster's AWS resources: the templates of its stacks, the parameters that a configuration gives them, and
// the policies that people need to work with it.
//
// The stacks are made in the order of Stacks and deleted in the reverse order: server and workers import what infra exports.
//
//	infra    network, roles, ECS cluster, log group, image repositories
//	manager  the Lambda function behind a Function URL, and the schedule that is its safety net
//	server   one Fargate service of at most one task
//	workers  the other Fargate service
//	ci       identity provider and role for CI jobs; only when asked for (see CI)
//
// The cluster's bucket is in none of them. It has to be there before the manager's code can be, and outlives everything else.
package cloudformation

import (
	"embed"
	"maps"

	"github.com/bbf-build/bbf/infra/schema"
)

// Kind says what a stack is for. It is the name of its template too.
type Kind string

// The kinds, in the order that stacks are made.
const (
	KindInfra   Kind = "infra"
	KindManager Kind = "manager"
	KindServer  Kind = "server"
	KindWorkers Kind = "workers"
	KindCI      Kind = "ci"
)

// Stack is all that CloudFormation wants to know to make or change a stack.
type Stack struct {
	Name         string
	Kind         Kind
	Template     string // YAML
	Parameters   map[string]string
	Capabilities []string          // what the template needs to be allowed explicitly
	Tags         map[string]string // CloudFormation gives them to every resource that can have tags
}

//go:embed templates/*.yaml
var templates embed.FS

func newStack(c *schema.Config, kind Kind, name string, parameters map[string]string) Stack {
	text, err := templates.ReadFile("templates/" + string(kind) + ".yaml")
	if err != nil {
		panic(err) // they are part of the program
	}
	s := Stack{Name: name, Kind: kind, Template: string(text), Parameters: parameters, Tags: Tags(c)}
	switch kind {
	case KindInfra, KindManager, KindCI:
		s.Capabilities = []string{"CAPABILITY_NAMED_IAM"} // they make roles, with names
	}
	return s
}

// TagCluster is the tag that everything made for a cluster carries. Its value is the cluster's name.
const TagCluster = "bbf:cluster"

// Tags are the tags of everything that is made for the cluster: those of the configuration and TagCluster, which can't be overridden.
func Tags(c *schema.Config) map[string]string {
	tags := map[string]string{}
	maps.Copy(tags, c.AWS.Tags)
	tags[TagCluster] = c.Cluster
	return tags
}
