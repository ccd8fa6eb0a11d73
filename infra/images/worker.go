package images

import (
	"context"
	"errors"
	"io/fs"
	"path"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/bbf-build/bbf/infra/images/layer"
	"github.com/bbf-build/bbf/infra/images/linkage"
	"github.com/bbf-build/bbf/infra/images/rootfs"
	"github.com/bbf-build/bbf/infra/images/source"
)

// notOfJRE is what a Java development kit has besides what runs programs; a third of it.
var notOfJRE = []string{"jmods", "include", "man", "docs", "demo", "sample", "src.zip", "lib/src.zip", "lib/ct.sym"}

// MakeWorker adds Buildfarm's worker to the image that actions are to see.
func (m *Maker) MakeWorker(ctx context.Context, base, worker, server *source.Image) (v1.Image, error) {
	tree, err := m.tree(ctx, base)
	if err != nil {
		return nil, err
	}
	mediaType, err := layerType(base)
	if err != nil {
		return nil, err
	}
	b := layer.New(Home)
	b.Directory(Home, 0o755)
	programs, err := m.takeWorker(ctx, b, worker)
	if err != nil {
		return nil, err
	}
	defer programs.Close()
	java, err := m.takeJava(ctx, b, server)
	if err != nil {
		return nil, err
	}
	defer java.Close()
	if err := m.check(ctx, base, tree, java, programs); err != nil {
		return nil, err
	}
	l, err := b.Write(m.Work, mediaType)
	if err != nil {
		return nil, err
	}
	return onTop(base, l, func(c *v1.Config) { runs(c, WorkerJar) })
}

func (m *Maker) takeWorker(ctx context.Context, b *layer.Builder, worker *source.Image) (*spool, error) {
	tree, err := m.tree(ctx, worker)
	if err != nil {
		return nil, err
	}
	t := newTaking(tree, worker.Reference)
	jar, err := regular(tree, worker.Reference, m.Upstream.WorkerJar, "Buildfarm's worker")
	if err != nil {
		return nil, err
	}
	t.file(jar, WorkerJar)
	for _, name := range m.Upstream.Wrappers {
		e, err := regular(tree, worker.Reference, name, "an execution wrapper")
		if err != nil {
			return nil, err
		}
		t.file(e, path.Join(Wrappers, path.Base(name)))
	}
	for _, name := range m.Upstream.Optional {
		if e, err := tree.Stat(name); err == nil && e.Kind == rootfs.Regular {
			t.file(e, path.Join(Wrappers, path.Base(name)))
		}
	}
	return t.put(ctx, b, m.Work)
}

func (m *Maker) takeJava(ctx context.Context, b *layer.Builder, server *source.Image) (*spool, error) {
	tree, home, err := m.serverTree(ctx, server)
	if err != nil {
		return nil, err
	}
	t := newTaking(tree, server.Reference)
	if err := t.folder(home, JRE, notOfJRE); err != nil {
		return nil, err
	}
	return t.put(ctx, b, m.Work)
}

// check finds out now what would otherwise be found out by a task that stops at once.
func (m *Maker) check(ctx context.Context, base *source.Image, tree *rootfs.Tree, java, programs *spool) error {
	c := linkage.Checker{Image: base.Reference, Tree: tree, Private: JRE}
	for _, s := range []*spool{java, programs} {
		for name, at := range s.sections {
			c.Add(name, at.reader())
		}
	}
	if err := c.Check(ctx); err != nil {
		return err
	}
	if _, err := tree.Stat("/bin/sh"); errors.Is(err, fs.ErrNotExist) {
		m.note("%s has no /bin/sh: actions that are shell commands, such as those of genrule, will fail", base.Reference)
	}
	if _, err := tree.Stat("/etc/passwd"); errors.Is(err, fs.ErrNotExist) {
		m.note("%s has no /etc/passwd and so no user nobody, whom actions are to run as: they will fail", base.Reference)
	}
	return nil
}
