package engine_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/genproto/googleapis/bytestream"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
)

// client is a REAPI client as the protos' authors would write one: it knows nothing of the engine but its socket.
type client struct {
	t         testing.TB
	cas       repb.ContentAddressableStorageClient
	results   repb.ActionCacheClient
	execution repb.ExecutionClient
	bytes     bytestream.ByteStreamClient
	engine    *engine.Engine
	cache     string
}

// start runs an engine for the time of a test.
func start(t testing.TB, change func(*engine.Config)) *client {
	t.Helper()
	c := engine.Config{Cache: filepath.Join(t.TempDir(), "cache"), MaxBytes: 8 << 30, Slots: 4, Version: "test"}
	if change != nil {
		change(&c)
	}
	e, err := engine.New(c)
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- e.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		e.Stop(ctx)
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	k := dial(t, socket)
	k.engine, k.cache = e, c.Cache
	return k
}

func dial(t testing.TB, socket string) *client {
	t.Helper()
	conn, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &client{
		t: t, cas: repb.NewContentAddressableStorageClient(conn), results: repb.NewActionCacheClient(conn),
		execution: repb.NewExecutionClient(conn), bytes: bytestream.NewByteStreamClient(conn),
	}
}

// put uploads one blob.
func (k *client) put(data []byte) *repb.Digest {
	k.t.Helper()
	d := digest.Of(data).Proto()
	r, err := k.cas.BatchUpdateBlobs(k.t.Context(), &repb.BatchUpdateBlobsRequest{Requests: []*repb.BatchUpdateBlobsRequest_Request{{Digest: d, Data: data}}})
	if err != nil || r.GetResponses()[0].GetStatus().GetCode() != 0 {
		k.t.Fatalf("upload of %v: %v, %v", d, r, err)
	}
	return d
}

func (k *client) message(m proto.Message) *repb.Digest {
	k.t.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		k.t.Fatal(err)
	}
	return k.put(data)
}

// get downloads one blob.
func (k *client) get(d *repb.Digest) string {
	k.t.Helper()
	r, err := k.cas.BatchReadBlobs(k.t.Context(), &repb.BatchReadBlobsRequest{Digests: []*repb.Digest{d}})
	if err != nil || r.GetResponses()[0].GetStatus().GetCode() != 0 {
		k.t.Fatalf("download of %v: %v, %v", d, r, err)
	}
	return string(r.GetResponses()[0].GetData())
}

// files are a tree by path; a value that begins with "-> " is a symlink.
type files map[string]string

// tree uploads files as Directory messages and returns the root's digest.
func (k *client) tree(f files) *repb.Digest {
	k.t.Helper()
	dir, below := &repb.Directory{}, map[string]files{}
	for path, content := range f {
		name, rest, nested := strings.Cut(path, "/")
		switch target, link := strings.CutPrefix(content, "-> "); {
		case nested:
			if below[name] == nil {
				below[name] = files{}
			}
			if rest != "" {
				below[name][rest] = content
			}
		case link:
			dir.Symlinks = append(dir.Symlinks, &repb.SymlinkNode{Name: name, Target: target})
		default:
			dir.Files = append(dir.Files, &repb.FileNode{Name: name, Digest: k.put([]byte(content)), IsExecutable: true})
		}
	}
	for name, f := range below {
		dir.Directories = append(dir.Directories, &repb.DirectoryNode{Name: name, Digest: k.tree(f)})
	}
	sort.Slice(dir.Files, func(i, j int) bool { return dir.Files[i].Name < dir.Files[j].Name })
	sort.Slice(dir.Directories, func(i, j int) bool { return dir.Directories[i].Name < dir.Directories[j].Name })
	sort.Slice(dir.Symlinks, func(i, j int) bool { return dir.Symlinks[i].Name < dir.Symlinks[j].Name })
	return k.message(dir)
}

// shell is an action that runs a line of shell in a tree.
func shell(line string, outputs ...string) *action {
	return &action{
		Command: &repb.Command{
			Arguments:            []string{"/bin/sh", "-c", line},
			EnvironmentVariables: []*repb.Command_EnvironmentVariable{{Name: "PATH", Value: "/bin:/usr/bin"}},
			OutputPaths:          outputs,
		},
		Action: &repb.Action{},
	}
}

type action struct {
	*repb.Action
	*repb.Command
	files files
	skip  bool
}

func (a *action) with(f files) *action { a.files = f; return a }

// upload puts the action and all that it needs into the store.
func (k *client) upload(a *action) *repb.Digest {
	k.t.Helper()
	if a.InputRootDigest == nil {
		a.InputRootDigest = k.tree(a.files)
	}
	if a.CommandDigest == nil {
		a.CommandDigest = k.message(a.Command)
	}
	return k.message(a.Action)
}

// run executes an action to its end.
func (k *client) run(a *action) *repb.ExecuteResponse {
	k.t.Helper()
	ctx, cancel := context.WithTimeout(k.t.Context(), time.Minute)
	defer cancel()
	r, err := k.execute(ctx, k.upload(a), a.skip)
	if err != nil {
		k.t.Fatal(err)
	}
	return r
}

func (k *client) execute(ctx context.Context, action *repb.Digest, skip bool) (*repb.ExecuteResponse, error) {
	stream, err := k.execution.Execute(ctx, &repb.ExecuteRequest{ActionDigest: action, SkipCacheLookup: skip})
	if err != nil {
		return nil, err
	}
	return last(stream)
}

func last(stream repb.Execution_ExecuteClient) (*repb.ExecuteResponse, error) {
	for {
		o, err := stream.Recv()
		if err != nil {
			return nil, err
		}
		if o.GetDone() {
			r := &repb.ExecuteResponse{}
			return r, o.GetResponse().UnmarshalTo(r)
		}
	}
}

// output is the content of an output file.
func (k *client) output(r *repb.ExecuteResponse, path string) string {
	k.t.Helper()
	for _, f := range r.GetResult().GetOutputFiles() {
		if f.GetPath() == path {
			return k.get(f.GetDigest())
		}
	}
	k.t.Fatalf("no output %s in %v", path, r)
	return ""
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// eventually waits for a condition that other processes make true.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("in 20 s it did not come true that %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}
