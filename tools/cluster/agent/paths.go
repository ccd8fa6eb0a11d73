// Package agent is the daemon between Bazel and the clusters on AWS. A user has one on a machine, for all clusters. For each it has a Unix
// socket, in a folder that only the user can enter, and carries what comes to it to the cluster's server through mutual TLS. So Bazel needs no
// certificate, its configuration never changes, and a cluster that went idle is woken by the next build.
//
// `up` starts the agent and registers its cluster; package daemon says how it is found. On its control socket it also takes POST /clusters (a
// Registration) and POST /forget. What is registered is kept in a file, so that the next agent has the same sockets.
//
// Below it are, from the front to the back: refuse answers Bazel where there is no server, forward is one cluster's socket, pump carries bytes,
// follow knows where the server is, access has the user's credentials and certificate.
package agent

import (
	"path/filepath"
	"strings"
	"time"

	"github.com/bbf-build/bbf/tools/cluster/daemon"
)

// Paths are the places of a user's agent on disk.
type Paths struct {
	Cache   daemon.Cache
	Sockets string // folder of the sockets; Folder, unless that would be too long
}

// longestName of a cluster, in bytes. Its socket's path must not be too long either.
const longestName = 24

// FindPaths reads from the environment where the user's agent lives.
func FindPaths(getenv func(string) string) (Paths, error) {
	cache, err := daemon.FindCache(getenv)
	if err != nil {
		return Paths{}, err
	}
	p := Paths{Cache: daemon.Cache(filepath.Clean(string(cache)))}
	p.Sockets = daemon.Sockets(p.Folder(), strings.Repeat("x", longestName)+".sock")
	return p, nil
}

// Folder is the agent's in the cache.
func (p Paths) Folder() string { return filepath.Join(string(p.Cache), "agent") }

// Socket is the one for a cluster.
func (p Paths) Socket(cluster string) string { return filepath.Join(p.Sockets, cluster+".sock") }

// Endpoint is that socket as --remote_executor takes it.
func (p Paths) Endpoint(cluster string) string { return "unix:" + p.Socket(cluster) }

// Prepare makes the folders.
func (p Paths) Prepare() error { return p.Cache.Prepare(p.Folder(), p.Sockets) }

func (p Paths) clusters() string { return filepath.Join(p.Folder(), "clusters.json") }

// grace is how long the agent takes to end: its connections are cut.
const grace = time.Second

// daemon is the agent as a process in the background. No cluster can be called like its control socket, which has no suffix.
func (p Paths) daemon() daemon.Daemon {
	in := func(name string) string { return filepath.Join(p.Folder(), name) }
	return daemon.Daemon{Name: "agent", Lock: in("lock"), UpLock: in("up.lock"), Log: in("agent.log"), Control: filepath.Join(p.Sockets, "control"), Grace: grace}
}
