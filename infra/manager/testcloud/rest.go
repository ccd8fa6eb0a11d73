package testcloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/bbf-build/bbf/infra/ec2"
)

// CreateLogGroup refuses one that is there.
func (c *Cloud) CreateLogGroup(_ context.Context, in *cloudwatchlogs.CreateLogGroupInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.CreateLogGroupOutput, error) {
	done, err := c.call("CreateLogGroup")
	defer done()
	if err != nil {
		return nil, err
	}
	if _, ok := c.Logs[*in.LogGroupName]; ok {
		return nil, &logtypes.ResourceAlreadyExistsException{}
	}
	c.Logs[*in.LogGroupName] = 0
	return new(cloudwatchlogs.CreateLogGroupOutput), nil
}

// PutRetentionPolicy sets the days.
func (c *Cloud) PutRetentionPolicy(_ context.Context, in *cloudwatchlogs.PutRetentionPolicyInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.PutRetentionPolicyOutput, error) {
	done, err := c.call("PutRetentionPolicy")
	defer done()
	if err != nil {
		return nil, err
	}
	c.Logs[*in.LogGroupName] = *in.RetentionInDays
	return new(cloudwatchlogs.PutRetentionPolicyOutput), nil
}

// DescribeNetworkInterfaces gives every interface the same public address.
func (c *Cloud) DescribeNetworkInterfaces(_ context.Context, q ec2.Query) ([]ec2.NetworkInterface, error) {
	done, err := c.call("DescribeNetworkInterfaces")
	defer done()
	if err != nil {
		return nil, err
	}
	return []ec2.NetworkInterface{{NetworkInterfaceId: q.IDs[0], Association: ec2.Association{PublicIp: PublicIP}}}, nil
}
