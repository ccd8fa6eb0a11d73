package cloudformation

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bbf-build/bbf/infra/schema"
)

// GatewayPort is the only port of a task that is open. Everything on it is under mutual TLS.
const GatewayPort = 8980

// Deployment is what a stack's parameters depend on besides the configuration.
type Deployment struct {
	AccountID    string
	CodeKey      string // of the manager's code in the bucket: bbf/<cluster>/manager/<sha256>.zip
	ConfigDigest string // of the deployed configuration: letters, digits, ":", "_" and "-"

	// What runs now. CloudFormation sets a service's count whenever it changes the service, so it has to be told the present one.
	ServerDesired, WorkersDesired int

	// LogGroupExists: there is a log group of the configured name, and it isn't the infra stack's. A teardown keeps it, and CloudFormation
	// fails to make what is there. It has to stay as it was while the stack lives: the stack's parameter of that name tells.
	LogGroupExists bool

	// Pushed are the images that `bbf images` has pushed, with their digests; "" where there is none.
	Pushed schema.Images

	// Commands are those of the containers, by name ("server", "redis", "worker", "gateway"), instead of the ones in the images. Of
	// "health" it is the gateway's health check, which begins with CMD or CMD-SHELL. No argument may have a line break in it.
	Commands map[string][]string
}

// Stacks returns the stacks of a cluster, in the order that they are to be made. The configuration has its defaults filled in.
func Stacks(c *schema.Config, d Deployment) []Stack {
	return []Stack{
		newStack(c, KindInfra, c.AWS.Stacks.Infra, infraParameters(c, d)),
		newStack(c, KindManager, c.AWS.Stacks.Manager, managerParameters(c, d)),
		newStack(c, KindServer, c.AWS.Stacks.Server, serverParameters(c, d)),
		newStack(c, KindWorkers, c.AWS.Stacks.Workers, workersParameters(c, d)),
	}
}

func infraParameters(c *schema.Config, d Deployment) map[string]string {
	p := map[string]string{
		"Cluster":            c.Cluster,
		"EcsCluster":         c.AWS.ECSCluster,
		"Bucket":             c.AWS.Bucket,
		"LogGroup":           c.AWS.LogGroup,
		"LogGroupExists":     strconv.FormatBool(d.LogGroupExists),
		"LogRetention":       strconv.Itoa(c.AWS.LogRetention),
		"GatewayPort":        strconv.Itoa(GatewayPort),
		"PullFrom":           strings.Join(pullFrom(c), ","),
		"WorkerPolicy":       c.Workers.TaskPolicy,
		"PermissionBoundary": c.AWS.PermissionBoundary,
	}
	if existing := c.AWS.VPC.Existing; existing != nil {
		p["Network"] = "existing"
		p["VpcId"] = existing.ID
		return p
	}
	p["Network"] = "new"
	p["VpcCidr"] = c.AWS.VPC.New.CIDR
	p["SubnetBits"] = strconv.Itoa(subnetBits(c.AWS.VPC.New.CIDR))
	p["Zones"] = strconv.Itoa(c.AWS.VPC.New.Zones)
	return p
}

func managerParameters(c *schema.Config, d Deployment) map[string]string {
	return map[string]string{
		"Cluster":            c.Cluster,
		"EcsCluster":         c.AWS.ECSCluster,
		"Bucket":             c.AWS.Bucket,
		"CodeKey":            d.CodeKey,
		"ConfigDigest":       d.ConfigDigest,
		"LogGroup":           c.AWS.LogGroup,
		"LogRetention":       strconv.Itoa(c.AWS.LogRetention),
		"FunctionName":       c.AWS.Function,
		"Architecture":       c.AWS.Architecture,
		"PermissionBoundary": c.AWS.PermissionBoundary,
	}
}

func serverParameters(c *schema.Config, d Deployment) map[string]string {
	p := serviceParameters(c, d)
	images := Images(c, d.AccountID, d.Pushed)
	p["Bucket"] = c.AWS.Bucket
	p["Cpu"] = cpuUnits(c.Server.CPU)
	p["Memory"] = strconv.Itoa(c.Server.Memory)
	p["DesiredCount"] = strconv.Itoa(d.ServerDesired)
	p["ServerImage"] = images.Server
	p["ServerCommand"] = strings.Join(d.Commands["server"], "\n")
	p["RedisImage"] = images.Redis
	p["RedisCommand"] = strings.Join(d.Commands["redis"], "\n")
	p["Idle"] = c.Idle.String()
	return p
}

func workersParameters(c *schema.Config, d Deployment) map[string]string {
	p := serviceParameters(c, d)
	p["Cpu"] = cpuUnits(c.Workers.CPU)
	p["Memory"] = strconv.Itoa(c.Workers.Memory)
	p["Disk"] = strconv.Itoa(c.Workers.Disk)
	p["Spot"] = strconv.FormatBool(c.Workers.Spot)
	p["DesiredCount"] = strconv.Itoa(d.WorkersDesired)
	p["WorkerImage"] = Images(c, d.AccountID, d.Pushed).Worker
	p["WorkerCommand"] = strings.Join(d.Commands["worker"], "\n")
	return p
}

// serviceParameters are those that the server's and the workers' stack have in common.
func serviceParameters(c *schema.Config, d Deployment) map[string]string {
	p := map[string]string{
		"Cluster":        c.Cluster,
		"InfraStack":     c.AWS.Stacks.Infra,
		"EcsCluster":     c.AWS.ECSCluster,
		"LogGroup":       c.AWS.LogGroup,
		"GatewayImage":   Images(c, d.AccountID, d.Pushed).Gateway,
		"GatewayCommand": strings.Join(d.Commands["gateway"], "\n"),
		"GatewayPort":    strconv.Itoa(GatewayPort),
	}
	if check := d.Commands["health"]; len(check) > 0 {
		p["GatewayHealthCheck"] = strings.Join(check, "\n")
	}
	if existing := c.AWS.VPC.Existing; existing != nil {
		p["Subnets"] = strings.Join(existing.Subnets, ",")
	} else {
		p["Zones"] = strconv.Itoa(c.AWS.VPC.New.Zones)
	}
	return p
}

// cpuUnits is vCPU as ECS counts them.
func cpuUnits(vcpu float64) string { return fmt.Sprintf("%.0f", vcpu*1024) }
