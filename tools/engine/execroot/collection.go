package execroot

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

// collection is one call of Collect. First everything is looked at, then files are taken into the store, which moves them away, and then
// the messages are made: so a file may be in several outputs.
type collection struct {
	root   *Root
	leaves map[string]*leaf // by host path
	order  []*leaf
}

// leaf is a regular file among the outputs.
type leaf struct {
	host       string // "" for an input that the action left alone
	what       string
	size       int64
	digest     digest.Digest
	executable bool
	properties *repb.NodeProperties
}

// outDir is a directory among the outputs, each list sorted by name.
type outDir struct {
	files []outFile
	dirs  []outFolder
	links []outLink
}

type outFile struct {
	name string
	leaf *leaf
}

type outFolder struct {
	name string
	dir  *outDir
}

type outLink struct {
	name, target string
	properties   *repb.NodeProperties
}

// walk looks at a directory with everything below it.
func (c *collection) walk(ctx context.Context, f found, what string, depth int) (*outDir, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, status.Errorf(codes.FailedPrecondition, "%s: more than %d directories are inside of each other", clip(what), maxDepth)
	}
	names, err := f.names()
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	d := &outDir{}
	for _, name := range names {
		child, err := c.root.child(f, name)
		if err != nil {
			return nil, err
		}
		at := what + "/" + name
		switch {
		case !child.exists(): // deleted
			continue
		case !utf8.ValidString(name):
			return nil, status.Errorf(codes.FailedPrecondition, "%q: the name is not UTF-8", clip(at))
		case child.isDir():
			sub, err := c.walk(ctx, child, at, depth+1)
			if err != nil {
				return nil, err
			}
			d.dirs = append(d.dirs, outFolder{name, sub})
		case child.host == "" && child.input.link != nil:
			d.links = append(d.links, outLink{name: name, target: child.input.link.target})
		case child.host != "" && child.info.Mode()&os.ModeSymlink != 0:
			to, err := target(child.host, at)
			if err != nil {
				return nil, err
			}
			d.links = append(d.links, outLink{name, to, c.properties(child.info)})
		default:
			l, err := c.leaf(child, at)
			if err != nil {
				return nil, err
			}
			d.files = append(d.files, outFile{name, l})
		}
	}
	return d, nil
}

// leaf notes a regular file.
func (c *collection) leaf(f found, what string) (*leaf, error) {
	if f.host == "" {
		in := f.input.file
		l := &leaf{digest: in.digest, executable: in.executable, properties: in.properties}
		if l.properties == nil {
			l.properties = &repb.NodeProperties{}
		}
		return l, nil
	}
	if l := c.leaves[f.host]; l != nil {
		return l, nil
	}
	if !f.info.Mode().IsRegular() {
		return nil, status.Errorf(codes.FailedPrecondition, "%s is %s: outputs can be files, directories and symlinks", clip(what), kind(f.info.Mode()))
	}
	if f.info.Mode().Perm()&0o400 == 0 { // the action took away its own rights
		if err := os.Chmod(f.host, f.info.Mode().Perm()|0o400); err != nil {
			return nil, fmt.Errorf("collecting %s: %w", clip(what), err)
		}
	}
	l := &leaf{host: f.host, what: what, size: f.info.Size(), executable: f.info.Mode().Perm()&0o111 != 0, properties: c.properties(f.info)}
	c.leaves[f.host] = l
	c.order = append(c.order, l)
	return l, nil
}

func kind(m os.FileMode) string {
	switch {
	case m&os.ModeNamedPipe != 0:
		return "a named pipe"
	case m&os.ModeSocket != 0:
		return "a socket"
	case m&os.ModeDevice != 0:
		return "a device"
	}
	return "no regular file (" + strings.TrimSpace(m.String()) + ")"
}

// adopt takes all files into the store, several at once where that is worth a goroutine.
func (c *collection) adopt(ctx context.Context) error {
	var g errgroup.Group
	g.SetLimit(max(2, runtime.GOMAXPROCS(0)))
	for _, l := range c.order {
		take := func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			d, err := c.root.builder.store.Adopt(l.host)
			l.digest = d
			return err
		}
		if l.size < 256<<10 {
			if err := take(); err != nil {
				g.Wait()
				return err
			}
			continue
		}
		g.Go(take)
	}
	return g.Wait()
}
