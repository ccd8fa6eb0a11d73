// Package buildfarm writes what Buildfarm 2.17.0 is started with: config.yml, the JVM's options and how it logs. All of it follows from the
// cluster's configuration and the task's address.
//
// A container's command reads
//
//	java @/bbf/config/jvm.options -jar … /bbf/config/config.yml
//
// or has JDK_JAVA_OPTIONS=@/bbf/config/jvm.options in its environment. What the settings mean:
// https://buildfarm.github.io/buildfarm/docs/configuration/
package buildfarm

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"text/template"

	"github.com/bbf-build/bbf/infra/schema"
)

// The files, in the order they are written: who sees the last sees all.
const (
	LoggingFile = "logging.properties"
	OptionsFile = "jvm.options"
	ConfigFile  = "config.yml"
)

// Task is what is known about the task besides the configuration.
type Task struct {
	Name      string // HOST:PORT of the task's gateway, as other tasks reach it
	Port      int    // what Buildfarm listens on, on loopback
	RedisPort int    // of Redis, or of the way to it, on loopback
	ProxyPort int    // of the HTTP CONNECT proxy, on loopback
	Folder    string // where the files are, as Buildfarm sees them
	Root      string // of a worker: where it keeps blobs and runs actions
	Wrappers  string // of a worker: folder of as-nobody and others
}

// Server returns the files of the server's task.
func Server(c *schema.Config, t Task) (map[string][]byte, error) {
	return render("server", values{Task: t, Heap: serverHeap(c.Server.Memory)})
}

// Worker returns the files of a worker's task.
func Worker(c *schema.Config, t Task) (map[string][]byte, error) {
	return render("worker", values{
		Task:     t,
		Heap:     workerHeap(c.Workers.Memory),
		Width:    width(c.Workers.CPU),
		Store:    store(c.Workers.Disk),
		Graceful: graceful,
	})
}

type values struct {
	Task
	Heap     int   // MiB
	Width    int   // actions at a time
	Store    int64 // bytes of the CAS
	Graceful int   // seconds to end what is running
}

// A JVM takes about half as much again as its heap. Redis gets the other half of the server's memory: it has an entry for each result and
// for each blob. A worker's memory is for its actions.
func serverHeap(memory int) int { return clamp(memory*3/8, 192, 16384) }
func workerHeap(memory int) int { return clamp(memory/8, 128, 4096) }

// width is how many actions run at a time: one a vCPU.
func width(cpu float64) int { return max(1, int(cpu)) }

// store is what the CAS may take of the disk, in GiB: the images take up to 6 GiB of it, and a third of the rest is for what actions write.
func store(disk int) int64 { return int64(max(2, disk-6)) << 30 * 2 / 3 }

// graceful is how long a worker that is told to end waits for its actions. It looks every 30 s only, and Fargate ends it after 120.
const graceful = 90

func clamp(v, low, high int) int { return max(low, min(v, high)) }

//go:embed templates
var files embed.FS

var templates = template.Must(template.ParseFS(files, "templates/*"))

func render(role string, v values) (map[string][]byte, error) {
	all := map[string][]byte{}
	for file, name := range map[string]string{
		LoggingFile: "logging.properties.tmpl", OptionsFile: "jvm.options.tmpl", ConfigFile: role + ".yml.tmpl",
	} {
		var b bytes.Buffer
		if err := templates.ExecuteTemplate(&b, name, v); err != nil {
			return nil, err
		}
		all[file] = b.Bytes()
	}
	return all, nil
}

// Write puts the files into a folder, each whole or not at all, the configuration last.
func Write(folder string, all map[string][]byte) error {
	for _, name := range []string{LoggingFile, OptionsFile, ConfigFile} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path+".new", all[name], 0o644); err != nil {
			return fmt.Errorf("failed to write Buildfarm's configuration: %w", err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			return fmt.Errorf("failed to write Buildfarm's configuration: %w", err)
		}
	}
	return nil
}
