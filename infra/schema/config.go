// Package schema is bbf.yaml as data: the types that everything else reads it as, the JSON schema that describes the file, and the
// defaults. It knows nothing of YAML, so that what runs in the cluster can use it too; the file itself is read by
// tools/cluster/config.
package schema

// Config is a whole bbf.yaml. The JSON names are those of the file.
type Config struct {
	Cluster string   `json:"cluster"`           // name of the cluster; part of the names of everything that is made for it
	Backend string   `json:"backend,omitempty"` // "local" (default) or "aws"
	AWS     AWS      `json:"aws,omitzero"`
	Images  Images   `json:"images,omitzero"`
	Server  Server   `json:"server,omitzero"`
	Workers Workers  `json:"workers,omitzero"`
	Auth    Auth     `json:"auth,omitzero"`
	Access  []Access `json:"access,omitempty"` // who may do what; the first that matches decides, nobody else may anything
	Idle    Duration `json:"idle,omitempty"`   // without open calls for so long the cluster goes down by itself
}

// The backends.
const (
	BackendLocal = "local"
	BackendAWS   = "aws"
)

// AWS says where the cluster is and what its parts are called.
type AWS struct {
	Region             string            `json:"region"`
	Bucket             string            `json:"bucket"` // made by `setup` if it isn't there; holds the manager's code, configuration and state
	VPC                VPC               `json:"vpc,omitzero"`
	Stacks             Stacks            `json:"stacks,omitzero"`
	ECSCluster         string            `json:"ecs_cluster,omitempty"`
	LogGroup           string            `json:"log_group,omitempty"`
	LogRetention       int               `json:"log_retention,omitempty"` // days; one of those that CloudWatch Logs knows
	Function           string            `json:"function,omitempty"`      // name of the manager's Lambda function
	Architecture       string            `json:"architecture,omitempty"`  // of the manager: "arm64" or "x86_64"
	PermissionBoundary string            `json:"permission_boundary,omitempty"`
	Tags               map[string]string `json:"tags,omitempty"`
}

// VPC is a new one or an existing one.
type VPC struct {
	New      *NewVPC      `json:"new,omitempty"`
	Existing *ExistingVPC `json:"existing,omitempty"`
}

// NewVPC is made by `setup`, with one public subnet in each zone.
type NewVPC struct {
	CIDR  string `json:"cidr"`            // /16 to /26
	Zones int    `json:"zones,omitempty"` // 2 to 3
}

// ExistingVPC is used as it is. Its subnets need a route to an internet gateway.
type ExistingVPC struct {
	ID      string   `json:"id"`
	Subnets []string `json:"subnets"` // two or more, in different zones
}

// Stacks are the names of the CloudFormation stacks.
type Stacks struct {
	Infra   string `json:"infra,omitempty"`
	Manager string `json:"manager,omitempty"`
	Server  string `json:"server,omitempty"`
	Workers string `json:"workers,omitempty"`
}

// Images are references of container images. Those left out are what `bbf images` has pushed.
type Images struct {
	Server  string `json:"server,omitempty"`  // Buildfarm's server
	Worker  string `json:"worker,omitempty"`  // Buildfarm's worker on top of workers.image
	Gateway string `json:"gateway,omitempty"` // the TLS front of both
	Redis   string `json:"redis,omitempty"`
}

// Server is the size of the server's task.
type Server struct {
	CPU    float64 `json:"cpu,omitempty"`    // vCPU, as Fargate offers them
	Memory int     `json:"memory,omitempty"` // MiB, as Fargate offers them for that many vCPU
}

// Workers are the tasks that run actions.
type Workers struct {
	Image      string  `json:"image,omitempty"` // what actions see
	CPU        float64 `json:"cpu,omitempty"`
	Memory     int     `json:"memory,omitempty"` // MiB
	Disk       int     `json:"disk,omitempty"`   // GiB, 21 to 200
	Min        int     `json:"min,omitempty"`    // `up` never asks for fewer
	Max        int     `json:"max,omitempty"`    // nobody gets more
	Default    int     `json:"default,omitempty"`
	Spot       bool    `json:"spot,omitempty"`
	TaskPolicy string  `json:"task_policy,omitempty"` // ARN of a managed policy that the workers' task role gets besides ours; actions may use it
}

// Auth is how the machines of a cluster get their certificates: exactly one is set.
type Auth struct {
	Simple *SimpleAuth `json:"simple,omitempty"`
	Issued *IssuedAuth `json:"issued,omitempty"`
	CFSSL  *CFSSLAuth  `json:"cfssl,omitempty"`
	ACMPCA *ACMPCAAuth `json:"acmpca,omitempty"`
}

// SimpleAuth: static certificates, in the cluster's bucket (default) or a folder.
type SimpleAuth struct {
	Folder string `json:"folder,omitempty"` // relative to the workspace; "" for the bucket
}

// IssuedAuth: the manager signs certificates that are valid for hours.
type IssuedAuth struct {
	Validity Duration `json:"validity,omitempty"`
}

// CFSSLAuth: a CFSSL server signs.
type CFSSLAuth struct {
	URL     string `json:"url"`
	Profile string `json:"profile,omitempty"`
}

// ACMPCAAuth: AWS Private CA signs.
type ACMPCAAuth struct {
	ARN      string   `json:"arn"`
	Validity Duration `json:"validity,omitempty"`
}

// Access gives callers a role.
type Access struct {
	ARN  string `json:"arn"`  // of IAM users, roles or assumed-role sessions; * matches any characters
	Role string `json:"role"` // "reader", "builder" or "admin"
}
