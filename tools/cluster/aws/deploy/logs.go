package deploy

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// Logs is what is called of CloudWatch Logs. The SDK's client is one.
type Logs interface {
	DescribeLogGroups(context.Context, *cloudwatchlogs.DescribeLogGroupsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeLogGroupsOutput, error)
	DeleteLogGroup(context.Context, *cloudwatchlogs.DeleteLogGroupInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DeleteLogGroupOutput, error)
}

// hasLogGroup says whether the cluster's log group is there, as after a teardown, which keeps it. The list is in the order of the names, so
// the group is the first with its own name as the prefix.
func (d *Deployer) hasLogGroup(ctx context.Context) (bool, error) {
	name := d.Config.AWS.LogGroup
	out, err := d.Logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name, Limit: aws.Int32(1)})
	if err != nil {
		return false, fmt.Errorf("looking for the log group %s: %w", name, err)
	}
	return len(out.LogGroups) > 0 && aws.ToString(out.LogGroups[0].LogGroupName) == name, nil
}

func (d *Deployer) deleteLogGroup(ctx context.Context) error {
	name := d.Config.AWS.LogGroup
	_, err := d.Logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &name})
	if err != nil && !errors.As(err, new(*types.ResourceNotFoundException)) {
		return fmt.Errorf("deleting the log group %s: %w", name, err)
	}
	return nil
}
