// Package locate finds the server's task through ECS, and finds it again when it was replaced.
package locate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Tasks is what is used of ECS.
type Tasks interface {
	ListTasks(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error)
	DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error)
}

// Server is the one task of a service. It is safe for concurrent use; however many ask, ECS is asked once, and not more often than every
// Between.
type Server struct {
	Tasks   Tasks
	Cluster string // ECS's
	Service string
	Port    string
	Between time.Duration
	Log     *slog.Logger

	mu      sync.Mutex
	address string
	changed chan struct{} // closed when a look has ended; nil when none is being taken
	failed  error         // of the last look
	looked  time.Time
}

// Address is the task's private HOST:PORT. It waits until there is one, or the context ends.
func (s *Server) Address(ctx context.Context) (string, error) {
	for {
		s.mu.Lock()
		if s.address != "" {
			defer s.mu.Unlock()
			return s.address, nil
		}
		if s.changed == nil {
			s.changed = make(chan struct{})
			go s.look(s.looked, s.changed)
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			s.mu.Lock()
			defer s.mu.Unlock()
			return "", fmt.Errorf("the cluster's server isn't found: %w", errors.Join(s.failed, ctx.Err()))
		}
	}
}

// Lost forgets an address.
func (s *Server) Lost(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.address == address {
		s.address = ""
	}
}

// look asks ECS, once, when it is time to. It belongs to nobody's context: others wait for it too.
func (s *Server) look(last time.Time, ended chan struct{}) {
	// A hundred workers lose the server at the same moment.
	time.Sleep(time.Until(last.Add(s.Between + rand.N(s.Between/2+1))))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	address, err := s.find(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.address, s.failed, s.looked, s.changed = address, err, time.Now(), nil
	close(ended)
	if err != nil {
		s.Log.Warn("the server's task isn't found", "error", err)
	} else {
		s.Log.Info("the server's task is found", "address", address)
	}
}

var errNone = errors.New("no task of it is running")

func (s *Server) find(ctx context.Context) (string, error) {
	list, err := s.Tasks.ListTasks(ctx, &ecs.ListTasksInput{Cluster: &s.Cluster, ServiceName: &s.Service, DesiredStatus: types.DesiredStatusRunning})
	if err != nil {
		return "", err
	}
	if len(list.TaskArns) == 0 {
		return "", errNone
	}
	described, err := s.Tasks.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &s.Cluster, Tasks: list.TaskArns})
	if err != nil {
		return "", err
	}
	// While one takes the place of another there are two for a moment: the younger one stays.
	var best *types.Task
	for i, t := range described.Tasks {
		if privateAddress(t) != "" && aws.ToString(t.DesiredStatus) == "RUNNING" &&
			(best == nil || aws.ToTime(t.CreatedAt).After(aws.ToTime(best.CreatedAt))) {
			best = &described.Tasks[i]
		}
	}
	if best == nil {
		return "", errNone
	}
	return net.JoinHostPort(privateAddress(*best), s.Port), nil
}

// privateAddress is that of a task's network interface
// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attachment.html); "" as long as it has none.
func privateAddress(t types.Task) string {
	for _, a := range t.Attachments {
		for _, d := range a.Details {
			if aws.ToString(d.Name) == "privateIPv4Address" {
				return aws.ToString(d.Value)
			}
		}
	}
	return ""
}
