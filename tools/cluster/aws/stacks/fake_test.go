package stacks_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

// fake is a CloudFormation with one stack whose operations end as the test says: states that a healthy cloud is hard to bring into.
type fake struct {
	stacks.API
	status   types.StackStatus   // "" is no stack
	outcomes []types.StackStatus // of the operations to come
	looks    []types.StackStatus // what the next looks see, before status is seen
	reason   string              // of the resource that fails with a *_FAILED outcome
	changes  string              // why change sets fail; "" is not at all
	obsolete error               // of the change set, when it is executed
	calls    []string
	events   []types.StackEvent // newest first
}

const fakeID = "arn:aws:cloudformation:eu-west-1:123456789012:stack/acme/1"

func (f *fake) client() *stacks.Client { return &stacks.Client{API: f, Poll: time.Microsecond} }

// operate ends an operation at once.
func (f *fake) operate(call string, token *string) {
	f.calls = append(f.calls, call)
	f.status, f.outcomes = f.outcomes[0], f.outcomes[1:]
	add := func(id, kind, physical, status, reason string) {
		f.events = append([]types.StackEvent{{EventId: aws.String(fmt.Sprint(len(f.events))), LogicalResourceId: &id, ResourceType: &kind, PhysicalResourceId: &physical,
			ResourceStatus: types.ResourceStatus(status), ResourceStatusReason: &reason, ClientRequestToken: token}}, f.events...)
	}
	if f.reason != "" {
		add("Subnet", "AWS::EC2::Subnet", "subnet-1", "DELETE_FAILED", f.reason)
		add("Other", "AWS::EC2::VPC", "vpc-1", "CREATE_FAILED", "Resource creation cancelled")
	}
	add("acme", "AWS::CloudFormation::Stack", fakeID, string(f.status), "")
	if f.status == types.StackStatusDeleteComplete {
		f.status = ""
	}
}

func (f *fake) DescribeStacks(context.Context, *cfn.DescribeStacksInput, ...func(*cfn.Options)) (*cfn.DescribeStacksOutput, error) {
	status := f.status
	if len(f.looks) > 0 {
		status, f.looks = f.looks[0], f.looks[1:]
		f.calls = append(f.calls, "look")
	}
	if status == "" {
		return nil, &smithy.GenericAPIError{Code: "ValidationError", Message: "Stack with id acme does not exist"}
	}
	return &cfn.DescribeStacksOutput{Stacks: []types.Stack{{StackName: aws.String("acme"), StackId: aws.String(fakeID), StackStatus: status}}}, nil
}

// DescribeStackEvents gives one event a page.
func (f *fake) DescribeStackEvents(_ context.Context, in *cfn.DescribeStackEventsInput, _ ...func(*cfn.Options)) (*cfn.DescribeStackEventsOutput, error) {
	i := 0
	fmt.Sscan(aws.ToString(in.NextToken), &i)
	out := &cfn.DescribeStackEventsOutput{}
	if i < len(f.events) {
		out.StackEvents = f.events[i : i+1]
		out.NextToken = aws.String(fmt.Sprint(i + 1))
	}
	return out, nil
}

func (f *fake) DeleteStack(_ context.Context, in *cfn.DeleteStackInput, _ ...func(*cfn.Options)) (*cfn.DeleteStackOutput, error) {
	f.operate(fmt.Sprintf("delete%v", in.RetainResources), in.ClientRequestToken)
	return &cfn.DeleteStackOutput{}, nil
}

func (f *fake) ContinueUpdateRollback(_ context.Context, in *cfn.ContinueUpdateRollbackInput, _ ...func(*cfn.Options)) (*cfn.ContinueUpdateRollbackOutput, error) {
	f.operate("continue", in.ClientRequestToken)
	return &cfn.ContinueUpdateRollbackOutput{}, nil
}

func (f *fake) CreateChangeSet(_ context.Context, in *cfn.CreateChangeSetInput, _ ...func(*cfn.Options)) (*cfn.CreateChangeSetOutput, error) {
	f.calls = append(f.calls, string(in.ChangeSetType))
	return &cfn.CreateChangeSetOutput{Id: aws.String("set"), StackId: aws.String(fakeID)}, nil
}

func (f *fake) DescribeChangeSet(context.Context, *cfn.DescribeChangeSetInput, ...func(*cfn.Options)) (*cfn.DescribeChangeSetOutput, error) {
	if f.changes != "" {
		return &cfn.DescribeChangeSetOutput{Status: types.ChangeSetStatusFailed, StatusReason: &f.changes}, nil
	}
	return &cfn.DescribeChangeSetOutput{Status: types.ChangeSetStatusCreateComplete}, nil
}

func (f *fake) ExecuteChangeSet(_ context.Context, in *cfn.ExecuteChangeSetInput, _ ...func(*cfn.Options)) (*cfn.ExecuteChangeSetOutput, error) {
	if f.obsolete != nil {
		return nil, f.obsolete
	}
	f.operate("execute", in.ClientRequestToken)
	return &cfn.ExecuteChangeSetOutput{}, nil
}

func (f *fake) UpdateTerminationProtection(context.Context, *cfn.UpdateTerminationProtectionInput, ...func(*cfn.Options)) (*cfn.UpdateTerminationProtectionOutput, error) {
	return &cfn.UpdateTerminationProtectionOutput{}, nil
}

func (f *fake) DeleteChangeSet(context.Context, *cfn.DeleteChangeSetInput, ...func(*cfn.Options)) (*cfn.DeleteChangeSetOutput, error) {
	f.calls = append(f.calls, "discard")
	return &cfn.DeleteChangeSetOutput{}, nil
}
