package fleet_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/bbf/acme/worker:current"

// TestFailures shows tasks that stopped in the ways that AWS documents, and what is told of them.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
func TestFailures(t *testing.T) {
	failed, exited, scheduler := types.TaskStopCodeTaskFailedToStart, types.TaskStopCodeEssentialContainerExited, types.TaskStopCodeServiceSchedulerInitiated
	for _, c := range []struct {
		name      string
		code      types.TaskStopCode
		reason    string
		container types.Container
		want      []string
	}{
		{"ImageMissing", failed, "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref " + ecr + ": " + ecr + ": not found",
			types.Container{}, []string{ecr + " isn't in its registry", "`bbf images`"}},
		{"ImageMissingByDigest", failed, "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: content at https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/x/manifests/sha256:403401eof not found: not found",
			types.Container{}, []string{"isn't in its registry"}},
		{"ImageNotPublic", failed, "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve reference \"docker.io/acme/worker:1\": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
			types.Container{}, []string{"or isn't public"}},
		{"ImageForbidden", failed, "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref " + ecr + ": pulling from host 123456789012.dkr.ecr.eu-west-1.amazonaws.com failed with status code [manifests current]: 403 Forbidden",
			types.Container{}, []string{"execution role", "`bbf setup`"}},
		{"RegistryUnreachable", failed, "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref docker.io/library/redis:7: failed to do request: Head \"https://registry-1.docker.io/v2/library/redis/manifests/7\": dial tcp 34.226.69.105:443: i/o timeout",
			types.Container{}, []string{"can't be reached", "internet gateway", "`bbf doctor`"}},
		{"RegistryUnreachableOldWords", failed, "CannotPullContainerError: Error response from daemon: Get https://registry-1.docker.io/v2/: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
			types.Container{}, []string{"can't be reached"}},
		{"RateLimit", failed, "CannotPullContainerError: inspect image has been retried 5 time(s): httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/redis/manifests/sha256:ab: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.",
			types.Container{}, []string{"limits how often", "`bbf images`"}},
		{"OtherProcessor", failed, "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/amd64'",
			types.Container{}, []string{"linux/amd64"}},
		{"ImageTooLarge", failed, "CannotPullContainerError: ref pull has been retried 5 time(s): failed to extract layer sha256:1: write /var/lib/containerd/x: no space left on device: unknown",
			types.Container{}, []string{"workers.disk"}},
		{"PullReasonOnTheContainerOnly", failed, "Task failed to start",
			types.Container{Name: aws.String("worker"), Image: aws.String("quay.io/acme/w:2"), Reason: aws.String("CannotPullContainerError: quay.io/acme/w:2: not found")},
			[]string{"quay.io/acme/w:2 isn't in its registry"}},
		{"LogGroupGone", failed, "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1",
			types.Container{}, []string{"log group " + testcloud.LogGroup + " is gone", "`bbf up`"}},
		{"LogsUnreachable", failed, "ResourceInitializationError: failed to validate logger args: signal: killed",
			types.Container{}, []string{"CloudWatch Logs can't be reached"}},
		{"LogsForbidden", failed, "ResourceInitializationError: failed to create Cloudwatch log stream: AccessDeniedException: User: arn:aws:sts::1:assumed-role/x is not authorized to perform: logs:CreateLogStream",
			types.Container{}, []string{"execution role isn't allowed", "`bbf setup`"}},
		{"RegistryAuthUnreachable", failed, "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration.",
			types.Container{}, []string{"ECR can't be reached", "DNS"}},
		{"RegistryAuthForbidden", failed, "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User is not authorized to perform: ecr:GetAuthorizationToken",
			types.Container{}, []string{"execution role isn't allowed"}},
		{"RoleGone", failed, "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/x' that was provided for this task.",
			types.Container{}, []string{"roles that setup made"}},
		{"SubnetFull", failed, "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-1': InsufficientFreeAddressesInSubnet",
			types.Container{}, []string{"no address left"}},
		{"SubnetGone", failed, "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-1': InvalidSubnetID.NotFound",
			types.Container{}, []string{"subnet or security group is gone"}},
		{"NetworkInterfaceLate", failed, "Timeout waiting for network interface provisioning to complete.",
			types.Container{}, []string{"network interface couldn't be made"}},
		{"NetworkInterfaceBroken", failed, "ResourceInitializationError: failed to configure ENI: failed to setup regular eni",
			types.Container{}, []string{"network interface couldn't be made"}},
		{"DiskLate", failed, "Timeout waiting for EphemeralStorage provisioning to complete.",
			types.Container{}, []string{"disk wasn't there in time"}},
		{"NoCapacity", failed, "Capacity is unavailable at this time. Please try again later or in a different availability zone",
			types.Container{}, []string{"no Fargate capacity left"}},
		{"QuotaOfCPUs", failed, "You've reached the limit on the number of vCPUs you can run concurrently",
			types.Container{}, []string{"quota", "`bbf doctor`"}},
		{"CPULimit", failed, "The requested CPU configuration is above your limit",
			types.Container{}, []string{"tasks of this size"}},
		{"Spot", types.TaskStopCodeSpotInterruption, "Your Spot Task was interrupted.",
			types.Container{}, []string{"Spot capacity back"}},
		{"Maintenance", exited, "ECS is performing maintenance on the underlying infrastructure hosting the task.",
			types.Container{}, []string{"out of service"}},
		{"OutOfMemory", exited, "Essential container in task exited",
			types.Container{Name: aws.String("worker"), ExitCode: aws.Int32(137), Reason: aws.String("OutOfMemoryError: Container killed due to memory usage")},
			[]string{"ran out of memory", "workers.memory"}},
		{"OutOfMemoryTaskLevel", types.TaskStopCode("TaskFailed"), "OutOfMemoryError: container killed due to memory usage",
			types.Container{}, []string{"ran out of memory"}},
		{"HealthCheck", scheduler, "Task failed container health checks",
			types.Container{Name: aws.String("gateway"), HealthStatus: types.HealthStatusUnhealthy},
			[]string{"didn't answer its health checks", "…/gateway/", testcloud.LogGroup}},
		{"CommandMissing", failed, "CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"/gateway\": stat /gateway: no such file or directory: unknown",
			types.Container{Name: aws.String("gateway"), Image: aws.String(ecr)}, []string{ecr + " doesn't have the command"}},
		{"StartTimeout", failed, "ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 1m: context deadline exceeded",
			types.Container{}, []string{"didn't start in time"}},
		{"CannotCreate", failed, "CannotCreateContainerError: API error (500): devmapper: Thin Pool has 4350 free data blocks",
			types.Container{}, []string{"AWS couldn't start it"}},
		{"ExitCode", exited, "Essential container in task exited",
			types.Container{Name: aws.String("worker"), ExitCode: aws.Int32(3)}, []string{"container worker ended with exit code 3", "…/worker/"}},
		{"ExitZero", exited, "Essential container in task exited",
			types.Container{Name: aws.String("worker"), ExitCode: aws.Int32(0)}, []string{"ended by itself"}},
		{"Killed", exited, "Essential container in task exited",
			types.Container{Name: aws.String("worker"), ExitCode: aws.Int32(137)}, []string{"was killed"}},
		{"Crashed", exited, "Essential container in task exited",
			types.Container{Name: aws.String("worker"), ExitCode: aws.Int32(139)}, []string{"crashed"}},
		{"Stopped", exited, "Essential container in task exited",
			types.Container{Name: aws.String("worker"), ExitCode: aws.Int32(143)}, []string{"stopped from outside"}},
		{"NotInImage", exited, "Essential container in task exited",
			types.Container{Name: aws.String("worker"), ExitCode: aws.Int32(127)}, []string{"isn't in the image"}},
		{"NotExecutable", exited, "Essential container in task exited",
			types.Container{Name: aws.String("worker"), ExitCode: aws.Int32(126)}, []string{"no program"}},
		{"Unknown", exited, "Something that nobody has seen",
			types.Container{Name: aws.String("worker")}, []string{"see its log", "Something that nobody has seen"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud, f := start(t)
			wanted(cloud, 1, 1)
			if c.container.Name == nil {
				c.container = types.Container{Name: aws.String("worker"), Image: aws.String(ecr)}
			}
			stop(cloud, testcloud.Workers, c.code, c.reason, c.container)
			s := status(t, f, true)
			if len(s.Workers.Failures) != 1 {
				t.Fatalf("failures %+v", s.Workers.Failures)
			}
			got := s.Workers.Failures[0].Reason
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q doesn't say %q", got, want)
				}
			}
			if strings.ContainsAny(got, "{}") {
				t.Errorf("%q isn't filled in", got)
			}
		})
	}
}
