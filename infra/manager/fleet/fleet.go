// Package fleet is the cluster's tasks: two ECS services on Fargate, the server and the workers. It changes how many are wanted, tells how
// many there are and how they are, and says in words why some are not.
package fleet

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/bbf-build/bbf/infra/ec2"
)

// ECS is what is used of the SDK's client.
type ECS interface {
	DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
	UpdateService(context.Context, *ecs.UpdateServiceInput, ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
	ListTasks(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error)
	DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error)
}

// EC2 is what is used of infra/ec2's client.
type EC2 interface {
	DescribeNetworkInterfaces(context.Context, ec2.Query) ([]ec2.NetworkInterface, error)
}

// Logs is what is used of the SDK's client for CloudWatch Logs.
type Logs interface {
	CreateLogGroup(context.Context, *cloudwatchlogs.CreateLogGroupInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.CreateLogGroupOutput, error)
	PutRetentionPolicy(context.Context, *cloudwatchlogs.PutRetentionPolicyInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.PutRetentionPolicyOutput, error)
}

// ErrNotSetUp is returned when the ECS cluster or one of its services isn't there.
var ErrNotSetUp = errors.New("the ECS services aren't there")

// Names are those of the parts, as the stacks have them.
type Names struct {
	Cluster  string // ECS cluster
	Server   string // ECS service
	Workers  string // ECS service
	LogGroup string // of both services' tasks
}

// Fleet is safe for concurrent use.
type Fleet struct {
	ecs       ECS
	ec2       EC2
	logs      Logs
	names     Names
	addresses addresses
}

// New makes no call.
func New(e ECS, n EC2, l Logs, names Names) *Fleet {
	return &Fleet{ecs: e, ec2: n, logs: l, names: names}
}
