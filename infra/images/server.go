package images

import (
	"context"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/bbf-build/bbf/infra/images/layer"
	"github.com/bbf-build/bbf/infra/images/rootfs"
	"github.com/bbf-build/bbf/infra/images/source"
)

// MakeServer puts links on Buildfarm's image of its server, so that it is started like the worker.
func (m *Maker) MakeServer(ctx context.Context, upstream *source.Image) (v1.Image, error) {
	tree, home, err := m.serverTree(ctx, upstream)
	if err != nil {
		return nil, err
	}
	if _, err := regular(tree, upstream.Reference, m.Upstream.ServerJar, "Buildfarm's server"); err != nil {
		return nil, err
	}
	b := layer.New(Home)
	b.Symlink(JRE, home)
	b.Symlink(ServerJar, m.Upstream.ServerJar)
	mediaType, err := layerType(upstream)
	if err != nil {
		return nil, err
	}
	l, err := b.Write(m.Work, mediaType)
	if err != nil {
		return nil, err
	}
	return onTop(upstream, l, func(c *v1.Config) { runs(c, ServerJar) })
}

// serverTree reads Buildfarm's image of its server, once, and where its Java is.
func (m *Maker) serverTree(ctx context.Context, upstream *source.Image) (*rootfs.Tree, string, error) {
	tree, err := m.tree(ctx, upstream)
	if err != nil {
		return nil, "", err
	}
	file, err := upstream.ConfigFile()
	if err != nil {
		return nil, "", err
	}
	home, err := javaHome(tree, upstream.Reference, file.Config, m.Upstream.JRE)
	return tree, home, err
}

// runs makes a container run a jar. The variables of Buildfarm's own images go: they give the heap what we leave to actions, and name a
// configuration that isn't ours. A worker has to start as root to run actions as somebody else.
func runs(c *v1.Config, jar string) {
	c.User, c.WorkingDir = "", "/"
	c.Entrypoint, c.Cmd = []string{Java}, []string{"@" + OptionsFile, "-jar", jar, ConfigFile}
	c.Healthcheck, c.OnBuild = nil, nil
	c.Env = slices.DeleteFunc(c.Env, func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return name == "JAVA_TOOL_OPTIONS" || name == "JDK_JAVA_OPTIONS" || name == "CONFIG_PATH"
	})
}
