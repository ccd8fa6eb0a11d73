package execroot

import (
	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

// directory stores the messages of an output directory.
func (c *collection) directory(o *output) (*repb.OutputDirectory, error) {
	format := c.root.command.GetOutputDirectoryFormat()
	t := treeWriter{c: c, seen: map[digest.Digest]bool{}}
	data, top, err := t.message(o.dir)
	if err != nil {
		return nil, err
	}
	t.records = append(t.records, data)
	d := &repb.OutputDirectory{Path: o.path, IsTopologicallySorted: true}
	if format == repb.Command_DIRECTORY_ONLY || format == repb.Command_TREE_AND_DIRECTORY {
		for _, r := range t.records {
			if _, err := c.root.builder.store.Put(r); err != nil {
				return nil, err
			}
		}
		d.RootDirectoryDigest = top.Proto()
	}
	// Children come before their parents so far; the API wants it the other way around, the root first.
	var tree []byte
	for i := len(t.records) - 1; i >= 0; i-- {
		field := protowire.Number(2)
		if i == len(t.records)-1 {
			field = 1
		}
		tree = protowire.AppendTag(tree, field, protowire.BytesType)
		tree = protowire.AppendBytes(tree, t.records[i])
	}
	dg, err := c.root.builder.store.Put(tree)
	if err != nil {
		return nil, err
	}
	d.TreeDigest = dg.Proto()
	return d, nil
}

// treeWriter makes the Directory messages of a tree, equal ones once.
type treeWriter struct {
	c       *collection
	seen    map[digest.Digest]bool
	records [][]byte // without the root; after everything that is below
}

// message makes a directory's message, after those of what is below it.
func (t *treeWriter) message(d *outDir) ([]byte, digest.Digest, error) {
	m := &repb.Directory{}
	for _, f := range d.files {
		m.Files = append(m.Files, &repb.FileNode{
			Name: f.name, Digest: f.leaf.digest.Proto(), IsExecutable: f.leaf.executable, NodeProperties: t.c.wanted(f.leaf.properties),
		})
	}
	for _, f := range d.dirs {
		data, dg, err := t.message(f.dir)
		if err != nil {
			return nil, digest.Digest{}, err
		}
		if !t.seen[dg] {
			t.seen[dg] = true
			t.records = append(t.records, data)
		}
		m.Directories = append(m.Directories, &repb.DirectoryNode{Name: f.name, Digest: dg.Proto()})
	}
	for _, l := range d.links {
		m.Symlinks = append(m.Symlinks, &repb.SymlinkNode{Name: l.name, Target: l.target, NodeProperties: t.c.wanted(l.properties)})
	}
	return digest.OfMessage(m)
}
