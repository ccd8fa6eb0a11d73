package cloudformation

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"text/template"

	"github.com/bbf-build/bbf/infra/schema"
)

// PolicyKind says whom a policy is for.
type PolicyKind string

// The kinds. An operator needs the last three, since one would be larger than IAM lets a managed policy be. What CloudFormation calls in the
// operator's name is what the handlers of the resource types say they need; the operator can't call it past CloudFormation.
const (
	PolicyReader   PolicyKind = "reader"   // asks for the status and reads caches
	PolicyBuilder  PolicyKind = "builder"  // brings the cluster up and builds
	PolicyOperator PolicyKind = "operator" // what bbf itself calls in setup, up, status, down, teardown, doctor and ci
	PolicyStacks   PolicyKind = "stacks"   // what CloudFormation calls in the operator's name for all stacks, but for EC2
	PolicyNetwork  PolicyKind = "network"  // and of EC2; little for an existing VPC
)

// PolicyKinds are all of them, from least to most.
var PolicyKinds = []PolicyKind{PolicyReader, PolicyBuilder, PolicyOperator, PolicyStacks, PolicyNetwork}

//go:embed policies/*.json.tmpl
var policyFiles embed.FS

var policies = template.Must(template.ParseFS(policyFiles, "policies/*.json.tmpl"))

// Policy returns an IAM policy document for the cluster in an account, in JSON. The configuration has its defaults filled in.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
func Policy(kind PolicyKind, c *schema.Config, accountID string) []byte {
	var out bytes.Buffer
	if err := policies.ExecuteTemplate(&out, string(kind)+".json.tmpl", policyData{c, accountID}); err != nil {
		panic(err) // the templates are part of the program
	}
	return out.Bytes()
}

// OperatorPolicy returns all that an operator needs as one document, to ask IAM whether somebody has it.
func OperatorPolicy(c *schema.Config, accountID string) []byte {
	var whole struct{ Version, Statement any }
	var statements []json.RawMessage
	for _, kind := range []PolicyKind{PolicyOperator, PolicyStacks, PolicyNetwork} {
		var part struct {
			Version   string
			Statement []json.RawMessage
		}
		if err := json.Unmarshal(Policy(kind, c, accountID), &part); err != nil {
			panic(err) // the templates are part of the program
		}
		whole.Version = part.Version
		statements = append(statements, part.Statement...)
	}
	whole.Statement = statements
	out, err := json.Marshal(whole)
	if err != nil {
		panic(err) // it was JSON before
	}
	return out
}

// policyData is what the templates of the policies know.
type policyData struct {
	*schema.Config
	AccountID string
}

// ARN is how the ARN of a resource begins that belongs to the account and the region: arn:PARTITION:SERVICE:REGION:ACCOUNT.
func (d policyData) ARN(service string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s", d.Partition(), service, d.AWS.Region, d.AccountID)
}

// Global is the same for what belongs to the account alone.
func (d policyData) Global(service string) string {
	return fmt.Sprintf("arn:%s:%s::%s", d.Partition(), service, d.AccountID)
}

// Partition is the region's.
func (d policyData) Partition() string { return Partition(d.AWS.Region) }

// Role is the ARN of one of the cluster's roles.
func (d policyData) Role(name string) string {
	return d.Global("iam") + ":role/" + roleName(d.Config, name)
}

// roleName is the name that the templates give a role. It has the region in it: roles belong to the whole account.
func roleName(c *schema.Config, name string) string {
	return fmt.Sprintf("bbf-%s-%s-%s", c.Cluster, c.AWS.Region, name)
}
