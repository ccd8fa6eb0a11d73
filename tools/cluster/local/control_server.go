package local

import (
	"log/slog"
	"path/filepath"

	"github.com/bbf-build/bbf/tools/cluster/daemon"
	"github.com/bbf-build/bbf/tools/engine"
)

// registration is the body of POST /workspaces.
type registration struct {
	Path string `json:"path"` // absolute
}

// newControlServer answers on the control socket. Stop is called once for every request that asks for it.
func newControlServer(status func() engine.Status, stop func(), r *registry, log *slog.Logger) *daemon.ControlServer {
	s := daemon.NewControlServer(func() any { return status() }, stop, log)
	daemon.HandlePost(s, "/workspaces", func(in registration) (struct{}, error) {
		if !filepath.IsAbs(in.Path) || in.Path != filepath.Clean(in.Path) || in.Path == "/" {
			return struct{}{}, daemon.Refuse("path: not an absolute, clean path of a folder")
		}
		return struct{}{}, r.add(in.Path)
	})
	return s
}
