package fleet

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/bbf-build/bbf/infra/ec2"
)

// ErrNoTask is returned when there is no such task, or none that still runs.
var ErrNoTask = errors.New("there is no such task")

// Hosts are the addresses of a task, the private and the public one, as soon as it has its network interface, which is before its containers
// start.
func (f *Fleet) Hosts(ctx context.Context, arn string) ([]string, error) {
	out, err := f.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &f.names.Cluster, Tasks: []string{arn}})
	if err != nil {
		return nil, err
	}
	if len(out.Tasks) == 0 {
		return nil, ErrNoTask
	}
	eni := networkInterface(out.Tasks[0])
	if eni == "" {
		return nil, ErrNoTask
	}
	found, err := f.ec2.DescribeNetworkInterfaces(ctx, ec2.Query{IDs: []string{eni}})
	if err != nil {
		return nil, err
	}
	var hosts []string
	for _, n := range found {
		for _, ip := range []string{n.PrivateIpAddress, n.Association.PublicIp} {
			if ip != "" {
				hosts = append(hosts, ip)
			}
		}
	}
	return hosts, nil
}
