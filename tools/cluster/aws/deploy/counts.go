package deploy

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ECS is what is called of ECS. The SDK's client is one.
type ECS interface {
	DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
	UpdateService(context.Context, *ecs.UpdateServiceInput, ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
}

// The names of the two services.
const (
	ServerService  = "server"
	WorkersService = "workers"
)

// counts is how many tasks each service is to run. A service that isn't there isn't in it.
type counts map[string]int

// running asks ECS. Before the first setup there is no cluster.
func (d *Deployer) running(ctx context.Context) (counts, error) {
	in := &ecs.DescribeServicesInput{Cluster: &d.Config.AWS.ECSCluster, Services: []string{ServerService, WorkersService}}
	out, err := d.ECS.DescribeServices(ctx, in)
	if errors.As(err, new(*types.ClusterNotFoundException)) {
		return counts{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking at the services of the ECS cluster %s: %w", d.Config.AWS.ECSCluster, err)
	}
	found := counts{}
	for _, s := range out.Services {
		if aws.ToString(s.Status) == "ACTIVE" {
			found[aws.ToString(s.ServiceName)] = int(s.DesiredCount)
		}
	}
	return found, nil
}

// stop lets both services run nothing, so that their tasks are ending while the stacks are being deleted.
func (d *Deployer) stop(ctx context.Context, running counts) error {
	for _, name := range []string{WorkersService, ServerService} {
		if running[name] == 0 {
			continue
		}
		_, err := d.ECS.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &d.Config.AWS.ECSCluster, Service: &name, DesiredCount: aws.Int32(0)})
		if err != nil && !errors.As(err, new(*types.ServiceNotFoundException)) && !errors.As(err, new(*types.ServiceNotActiveException)) {
			return fmt.Errorf("stopping the service %s: %w", name, err)
		}
	}
	return nil
}
