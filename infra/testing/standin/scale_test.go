package standin_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/bbf-build/bbf/infra/testing/standin"
)

func TestTwoHundredTasks(t *testing.T) {
	sleeps := map[string]standin.ImageCommand{"test/main": {Argv: []string{"sh", "-c", "exec sleep infinity"}}}
	cloud := standin.Start(t, standin.Options{Images: sleeps})
	deploy(t, cloud, "service", "service.yaml", nil)
	client := ecs.NewFromConfig(cloud.RootConfig(t.Context()))
	setCount(t, client, 200)
	waitFor(t, "200 tasks", func() bool {
		out, err := client.DescribeServices(t.Context(), &ecs.DescribeServicesInput{
			Cluster: aws.String("test"), Services: []string{"test"}})
		if err != nil {
			t.Fatal(err)
		}
		return out.Services[0].RunningCount == 200
	})
	tasks := map[string]bool{}
	pages := ecs.NewListTasksPaginator(client, &ecs.ListTasksInput{Cluster: aws.String("test")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(page.TaskArns) > 100 {
			t.Errorf("a page of %d tasks; ECS gives 100", len(page.TaskArns))
		}
		for _, arn := range page.TaskArns {
			tasks[arn] = true
		}
	}
	if len(tasks) != 200 {
		t.Errorf("%d tasks are listed, want 200", len(tasks))
	}
}
