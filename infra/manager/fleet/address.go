package fleet

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/ec2"
	"github.com/bbf-build/bbf/infra/manager/api"
)

// GatewayPort is what the server's gateway listens on.
const GatewayPort = 8980

// addresses remembers the public address of one task, the server's: it doesn't change as long as the task lives.
type addresses struct {
	mu       sync.Mutex
	task     string
	publicIP string
}

// endpoint is where the server's gateway is reached: "" as long as no task of the server is healthy. There are never two: the old one goes first.
func (f *Fleet) endpoint(ctx context.Context, server []types.Task, steady bool) (string, error) {
	i := slices.IndexFunc(server, func(t types.Task) bool { return taskState(t, steady) == api.TaskRunning })
	if i < 0 {
		return "", nil
	}
	ip, err := f.address(ctx, server[i])
	if err != nil || ip == "" {
		return "", err
	}
	return fmt.Sprintf("grpcs://%s:%d", ip, GatewayPort), nil
}

func (f *Fleet) address(ctx context.Context, t types.Task) (string, error) {
	f.addresses.mu.Lock()
	defer f.addresses.mu.Unlock()
	if f.addresses.task == id(t) {
		return f.addresses.publicIP, nil
	}
	eni := networkInterface(t)
	if eni == "" {
		return "", nil
	}
	found, err := f.ec2.DescribeNetworkInterfaces(ctx, ec2.Query{IDs: []string{eni}})
	if err != nil {
		return "", err
	}
	if len(found) == 0 || found[0].Association.PublicIp == "" {
		return "", nil
	}
	f.addresses.task, f.addresses.publicIP = id(t), found[0].Association.PublicIp
	return f.addresses.publicIP, nil
}

// networkInterface is the ID of a task's own.
func networkInterface(t types.Task) string {
	for _, a := range t.Attachments {
		for _, d := range a.Details {
			if aws.ToString(d.Name) == "networkInterfaceId" {
				return aws.ToString(d.Value)
			}
		}
	}
	return ""
}
