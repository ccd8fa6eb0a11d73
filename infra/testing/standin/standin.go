package standin

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Network is where tasks run.
type Network string

// Networks of tasks.
const (
	// Loopback gives each task an address of 127/8 in the machine's own network; ports are shared, so a server should
	// listen on $BBF_TASK_IP.
	Loopback Network = "loopback"
	// Namespaces gives each task a network namespace, an address of its subnet, and a public address (198.18.x.y) that
	// this machine reaches. It needs root and Linux.
	Namespaces Network = "netns"
)

// ImageCommand is what stands for a container image: a program of this machine, to which the container's command is
// appended.
type ImageCommand struct {
	Argv []string          `json:"argv"`
	Env  map[string]string `json:"env,omitempty"`
}

// Options say how the stand-in differs from its defaults.
type Options struct {
	NoAuth   bool                    // signatures and IAM policies are not checked
	Network  Network                 // Loopback when empty
	Images   map[string]ImageCommand // by a part of the image's name; other images are pulled from the stand-in's ECR
	CFNDelay time.Duration           // what CloudFormation takes for each resource
	Env      map[string]string       // settings.py lists what can be set besides
}

// Cloud is a running stand-in.
type Cloud struct {
	Endpoint  string // "http://127.0.0.1:PORT"
	Host      string // "127.0.0.1:PORT"
	Region    string
	AccountID string

	dir  string
	done chan struct{} // closed when the process has ended
}

// Start starts a stand-in that ends with the test.
func Start(t testing.TB, o Options) *Cloud {
	t.Helper()
	python := Python(t)
	c := &Cloud{Region: "eu-central-1", AccountID: "123456789012", dir: t.TempDir(), done: make(chan struct{})}
	if err := writeSources(c.dir); err != nil {
		t.Fatal(err)
	}
	c.SetImages(t, o.Images)
	log, err := os.Create(c.path("log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(python, "-B", "-m", "awssim")
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, c.environment(o), log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe() // ends when this process does, however it does; then so does the stand-in
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the AWS stand-in: %v", err)
	}
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		close(c.done)
	}()
	t.Cleanup(func() {
		stdin.Close()
		c.stop(t, cmd.Process.Pid)
	})
	c.waitUntilReady(t)
	return c
}

// environment is all that the process sees: nothing of the user's AWS configuration may reach it.
func (c *Cloud) environment(o Options) []string {
	network := o.Network
	if network == "" {
		network = Loopback
	}
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + c.dir, "LANG=C.UTF-8", "PYTHONUNBUFFERED=1",
		"AWSSIM_PORT=0", "AWSSIM_FOLLOW_STDIN=true", "AWSSIM_INFO=" + c.path("info.json"),
		"AWSSIM_REGION=" + c.Region, "AWSSIM_ACCOUNT=" + c.AccountID,
		fmt.Sprintf("AWSSIM_AUTH=%t", !o.NoAuth), "AWSSIM_NETWORK=" + string(network),
		"AWSSIM_IMAGES=" + c.path("images.json"), fmt.Sprintf("AWSSIM_CFN_DELAY=%f", o.CFNDelay.Seconds()),
	}
	for name, value := range o.Env {
		env = append(env, name+"="+value)
	}
	return env
}

// SetImages replaces what the images stand for, for tasks that start from now on.
func (c *Cloud) SetImages(t testing.TB, images map[string]ImageCommand) {
	t.Helper()
	if images == nil {
		images = map[string]ImageCommand{}
	}
	data, err := json.Marshal(images)
	if err != nil {
		t.Fatal(err)
	}
	// Renamed into place: the stand-in may be reading it.
	if err := os.WriteFile(c.path("images.part"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(c.path("images.part"), c.path("images.json")); err != nil {
		t.Fatal(err)
	}
}

// Log returns what the stand-in has printed.
func (c *Cloud) Log() string {
	data, err := os.ReadFile(c.path("log"))
	if err != nil {
		return err.Error()
	}
	return strings.ToValidUTF8(string(data), "?")
}

func (c *Cloud) path(name string) string { return filepath.Join(c.dir, name) }
