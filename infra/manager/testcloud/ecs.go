package testcloud

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func newService(name string) *types.Service {
	return &types.Service{
		ServiceName: &name,
		Status:      aws.String("ACTIVE"),
		Deployments: []types.Deployment{{Status: aws.String("PRIMARY"), RolloutState: types.DeploymentRolloutStateCompleted}},
	}
}

// DescribeServices knows at most the two.
func (c *Cloud) DescribeServices(_ context.Context, in *ecs.DescribeServicesInput, _ ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	done, err := c.call("DescribeServices")
	defer done()
	if err != nil {
		return nil, err
	}
	out := new(ecs.DescribeServicesOutput)
	for _, name := range in.Services {
		if s := c.Services[name]; s != nil {
			out.Services = append(out.Services, clone(s))
		}
	}
	return out, nil
}

// UpdateService changes the count, and makes a deployment if forced to. No task comes or goes by it: tests say when.
func (c *Cloud) UpdateService(_ context.Context, in *ecs.UpdateServiceInput, _ ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error) {
	done, err := c.call("UpdateService " + *in.Service)
	defer done()
	if err != nil {
		return nil, err
	}
	s := c.Services[*in.Service]
	if s == nil {
		return nil, &types.ServiceNotFoundException{}
	}
	s.DesiredCount = *in.DesiredCount
	if in.ForceNewDeployment {
		c.Forced[*in.Service]++
		s.Deployments = []types.Deployment{{Status: aws.String("PRIMARY"), RolloutState: types.DeploymentRolloutStateInProgress}}
	}
	out := clone(s)
	return &ecs.UpdateServiceOutput{Service: &out}, nil
}

func clone(s *types.Service) types.Service {
	out := *s
	out.Deployments = slices.Clone(s.Deployments)
	out.Events = slices.Clone(s.Events)
	return out
}

// ListTasks gives out a hundred at a time, as ECS does.
func (c *Cloud) ListTasks(_ context.Context, in *ecs.ListTasksInput, _ ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	done, err := c.call("ListTasks " + string(in.DesiredStatus))
	defer done()
	if err != nil {
		return nil, err
	}
	var arns []string
	for _, t := range c.Tasks {
		if aws.ToString(t.DesiredStatus) == string(in.DesiredStatus) && (in.ServiceName == nil || *t.Group == "service:"+*in.ServiceName) {
			arns = append(arns, *t.TaskArn)
		}
	}
	start, _ := strconv.Atoi(aws.ToString(in.NextToken))
	end := min(start+100, len(arns))
	out := &ecs.ListTasksOutput{TaskArns: arns[start:end]}
	if end < len(arns) {
		out.NextToken = aws.String(strconv.Itoa(end))
	}
	return out, nil
}

// DescribeTasks refuses more than a hundred, as ECS does.
func (c *Cloud) DescribeTasks(_ context.Context, in *ecs.DescribeTasksInput, _ ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error) {
	done, err := c.call("DescribeTasks")
	defer done()
	if err != nil {
		return nil, err
	}
	if n := len(in.Tasks); n == 0 || n > 100 {
		return nil, &types.InvalidParameterException{Message: aws.String(fmt.Sprint(n, " tasks"))}
	}
	out := new(ecs.DescribeTasksOutput)
	for _, t := range c.Tasks {
		if slices.Contains(in.Tasks, *t.TaskArn) {
			out.Tasks = append(out.Tasks, t)
		}
	}
	return out, nil
}

// Task makes a healthy running task of a service; the functions change it. Counts are the service's affair.
func (c *Cloud) Task(service string, change ...func(*types.Task)) types.Task {
	id := fmt.Sprintf("%s%04d", strings.Repeat("0", 8), len(c.Tasks))
	t := types.Task{
		TaskArn:          aws.String("arn:aws:ecs:eu-west-1:123456789012:task/acme/" + id),
		Group:            aws.String("service:" + service),
		DesiredStatus:    aws.String("RUNNING"),
		LastStatus:       aws.String("RUNNING"),
		HealthStatus:     types.HealthStatusHealthy,
		AvailabilityZone: aws.String("eu-west-1a"),
		CreatedAt:        aws.Time(time.Date(2026, 11, 26, 9, 0, len(c.Tasks), 0, time.UTC)),
		Attachments: []types.Attachment{{Details: []types.KeyValuePair{
			{Name: aws.String("subnetId"), Value: aws.String("subnet-1")},
			{Name: aws.String("networkInterfaceId"), Value: aws.String("eni-" + id)},
		}}},
	}
	for _, f := range change {
		f(&t)
	}
	c.Tasks = append(c.Tasks, t)
	return t
}

// Settle makes a service what it wants to be: as many healthy tasks as desired, and a completed deployment.
func (c *Cloud) Settle(service string) {
	s := c.Services[service]
	c.Tasks = slices.DeleteFunc(c.Tasks, func(t types.Task) bool { return *t.Group == "service:"+service })
	for range s.DesiredCount {
		c.Task(service)
	}
	s.RunningCount, s.PendingCount = s.DesiredCount, 0
	s.Deployments[0].RolloutState = types.DeploymentRolloutStateCompleted
}
