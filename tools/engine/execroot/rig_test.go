package execroot_test

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"

	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"github.com/bbf-build/bbf/tools/engine/execroot"
	"github.com/bbf-build/bbf/tools/engine/sandbox"
)

// rig is a store, a builder and a sandbox.
type rig struct {
	t       testing.TB
	dir     string
	store   *cas.Store
	builder *execroot.Builder
	runner  sandbox.Runner
}

// newRig makes a rig with overlays or, on request, without namespaces.
func newRig(t testing.TB, plain bool) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir()}
	var err error
	if r.store, err = cas.Open(filepath.Join(r.dir, "store"), cas.Options{MaxBytes: 1 << 32}); err != nil {
		t.Fatal(err)
	}
	var facts sandbox.Facts
	r.runner, facts = sandbox.New(sandbox.Options{Scratch: filepath.Join(r.dir, "sandbox"), Disable: plain})
	if !plain && !facts.Overlay {
		t.Skip("this machine has no namespaces with overlays: ", facts.Reason)
	}
	if r.builder, err = execroot.New(execroot.Options{Store: r.store, Dir: filepath.Join(r.dir, "roots"), Overlay: !plain}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.runner.Close()
		r.builder.Close()
		r.store.Close()
	})
	return r
}

func (r *rig) put(s string) *repb.Digest {
	r.t.Helper()
	d, err := r.store.Put([]byte(s))
	if err != nil {
		r.t.Fatal(err)
	}
	return d.Proto()
}

func (r *rig) putDirectory(m *repb.Directory) digest.Digest {
	r.t.Helper()
	data, _, err := digest.OfMessage(m)
	if err != nil {
		r.t.Fatal(err)
	}
	d, err := r.store.Put(data)
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

// tree stores an input tree. A path that ends in a slash is an empty folder; content "-> x" makes a symlink to x.
func (r *rig) tree(files map[string]string) digest.Digest {
	r.t.Helper()
	m := &repb.Directory{}
	below := map[string]map[string]string{}
	for p, content := range files {
		name, rest, deeper := strings.Cut(p, "/")
		if deeper {
			if below[name] == nil {
				below[name] = map[string]string{}
			}
			if rest != "" {
				below[name][rest] = content
			}
			continue
		}
		if to, ok := strings.CutPrefix(content, "-> "); ok {
			m.Symlinks = append(m.Symlinks, &repb.SymlinkNode{Name: name, Target: to})
			continue
		}
		m.Files = append(m.Files, &repb.FileNode{Name: name, Digest: r.put(content), IsExecutable: true})
	}
	for name, files := range below {
		m.Directories = append(m.Directories, &repb.DirectoryNode{Name: name, Digest: r.tree(files).Proto()})
	}
	sort.Slice(m.Files, func(i, j int) bool { return m.Files[i].Name < m.Files[j].Name })
	sort.Slice(m.Directories, func(i, j int) bool { return m.Directories[i].Name < m.Directories[j].Name })
	sort.Slice(m.Symlinks, func(i, j int) bool { return m.Symlinks[i].Name < m.Symlinks[j].Name })
	return r.putDirectory(m)
}

// ran is what came of an action.
type ran struct {
	*repb.ActionResult
	stdout, stderr string
	code           int
}

func shell(script string, outputs ...string) *repb.Command {
	return &repb.Command{Arguments: []string{"/bin/sh", "-c", script}, OutputPaths: outputs}
}

// build makes an exec root that is removed at the end of the test.
func (r *rig) build(c *repb.Command, root digest.Digest) (*execroot.Root, error) {
	outputs, err := execroot.ParseOutputs(c)
	if err != nil {
		return nil, err
	}
	x, err := r.builder.Build(context.Background(), c, root, outputs)
	if err == nil {
		r.t.Cleanup(x.Remove)
	}
	return x, err
}

// run does a whole action.
func (r *rig) run(c *repb.Command, root digest.Digest) (ran, error) {
	r.t.Helper()
	x, err := r.build(c, root)
	if err != nil {
		return ran{}, err
	}
	defer x.Remove()
	out, code := r.exec(x, c)
	out.code = code
	out.ActionResult = &repb.ActionResult{}
	return out, x.Collect(context.Background(), out.ActionResult)
}

func (r *rig) exec(x *execroot.Root, c *repb.Command) (ran, int) {
	r.t.Helper()
	var out ran
	stdout, stderr := r.create(x.Scratch("stdout")), r.create(x.Scratch("stderr"))
	defer stdout.Close()
	defer stderr.Close()
	res, err := r.runner.Run(context.Background(), sandbox.Spec{
		Args: c.Arguments, Env: []string{"PATH=/usr/bin:/bin"}, Dir: c.WorkingDirectory, Root: x.Layers(), Tmp: x.Tmp(),
		Stdout: stdout, Stderr: stderr, Network: true,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	for f, to := range map[*os.File]*string{stdout: &out.stdout, stderr: &out.stderr} {
		b, err := os.ReadFile(f.Name())
		if err != nil {
			r.t.Fatal(err)
		}
		*to = string(b)
	}
	return out, res.ExitCode
}

func (r *rig) create(path string) *os.File {
	f, err := os.Create(path)
	if err != nil {
		r.t.Fatal(err)
	}
	return f
}

func (r *rig) content(d *repb.Digest) string {
	r.t.Helper()
	dg, err := digest.FromProto("test", d)
	if err != nil {
		r.t.Fatal(err)
	}
	b, err := r.store.Read(dg)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

// eachMode runs a test with overlays and without.
func eachMode(t *testing.T, f func(t *testing.T, r *rig)) {
	t.Run("WithOverlays", func(t *testing.T) { f(t, newRig(t, false)) })
	t.Run("WithHardLinks", func(t *testing.T) { f(t, newRig(t, true)) })
}

// big returns n files below a folder.
func big(n int, folder string) map[string]string {
	files := map[string]string{}
	for i := range n {
		name := "f" + strings.Repeat("0", 5-len(itoa(i))) + itoa(i)
		files[path.Join(folder, "d"+itoa(i%(n/30+1)), name)] = "content " + name
	}
	return files
}

func itoa(i int) string {
	if i < 10 {
		return string(rune('0' + i))
	}
	return itoa(i/10) + string(rune('0'+i%10))
}
