package standin_test

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/testing/standin"
)

// images makes test/main a program of this machine that serves its environment, and who its role makes it, on port
// 8980: of every address where it has a network of its own.
func images(t *testing.T) map[string]standin.ImageCommand {
	return map[string]standin.ImageCommand{"test/main": {Argv: []string{standin.Python(t), "-c", `
import http.server, os, json, sys, botocore.session
def caller():
    return botocore.session.get_session().create_client("sts").get_caller_identity()["Arn"]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ, args=sys.argv[1:], caller=caller())).encode())
    def log_message(self, *_):
        print("served", self.path, flush=True)
own = os.environ["BBF_TASK_IP"]
http.server.ThreadingHTTPServer((own if own.startswith("127.") else "", 8980), Handler).serve_forever()
`}}}
}

func TestTasks(t *testing.T) {
	networks := []standin.Network{standin.Loopback}
	if os.Geteuid() == 0 {
		networks = append(networks, standin.Namespaces)
	}
	for _, network := range networks {
		t.Run(string(network), func(t *testing.T) {
			t.Parallel()
			cloud := standin.Start(t, standin.Options{Images: images(t), Network: network})
			if got := deploy(t, cloud, "service", "service.yaml", nil); got.StackStatus != types.StackStatusCreateComplete {
				t.Fatalf("the stack is %s: %s", got.StackStatus, failures(t, cloud, "service"))
			}
			task := scaleToOne(t, cloud)
			address := detail(task, "privateIPv4Address")
			if network == standin.Namespaces {
				if !strings.HasPrefix(address, "10.90.0.") {
					t.Errorf("the address %s is not of the subnet", address)
				}
				address = publicAddress(t, cloud, detail(task, "networkInterfaceId"))
			}
			env := get(t, "http://"+address+":8980/")
			for _, want := range []string{"from-the-task-definition", ":assumed-role/task/", "AWS_ECS_FARGATE"} {
				if !strings.Contains(env, want) {
					t.Errorf("the task's environment has no %s: %s", want, env)
				}
			}
			waitForLog(t, cloud, "served /")
		})
	}
}

func TestTasksThatFail(t *testing.T) {
	sleeps := map[string]standin.ImageCommand{"test/main": {Argv: []string{"sh", "-c", "sleep 60"}}}
	exits := map[string]standin.ImageCommand{"test/main": {Argv: []string{"sh", "-c", "exit 3"}}}
	cloud := standin.Start(t, standin.Options{Env: map[string]string{"AWSSIM_HEALTH_INTERVAL": "0.1"}})
	for _, c := range []struct {
		situation string
		images    map[string]standin.ImageCommand
		health    string
		reason    string
	}{
		{"TheImageIsNotThere", nil, "true", "CannotPullContainerError"},
		{"ItExitsAtOnce", exits, "true", "Essential container in task exited"},
		{"ItNeverGetsHealthy", sleeps, "false", "Task failed container health checks"},
	} {
		t.Run("When"+c.situation, func(t *testing.T) {
			cloud.SetImages(t, c.images)
			deploy(t, cloud, c.situation, "service.yaml", map[string]string{"Health": c.health})
			if reason := reasonOfStop(t, cloud); !strings.HasPrefix(reason, c.reason) {
				t.Errorf("the task stopped because of %q", reason)
			}
			remove(t, cloud, c.situation)
		})
	}
}

// reasonOfStop starts a task and waits for one to stop.
func reasonOfStop(t *testing.T, cloud *standin.Cloud) string {
	t.Helper()
	client := ecs.NewFromConfig(cloud.RootConfig(t.Context()))
	stopped := func() []string {
		out, err := client.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("test"),
			DesiredStatus: ecstypes.DesiredStatusStopped})
		if err != nil {
			t.Fatal(err)
		}
		return out.TaskArns
	}
	before := len(stopped())
	setCount(t, client, 1)
	waitFor(t, "a task to stop", func() bool { return len(stopped()) > before })
	out, err := client.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("test"),
		Tasks: stopped()[before:]})
	if err != nil {
		t.Fatal(err)
	}
	setCount(t, client, 0)
	return *out.Tasks[0].StoppedReason
}

func setCount(t *testing.T, client *ecs.Client, count int32) {
	t.Helper()
	in := &ecs.UpdateServiceInput{Cluster: aws.String("test"), Service: aws.String("test"), DesiredCount: &count}
	if _, err := client.UpdateService(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

func scaleToOne(t *testing.T, cloud *standin.Cloud) ecstypes.Task {
	t.Helper()
	client := ecs.NewFromConfig(cloud.RootConfig(t.Context()))
	setCount(t, client, 1)
	var task ecstypes.Task
	waitFor(t, "the task to run", func() bool {
		list, err := client.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("test")})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.TaskArns) == 0 {
			return false
		}
		out, err := client.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("test"),
			Tasks: list.TaskArns})
		if err != nil {
			t.Fatal(err)
		}
		task = out.Tasks[0]
		return *task.LastStatus == "RUNNING"
	})
	return task
}

func detail(task ecstypes.Task, name string) string {
	for _, d := range task.Attachments[0].Details {
		if *d.Name == name {
			return *d.Value
		}
	}
	return ""
}

// publicAddress asks EC2 in its own words, since its SDK package is too large to be in go.mod.
func publicAddress(t *testing.T, cloud *standin.Cloud, networkInterface string) string {
	t.Helper()
	query := "/?Action=DescribeNetworkInterfaces&Version=2016-11-15&NetworkInterfaceId.1=" + networkInterface
	xml := post(t, cloud, cloud.Root(), cloud.Endpoint+query, "ec2", 0).body
	_, rest, _ := strings.Cut(xml, "<publicIp>")
	address, _, found := strings.Cut(rest, "</publicIp>")
	if !found {
		t.Fatalf("no public address in %s", xml)
	}
	return address
}

func get(t *testing.T, url string) string {
	t.Helper()
	var body []byte
	waitFor(t, url, func() bool {
		reply, err := http.Get(url)
		if err != nil {
			return false
		}
		defer reply.Body.Close()
		body, err = io.ReadAll(reply.Body)
		return err == nil
	})
	return string(body)
}

func waitForLog(t *testing.T, cloud *standin.Cloud, words string) {
	t.Helper()
	client := cloudwatchlogs.NewFromConfig(cloud.RootConfig(t.Context()))
	waitFor(t, "the log", func() bool {
		out, err := client.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{
			LogGroupName: aws.String("/bbf/test")})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Events {
			if strings.Contains(*e.Message, words) {
				return true
			}
		}
		return false
	})
}
