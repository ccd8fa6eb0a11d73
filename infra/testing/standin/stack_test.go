package standin_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/bbf-build/bbf/infra/testing/standin"
)

func TestStackWithAFault(t *testing.T) {
	cloud := standin.Start(t, standin.Options{Images: images(t)})
	cloud.Fault(t, "faulty", "Cluster", "Limit exceeded: clusters")
	if got := deploy(t, cloud, "faulty", "service.yaml", nil); got.StackStatus != types.StackStatusRollbackComplete {
		t.Errorf("the stack is %s, want ROLLBACK_COMPLETE", got.StackStatus)
	}
	if reasons := failures(t, cloud, "faulty"); !strings.Contains(reasons, "Cluster: Limit exceeded: clusters") {
		t.Errorf("failed: %s", reasons)
	}
	// A fault happens once.
	if got := deploy(t, cloud, "whole", "service.yaml", nil); got.StackStatus != types.StackStatusCreateComplete {
		t.Errorf("the next stack is %s: %s", got.StackStatus, failures(t, cloud, "whole"))
	}

	client := cloudformation.NewFromConfig(cloud.RootConfig(t.Context()))
	cloud.FaultOnUpdate(t, "whole", "Tasks", "Rate exceeded")
	if _, err := client.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: aws.String("whole"),
		UsePreviousTemplate: aws.Bool(true), Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam},
		Parameters: []types.Parameter{{ParameterKey: aws.String("Health"), ParameterValue: aws.String("false")}},
	}); err != nil {
		t.Fatal(err)
	}
	if got := settled(t, client, "whole"); got.StackStatus != types.StackStatusUpdateRollbackComplete {
		t.Errorf("the updated stack is %s, want UPDATE_ROLLBACK_COMPLETE", got.StackStatus)
	}

	cloud.FaultOnDelete(t, "whole", "Cluster", "Cluster is in use")
	in := &cloudformation.DeleteStackInput{StackName: aws.String("whole")}
	if _, err := client.DeleteStack(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if got := settled(t, client, "whole"); got.StackStatus != types.StackStatusDeleteFailed {
		t.Errorf("the deleted stack is %s, want DELETE_FAILED", got.StackStatus)
	}
	remove(t, cloud, "whole")
}

// deploy makes a stack of a template in testdata and waits for its end.
func deploy(t *testing.T, cloud *standin.Cloud, name, template string, parameters map[string]string) types.Stack {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", template))
	if err != nil {
		t.Fatal(err)
	}
	in := &cloudformation.CreateStackInput{StackName: &name, TemplateBody: aws.String(string(body)),
		Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam}}
	for key, value := range parameters {
		in.Parameters = append(in.Parameters, types.Parameter{ParameterKey: &key, ParameterValue: &value})
	}
	client := cloudformation.NewFromConfig(cloud.RootConfig(t.Context()))
	if _, err := client.CreateStack(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	return settled(t, client, name)
}

// settled waits until nothing is in progress in a stack.
func settled(t *testing.T, client *cloudformation.Client, name string) types.Stack {
	t.Helper()
	var stack types.Stack
	waitFor(t, "the stack "+name, func() bool {
		out, err := client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
		if err != nil {
			t.Fatal(err)
		}
		stack = out.Stacks[0]
		return !strings.HasSuffix(string(stack.StackStatus), "_IN_PROGRESS")
	})
	return stack
}

// remove deletes a stack and waits until it is gone.
func remove(t *testing.T, cloud *standin.Cloud, name string) {
	t.Helper()
	client := cloudformation.NewFromConfig(cloud.RootConfig(t.Context()))
	if _, err := client.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &name}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the stack "+name+" to go", func() bool {
		_, err := client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
		return err != nil
	})
}

func failures(t *testing.T, cloud *standin.Cloud, stack string) string {
	t.Helper()
	client := cloudformation.NewFromConfig(cloud.RootConfig(t.Context()))
	out, err := client.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: &stack})
	if err != nil {
		t.Fatal(err)
	}
	var reasons strings.Builder
	for _, e := range out.StackEvents {
		if strings.HasSuffix(string(e.ResourceStatus), "_FAILED") {
			fmt.Fprintf(&reasons, "%s: %s\n", *e.LogicalResourceId, aws.ToString(e.ResourceStatusReason))
		}
	}
	return reasons.String()
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited 30 s for %s", what)
		}
	}
}
