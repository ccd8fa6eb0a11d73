package buildfarm_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/bbf-build/bbf/infra/gateway/buildfarm"
	"github.com/bbf-build/bbf/infra/schema"
)

var update = flag.Bool("update", false, "write the golden files anew")

func task(role string) buildfarm.Task {
	t := buildfarm.Task{Name: "10.90.1.2:8980", Port: 8981, RedisPort: 6379, ProxyPort: 3128, Folder: "/bbf/config"}
	if role == "worker" {
		t.Port, t.Root, t.Wrappers = 8982, "/bbf/worker", "/opt/bbf/wrappers"
	}
	return t
}

func render(t *testing.T, role string, c *schema.Config) map[string][]byte {
	t.Helper()
	schema.Defaults(c)
	make := map[string]func(*schema.Config, buildfarm.Task) (map[string][]byte, error){"server": buildfarm.Server, "worker": buildfarm.Worker}[role]
	all, err := make(c, task(role))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestFilesAreAsInTestdata(t *testing.T) {
	for _, role := range []string{"server", "worker"} {
		for name, got := range render(t, role, &schema.Config{Cluster: "acme"}) {
			golden := filepath.Join("testdata", role, name)
			if *update {
				if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s is not %s; run the test with -update if it should be what it is now:\n%s", name, golden, got)
			}
		}
	}
}

// worker is what of a worker's configuration follows from its size.
type worker struct {
	Worker struct {
		ExecuteStageWidth    int `yaml:"executeStageWidth"`
		InputFetchStageWidth int `yaml:"inputFetchStageWidth"`
		Storages             []struct {
			MaxSizeBytes int64 `yaml:"maxSizeBytes"`
		} `yaml:"storages"`
	} `yaml:"worker"`
}

func TestAWorkerFitsIntoItsTask(t *testing.T) {
	for _, size := range schema.Sizes {
		for _, disk := range []int{20, 21, 50, 200} {
			for _, memory := range []int{size.Min, size.Max} {
				name := fmt.Sprintf("%v vCPU, %d MiB, %d GiB", size.CPU, memory, disk)
				all := render(t, "worker", &schema.Config{Workers: schema.Workers{CPU: size.CPU, Memory: memory, Disk: disk}})
				var w worker
				if err := yaml.Unmarshal(all[buildfarm.ConfigFile], &w); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				execute, fetch := w.Worker.ExecuteStageWidth, w.Worker.InputFetchStageWidth
				if execute < 1 || float64(execute) > max(1, size.CPU) || execute > fetch+1 {
					t.Errorf("%s: the widths are %d and %d", name, execute, fetch)
				}
				if cas := w.Worker.Storages[0].MaxSizeBytes; cas < 1<<30 || cas > int64(disk)<<30*2/3 {
					t.Errorf("%s: the CAS has %d bytes", name, cas)
				}
				var heap int
				if _, err := fmt.Sscanf(string(all[buildfarm.OptionsFile]), "-Xmx%dm", &heap); err != nil || heap < 96 || heap > memory/4 {
					t.Errorf("%s: the heap is %d MiB, %v", name, heap, err)
				}
			}
		}
	}
}

func TestWriteReplacesWhatIsThere(t *testing.T) {
	folder := t.TempDir()
	for _, memory := range []int{4096, 8192} {
		all := render(t, "server", &schema.Config{Server: schema.Server{Memory: memory}})
		if err := buildfarm.Write(folder, all); err != nil {
			t.Fatal(err)
		}
		for name, want := range all {
			if got, err := os.ReadFile(filepath.Join(folder, name)); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s is %q, %v", name, got, err)
			}
		}
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 3 {
		t.Errorf("left: %v, %v", left, err)
	}
}
