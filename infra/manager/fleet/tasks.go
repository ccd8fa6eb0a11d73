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

// callsForTasks is how many calls a status makes for single tasks at most. With the configuration, the state, the services and the server's
// address that is nine, however many tasks there are and whatever goes on.
const callsForTasks = 5

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
	arns, err := f.list(ctx, &s.Server, types.DesiredStatusRunning, 1)
	if err != nil {
		return nil, err
	}
	return f.describe(ctx, arns, 1)
}

// allTasks looks at all, and at stopped ones when there may be something to see.
func (f *Fleet) allTasks(ctx context.Context, s *Services, look bool) (*tasks, error) {
	left := callsForTasks
	var gone []string
	if look {
		var err error
		// A hundred are enough to tell why. ECS doesn't sort them.
		if gone, err = f.list(ctx, nil, types.DesiredStatusStopped, 1); err != nil {
			return nil, err
		}
		left--
	}
	if s.Alive() > batch {
		return f.manyTasks(ctx, s, gone, left)
	}
	arns, err := f.list(ctx, nil, types.DesiredStatusRunning, 2)
	if err != nil {
		return nil, err
	}
	return f.describe(ctx, append(arns, gone...), left-2)
}

// manyTasks looks at the server's task, at stopped ones, and then at as many workers as the calls that are left are enough for. Workers that ECS
// counts as running well anyway needn't be described.
func (f *Fleet) manyTasks(ctx context.Context, s *Services, gone []string, left int) (*tasks, error) {
	well := s.Workers.settled()
	pages := 2
	if !well {
		pages = (left - 1) / 2 // a call to list a hundred, and one to describe them
	}
	servers, err := f.list(ctx, &s.Server, types.DesiredStatusRunning, 1)
	if err != nil {
		return nil, err
	}
	workers, err := f.list(ctx, &s.Workers, types.DesiredStatusRunning, pages)
	if err != nil {
		return nil, err
	}
	first := append(servers, gone...)
	if !well {
		first = append(first, workers...)
	}
	found, err := f.describe(ctx, first, left-1-pages)
	if err != nil || !well {
		return found, err
	}
	for _, arn := range workers {
		found.workers = append(found.workers, types.Task{TaskArn: &arn, LastStatus: aws.String("RUNNING"), HealthStatus: types.HealthStatusHealthy})
	}
	return found, nil
}

// list returns the ARNs of tasks of a service, or of both, from so many pages at most.
func (f *Fleet) list(ctx context.Context, s *Service, status types.DesiredStatus, pages int) ([]string, error) {
	in := &ecs.ListTasksInput{Cluster: &f.names.Cluster, DesiredStatus: status}
	if s != nil {
		in.ServiceName = s.ServiceName
	}
	var arns []string
	for range pages {
		page, err := f.ecs.ListTasks(ctx, in)
		if err != nil {
			return nil, err
		}
		arns = append(arns, page.TaskArns...)
		if in.NextToken = page.NextToken; aws.ToString(in.NextToken) == "" {
			break
		}
	}
	return arns, nil
}

// describe asks for a hundred tasks at a time, in so many calls at most, and sorts them. Those that are gone meanwhile are left out.
func (f *Fleet) describe(ctx context.Context, arns []string, calls int) (*tasks, error) {
	found := new(tasks)
	for ; len(arns) > 0 && calls > 0; calls-- {
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
