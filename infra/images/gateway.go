package images

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/bbf-build/bbf/infra/images/layer"
	"github.com/bbf-build/bbf/infra/images/rootfs"
	"github.com/bbf-build/bbf/infra/images/source"
)

// authorities is where programs look for certificates of public authorities first.
const authorities = "/etc/ssl/certs/ca-certificates.crt"

// MakeGateway makes an image of the gateway's program and of the certificates by which it knows AWS, which come out of the server's image.
func (m *Maker) MakeGateway(ctx context.Context, program string, server *source.Image, platform v1.Platform) (v1.Image, error) {
	f, err := os.Open(program)
	if err != nil {
		return nil, fmt.Errorf("the gateway's program: %w", err)
	}
	defer f.Close()
	if err := isFor(f, platform); err != nil {
		return nil, fmt.Errorf("the gateway's program %s: %w", program, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	b := layer.New("")
	b.Directory("/tmp", 0o1777)
	b.File(GatewayFile, 0o555, info.Size(), func() (io.Reader, error) { return f, nil })
	certificates, err := m.takeAuthorities(ctx, b, server)
	if err != nil {
		return nil, err
	}
	defer certificates.Close()
	l, err := b.Write(m.Work, types.OCILayer)
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	base, err = mutate.ConfigFile(base, &v1.ConfigFile{OS: platform.OS, Architecture: platform.Architecture, Created: epoch,
		RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		return nil, err
	}
	return onTop(base, l, func(c *v1.Config) {
		c.Entrypoint, c.Env, c.WorkingDir = []string{GatewayFile}, []string{"PATH=/"}, "/"
	})
}

func (m *Maker) takeAuthorities(ctx context.Context, b *layer.Builder, server *source.Image) (*spool, error) {
	tree, err := m.tree(ctx, server)
	if err != nil {
		return nil, err
	}
	for _, name := range m.Upstream.Authorities {
		if e, err := tree.Stat(name); err == nil && e.Kind == rootfs.Regular {
			t := newTaking(tree, server.Reference)
			t.file(e, authorities)
			return t.put(ctx, b, m.Work)
		}
	}
	return nil, fmt.Errorf("image %s has no certificates of public authorities: none of %v", server.Reference, m.Upstream.Authorities)
}

// machines are ELF's names of architectures.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// isFor refuses what ECS would only find out when it starts the container.
func isFor(r io.ReaderAt, platform v1.Platform) error {
	f, err := elf.NewFile(r)
	if err != nil {
		return errors.New("is no program for Linux")
	}
	if f.Machine != machines[platform.Architecture] {
		return fmt.Errorf("is for %s, and the cluster's machines are %s", f.Machine, platform)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return errors.New("needs shared libraries, and its image has none; build it with CGO_ENABLED=0")
		}
	}
	return nil
}
