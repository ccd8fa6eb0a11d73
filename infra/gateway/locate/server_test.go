package locate_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/gateway/locate"
)

// tasks are those of the service.
type tasks struct {
	mu    sync.Mutex
	all   []types.Task
	fail  error
	lists int
}

func (s *tasks) set(all ...types.Task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = all
}

func (s *tasks) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lists
}

func (s *tasks) ListTasks(_ context.Context, in *ecs.ListTasksInput, _ ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lists++
	if *in.Cluster != "acme" || *in.ServiceName != "server" || in.DesiredStatus != types.DesiredStatusRunning {
		return nil, errors.New("something else is asked for")
	}
	out := &ecs.ListTasksOutput{}
	for _, t := range s.all {
		out.TaskArns = append(out.TaskArns, *t.TaskArn)
	}
	return out, s.fail
}

func (s *tasks) DescribeTasks(_ context.Context, in *ecs.DescribeTasksInput, _ ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &ecs.DescribeTasksOutput{Tasks: s.all}, nil
}

func task(address string, created time.Time) types.Task {
	t := types.Task{TaskArn: aws.String("arn:" + address), DesiredStatus: aws.String("RUNNING"), CreatedAt: &created}
	if address != "" {
		t.Attachments = []types.Attachment{{Details: []types.KeyValuePair{
			{Name: aws.String("subnetId"), Value: aws.String("s")}, {Name: aws.String("privateIPv4Address"), Value: &address},
		}}}
	}
	return t
}

func find(t *testing.T, test func(t *testing.T, s *tasks, l *locate.Server)) {
	synctest.Test(t, func(t *testing.T) {
		s := &tasks{}
		test(t, s, &locate.Server{Tasks: s, Cluster: "acme", Service: "server", Port: "8980", Between: 2 * time.Second, Log: slog.New(slog.DiscardHandler)})
	})
}

func want(t *testing.T, l *locate.Server, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	if got, err := l.Address(ctx); err != nil || got != address {
		t.Errorf("got %q, %v; want %q", got, err, address)
	}
}

func TestServer(t *testing.T) {
	t.Run("IsRemembered", func(t *testing.T) {
		find(t, func(t *testing.T, s *tasks, l *locate.Server) {
			s.set(task("10.0.0.1", time.Now()))
			for range 100 {
				want(t, l, "10.0.0.1:8980")
			}
			if n := s.asked(); n != 1 {
				t.Errorf("ECS was asked %d times", n)
			}
		})
	})
	t.Run("IsWaitedFor", func(t *testing.T) {
		find(t, func(t *testing.T, s *tasks, l *locate.Server) {
			s.set(task("", time.Now())) // it has no address yet
			time.AfterFunc(5*time.Second, func() { s.set(task("10.0.0.1", time.Now())) })
			want(t, l, "10.0.0.1:8980")
		})
	})
	t.Run("IsFoundAgain", func(t *testing.T) {
		find(t, func(t *testing.T, s *tasks, l *locate.Server) {
			s.set(task("10.0.0.1", time.Now()))
			want(t, l, "10.0.0.1:8980")
			s.set(task("10.0.0.1", time.Now()), task("10.0.0.2", time.Now().Add(time.Second)))
			l.Lost("10.0.0.9:8980") // somebody speaks of one before
			want(t, l, "10.0.0.1:8980")
			l.Lost("10.0.0.1:8980")
			want(t, l, "10.0.0.2:8980")
		})
	})
	t.Run("ManyAskAtOnce", func(t *testing.T) {
		find(t, func(t *testing.T, s *tasks, l *locate.Server) {
			var all sync.WaitGroup
			for range 50 {
				all.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
					defer cancel()
					if _, err := l.Address(ctx); err == nil || !strings.Contains(err.Error(), "no task of it is running") {
						t.Errorf("got %v", err)
					}
				})
			}
			all.Wait()
			if n := s.asked(); n < 2 || n > 5 {
				t.Errorf("ECS was asked %d times in 8 seconds", n)
			}
			time.Sleep(10 * time.Second) // the last look ends
		})
	})
	t.Run("WhenECSFails", func(t *testing.T) {
		find(t, func(t *testing.T, s *tasks, l *locate.Server) {
			s.fail = errors.New("AccessDeniedException")
			ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
			defer cancel()
			if _, err := l.Address(ctx); !errors.Is(err, s.fail) {
				t.Errorf("got %v", err)
			}
			time.Sleep(10 * time.Second)
		})
	})
}
