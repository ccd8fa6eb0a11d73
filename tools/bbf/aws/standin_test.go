//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/infra/testing/standin"
	"github.com/bbf-build/bbf/tools/cluster/config"
)

// programsDir is where programs were built; "" when no test needed them.
var programsDir string

// programs are bbf and the manager, built as users have them.
var programs = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "bbf-programs-*"); err != nil {
		return "", err
	}
	programsDir = dir
	for _, args := range [][]string{
		{"build", "-o", filepath.Join(dir, "bbf"), "."},
		{"build", "-tags=lambda.norpc", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(dir, "manager"), "../../../infra/manager"},
	} {
		cmd := exec.Command("go", args...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", errors.New(string(out))
		}
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if programsDir != "" {
		os.RemoveAll(programsDir)
	}
	os.Exit(code)
}

// bbfYAML has a manager that this machine can run, and images that stand for commands of this machine.
const bbfYAML = `cluster: acme
backend: aws
aws: {region: eu-central-1, bucket: acme-builds, architecture: ARCHITECTURE}
images: {server: example.com/server:1, worker: example.com/worker:1, gateway: example.com/gateway:1, redis: example.com/redis:1}
workers: {cpu: 1, memory: 2048, max: 10, default: 2}
`

// machine is this machine's architecture, as bbf.yaml calls it.
func machine() string {
	if runtime.GOARCH == "amd64" {
		return "x86_64"
	}
	return runtime.GOARCH
}

// forever is what most containers run.
var forever = standin.ImageCommand{Argv: []string{"sleep", "infinity"}}

// team is a workspace, the cluster that its bbf.yaml describes, and the AWS that it is in.
type team struct {
	*testing.T
	cloud  *standin.Cloud
	dir    string
	bin    string
	config *schema.Config
	env    []string // of bbf, besides what team.command gives it
}

func newTeam(t *testing.T) *team {
	t.Helper()
	return newTeamIn(t, standin.Start(t, standin.Options{Images: map[string]standin.ImageCommand{"example.com/": forever},
		Env: map[string]string{"AWSSIM_HEALTH_INTERVAL": "0.1"}}))
}

func newTeamIn(t *testing.T, cloud *standin.Cloud) *team {
	t.Helper()
	k := &team{T: t, cloud: cloud, dir: t.TempDir()}
	var err error
	if k.bin, err = programs(); err != nil {
		t.Fatal(err)
	}
	k.write("MODULE.bazel", "")
	k.write(config.File, strings.ReplaceAll(bbfYAML, "ARCHITECTURE", machine()))
	if k.config, err = config.Load(k.dir); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k *team) write(name, text string) {
	k.Helper()
	if err := os.WriteFile(filepath.Join(k.dir, name), []byte(text), 0o644); err != nil {
		k.Fatal(err)
	}
}

// operator is a user with the documented policies and no others.
func (k *team) operator() sdk.Credentials {
	k.Helper()
	var documents []string
	for _, kind := range []cloudformation.PolicyKind{cloudformation.PolicyOperator, cloudformation.PolicyStacks, cloudformation.PolicyNetwork} {
		documents = append(documents, string(cloudformation.Policy(kind, k.config, k.cloud.AccountID)))
	}
	return k.cloud.User(k.T, "operator", documents...)
}

// command is bbf, to be run in the workspace.
func (k *team) command(keys sdk.Credentials, args ...string) *exec.Cmd {
	if args[0] == "setup" {
		args = append(args, "--yes", "--manager="+filepath.Join(k.bin, "manager"), "--command=health=CMD,true",
			"--command=server=", "--command=redis=", "--command=worker=", "--command=gateway=")
	}
	cmd := exec.CommandContext(k.Context(), filepath.Join(k.bin, "bbf"), args...)
	cmd.Dir = k.dir
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + k.dir, "BAZEL_REAL=/nonexistent"}, k.cloud.Env(keys)...)
	cmd.Env = append(cmd.Env, k.env...)
	return cmd
}

// bbf runs the command and returns what it printed.
func (k *team) bbf(keys sdk.Credentials, args ...string) (stdout, stderr string, err error) {
	cmd := k.command(keys, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// must is bbf when it has to go well.
func (k *team) must(keys sdk.Credentials, args ...string) string {
	k.Helper()
	out, errs, err := k.bbf(keys, args...)
	if err != nil {
		k.Fatalf("bbf %s: %v\n%s%s", strings.Join(args, " "), err, out, errs)
	}
	return out
}

// json is must for what programs read.
func (k *team) json(keys sdk.Credentials, into any, args ...string) {
	k.Helper()
	out := k.must(keys, append(args, "--output=json")...)
	if err := json.Unmarshal([]byte(out), into); err != nil {
		k.Fatalf("bbf %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// killAfter starts a command and kills it, unless it has ended by then.
func (k *team) killAfter(wait time.Duration, cmd *exec.Cmd) {
	k.Helper()
	if err := cmd.Start(); err != nil {
		k.Fatal(err)
	}
	timer := time.AfterFunc(wait, func() { _ = cmd.Process.Kill() }) // it may have ended just now
	_ = cmd.Wait()                                                   // killed, or not: both are fine
	timer.Stop()
}
