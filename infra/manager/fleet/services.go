package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Services is both services at one moment.
type Services struct {
	Server, Workers Service
}

// Service is one of them as ECS tells it.
type Service struct {
	types.Service
}

// Services asks how both are, in one call.
func (f *Fleet) Services(ctx context.Context) (*Services, error) {
	out, err := f.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster:  &f.names.Cluster,
		Services: []string{f.names.Server, f.names.Workers},
	})
	var noCluster *types.ClusterNotFoundException
	if errors.As(err, &noCluster) {
		return nil, fmt.Errorf("%w: there is no ECS cluster %s", ErrNotSetUp, f.names.Cluster)
	}
	if err != nil {
		return nil, err
	}
	found := map[string]types.Service{}
	for _, s := range out.Services {
		if aws.ToString(s.Status) == "ACTIVE" { // deleted ones stay visible for a while
			found[aws.ToString(s.ServiceName)] = s
		}
	}
	for _, name := range []string{f.names.Server, f.names.Workers} {
		if _, ok := found[name]; !ok {
			return nil, fmt.Errorf("%w: the ECS cluster %s has no service %s", ErrNotSetUp, f.names.Cluster, name)
		}
	}
	return &Services{Service{found[f.names.Server]}, Service{found[f.names.Workers]}}, nil
}

// Wanted says whether anything is to run.
func (s *Services) Wanted() bool { return s.Server.DesiredCount > 0 || s.Workers.DesiredCount > 0 }

// Alive is how many tasks there are, wanted or not.
func (s *Services) Alive() int { return s.Server.alive() + s.Workers.alive() }

// Crossed says that workers are wanted without a server. No single caller asks for that: an up and a down have crossed.
func (s *Services) Crossed() bool { return s.Server.DesiredCount == 0 && s.Workers.DesiredCount > 0 }

func (s *Service) alive() int { return int(s.RunningCount + s.PendingCount) }

// primary is the deployment that new tasks are started for.
func (s *Service) primary() types.Deployment {
	for _, d := range s.Deployments {
		if aws.ToString(d.Status) == "PRIMARY" {
			return d
		}
	}
	return types.Deployment{}
}

// Failed says that ECS's circuit breaker has given up: it starts no task until there is a new deployment.
func (s *Service) Failed() bool {
	return s.DesiredCount > 0 && s.primary().RolloutState == types.DeploymentRolloutStateFailed
}

// settled says that what is wanted runs, and has been healthy.
func (s *Service) settled() bool {
	return s.RunningCount == s.DesiredCount && s.PendingCount == 0 && s.primary().RolloutState == types.DeploymentRolloutStateCompleted
}

// Changed is when the count or the definition of what is wanted was last changed.
func (s *Service) Changed() time.Time { return aws.ToTime(s.primary().UpdatedAt) }
