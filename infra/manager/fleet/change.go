package fleet

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Want is what Up is to bring about.
type Want struct {
	Workers   int
	Retention int                 // days that the logs are kept, should their group have to be made
	Redeploy  func(*Service) bool // whether a service's tasks are to be replaced by new ones
}

// Up makes the server and so many workers wanted, the server first. It makes no call for what is wanted already. Services is brought up to
// date.
func (f *Fleet) Up(ctx context.Context, now *Services, want Want) error {
	steps := []struct {
		service *Service
		desired int
	}{{&now.Server, 1}, {&now.Workers, want.Workers}}
	prepared := false
	for _, step := range steps {
		redeploy := want.Redeploy(step.service) && step.desired > 0
		if int(step.service.DesiredCount) == step.desired && !redeploy {
			continue
		}
		if !prepared {
			// Without the group every task fails to start.
			if err := f.ensureLogGroup(ctx, want.Retention); err != nil {
				return err
			}
			prepared = true
		}
		if err := f.set(ctx, step.service, step.desired, redeploy); err != nil {
			return err
		}
	}
	return f.mend(ctx, now)
}

// Down makes at most so many workers wanted, and no server either when that is none; the workers first.
func (f *Fleet) Down(ctx context.Context, now *Services, workers int) error {
	if int(now.Workers.DesiredCount) > workers {
		if err := f.set(ctx, &now.Workers, workers, false); err != nil {
			return err
		}
	}
	if workers > 0 {
		return nil
	}
	if now.Server.DesiredCount > 0 {
		if err := f.set(ctx, &now.Server, 0, false); err != nil {
			return err
		}
	}
	return f.mend(ctx, now)
}

// mend looks at what has come of a change. Whoever changes last sees it if an up and a down have crossed, and brings the server back: an
// up that was answered well must not leave workers that nobody can reach.
func (f *Fleet) mend(ctx context.Context, now *Services) error {
	after, err := f.Services(ctx)
	if err != nil {
		return err
	}
	*now = *after
	if now.Crossed() {
		return f.set(ctx, &now.Server, 1, false)
	}
	return nil
}

func (f *Fleet) set(ctx context.Context, s *Service, desired int, redeploy bool) error {
	out, err := f.ecs.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster:            &f.names.Cluster,
		Service:            s.ServiceName,
		DesiredCount:       aws.Int32(int32(desired)),
		ForceNewDeployment: redeploy,
	})
	var gone *types.ServiceNotFoundException
	var inactive *types.ServiceNotActiveException
	if errors.As(err, &gone) || errors.As(err, &inactive) {
		return fmt.Errorf("%w: %w", ErrNotSetUp, err)
	}
	if err != nil {
		return err
	}
	s.Service = *out.Service
	return nil
}

func (f *Fleet) ensureLogGroup(ctx context.Context, days int) error {
	_, err := f.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &f.names.LogGroup})
	var exists *logtypes.ResourceAlreadyExistsException
	if errors.As(err, &exists) {
		return nil
	}
	if err != nil || days == 0 {
		return err
	}
	_, err = f.logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{
		LogGroupName: &f.names.LogGroup, RetentionInDays: aws.Int32(int32(days)),
	})
	return err
}
