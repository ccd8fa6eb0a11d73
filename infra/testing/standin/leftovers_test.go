package standin_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/testing/standin"
)

func TestWhatADeadOneLeavesIsRemovedByTheNext(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	mark := "86399." + strings.Repeat("7", 6) // tells our sleep from others'
	images := map[string]standin.ImageCommand{"test/main": {Argv: []string{"sh", "-c", "exec sleep " + mark}}}
	cloud := standin.Start(t, standin.Options{Network: standin.Namespaces, Images: images})
	deploy(t, cloud, "service", "service.yaml", nil)
	task := scaleToOne(t, cloud)
	id := (*task.TaskArn)[strings.LastIndex(*task.TaskArn, "/")+1:][:8]
	if !strings.Contains(output(t, "ip", "netns"), id) {
		t.Fatal("the task has no namespace")
	}
	waitFor(t, "the task's process", func() bool {
		return strings.Contains(output(t, "ps", "-eo", "args"), "\nsleep "+mark)
	})
	cloud.Kill(t)
	standin.Start(t, standin.Options{Network: standin.Namespaces})
	if got := output(t, "ip", "netns"); strings.Contains(got, id) {
		t.Errorf("the dead one's namespace is left: %s", got)
	}
	if strings.Contains(output(t, "ps", "-eo", "args"), "\nsleep "+mark) {
		t.Error("the dead one's task still runs")
	}
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
