package fleet

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// batch is how many tasks ECS lists on a page, and describes in a call, at most.
const batch = 100

// tasks is what is known of single tasks. ECS forgets stopped ones after an hour.
type tasks struct {
	server, workers []types.Task // not stopped
	stopped         []types.Task // of both
}

// serverTask looks at the server's only, in two calls.
func (f *Fleet) serverTask(ctx context.Context, s *Services) (*tasks, error) {
	if s.Server.RunningCount == 0 {
		return new(tasks), nil
	}
	arns, err := f.list(ctx, &s.Server, types.DesiredStatusRunning)
	if err != nil {
		return nil, err
	}
	return f.describe(ctx, arns)
}

// allTasks looks at all, and at stopped ones when there may be something to see. Up to a hundred tasks are three calls. Of more, those are
// not described that ECS counts as running well anyway, so that 200 tasks need no more than five.
func (f *Fleet) allTasks(ctx context.Context, s *Services, look bool) (*tasks, error) {
	var gone []string
	if look {
		var err error
		if gone, err = f.stopped(ctx); err != nil {
			return nil, err
		}
	}
	if s.Alive() <= batch || !s.Server.settled() || !s.Workers.settled() {
		arns, err := f.list(ctx, nil, types.DesiredStatusRunning)
		if err != nil {
			return nil, err
		}
		return f.describe(ctx, append(arns, gone...))
	}
	servers, err := f.list(ctx, &s.Server, types.DesiredStatusRunning)
	if err != nil {
		return nil, err
	}
	workers, err := f.list(ctx, &s.Workers, types.DesiredStatusRunning)
	if err != nil {
		return nil, err
	}
	found, err := f.describe(ctx, append(servers, gone...))
	if err != nil {
		return nil, err
	}
	for _, arn := range workers {
		found.workers = append(found.workers, types.Task{TaskArn: &arn, LastStatus: aws.String("RUNNING"), HealthStatus: types.HealthStatusHealthy})
	}
	return found, nil
}

// list returns the ARNs of all tasks of a service, or of both.
func (f *Fleet) list(ctx context.Context, s *Service, status types.DesiredStatus) ([]string, error) {
	in := &ecs.ListTasksInput{Cluster: &f.names.Cluster, DesiredStatus: status}
	if s != nil {
		in.ServiceName = s.ServiceName
	}
	var arns []string
	for {
		page, err := f.ecs.ListTasks(ctx, in)
		if err != nil {
			return nil, err
		}
		arns = append(arns, page.TaskArns...)
		if aws.ToString(page.NextToken) == "" {
			return arns, nil
		}
		in.NextToken = page.NextToken
	}
}

// stopped returns up to a hundred tasks that have stopped or are about to: enough to tell why. ECS doesn't sort them.
func (f *Fleet) stopped(ctx context.Context) ([]string, error) {
	page, err := f.ecs.ListTasks(ctx, &ecs.ListTasksInput{Cluster: &f.names.Cluster, DesiredStatus: types.DesiredStatusStopped})
	if err != nil {
		return nil, err
	}
	return page.TaskArns, nil
}

// describe asks for a hundred tasks at a time, and sorts them. Those that are gone meanwhile are left out.
func (f *Fleet) describe(ctx context.Context, arns []string) (*tasks, error) {
	found := new(tasks)
	for len(arns) > 0 {
		n := min(batch, len(arns))
		out, err := f.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &f.names.Cluster, Tasks: arns[:n]})
		if err != nil {
			return nil, err
		}
		arns = arns[n:]
		for _, t := range out.Tasks {
			group, _ := strings.CutPrefix(aws.ToString(t.Group), "service:")
			switch {
			case group != f.names.Server && group != f.names.Workers: // somebody else's
			case aws.ToString(t.LastStatus) == "STOPPED":
				found.stopped = append(found.stopped, t)
			case group == f.names.Server:
				found.server = append(found.server, t)
			default:
				found.workers = append(found.workers, t)
			}
		}
	}
	return found, nil
}
