package agent

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/bbf-build/bbf/tools/cluster/agent/access"
	"github.com/bbf-build/bbf/tools/cluster/agent/follow"
	"github.com/bbf-build/bbf/tools/cluster/agent/forward"
	"github.com/bbf-build/bbf/tools/cluster/daemon"
)

// Agent is the daemon's inside. It is safe for concurrent use.
type Agent struct {
	paths   Paths
	log     *slog.Logger
	started time.Time

	mu       sync.Mutex
	clusters map[string]*served
}

// served is a cluster with its socket.
type served struct {
	Registration
	listener    net.Listener
	front       *forward.Front
	server      *follow.Server
	certificate *access.Certificate
}

func newAgent(p Paths, log *slog.Logger) *Agent {
	return &Agent{paths: p, log: log, started: time.Now(), clusters: map[string]*served{}}
}

// Register opens a cluster's socket, or changes what is behind the one that is open. Connections that are under way go on.
func (a *Agent) Register(r Registration) (Registered, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.clusters[r.Name]
	var before *Registration
	if c != nil {
		before = &c.Registration
		r.Workspaces = union(before.Workspaces, r.Workspaces)
	}
	if err := r.check(before); err != nil {
		return Registered{}, daemon.Refuse("%w", err)
	}
	c, err := a.serve(c, r)
	if err != nil {
		return Registered{}, err
	}
	a.clusters[r.Name] = c
	return Registered{Endpoint: a.paths.Endpoint(r.Name)}, a.write()
}

// serve makes the socket of a cluster, or takes the one that is there, and the way to its server, if that isn't the same as before.
func (a *Agent) serve(c *served, r Registration) (*served, error) {
	if c != nil && reflect.DeepEqual(c.Cluster, r.Cluster) && maps.Equal(c.Environment, r.Environment) && a.there(c) {
		c.Workspaces, c.KeysMissing = r.Workspaces, r.KeysMissing
		return c, nil
	}
	now := &served{Registration: r}
	m, from, err := access.Open(context.Background(), r.Cluster, r.Environment)
	if err != nil {
		return nil, err
	}
	now.server = follow.New(follow.Options{Cluster: r.Name, Manager: managerOf(r, m), Log: a.log})
	now.certificate = access.NewCertificate(r.Name, from, now.server.Caller)
	way := forward.Way{Server: now.server, Certificates: now.certificate}
	if c != nil && a.there(c) {
		now.listener, now.front = c.listener, c.front
		now.front.Use(way)
		return now, nil
	}
	if c != nil {
		c.close()
	}
	l, err := daemon.Listen(a.paths.Socket(r.Name))
	if err != nil {
		return nil, err
	}
	now.listener = l
	now.front = forward.New(r.Name, way, a.log)
	go func() {
		if err := now.front.Serve(now.listener); err != nil {
			a.log.Error("the socket of a cluster has failed", "cluster", r.Name, "error", err)
		}
	}()
	return now, nil
}

// there says whether a cluster's socket is still in its folder: somebody may have cleaned up.
func (a *Agent) there(c *served) bool {
	_, err := os.Lstat(a.paths.Socket(c.Name))
	return err == nil
}

// Forget closes a cluster's socket. It is no mistake when there is none.
func (a *Agent) Forget(name string) (Forgotten, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.clusters[name]
	if c == nil {
		return Forgotten{Left: len(a.clusters)}, nil
	}
	c.close()
	delete(a.clusters, name)
	return Forgotten{Workspaces: c.Workspaces, Left: len(a.clusters)}, a.write()
}

// restore opens the sockets that the last agent had.
func (a *Agent) restore() {
	for _, r := range readRegistrations(a.paths.clusters()) {
		if _, err := a.Register(r); err != nil {
			a.log.Error("a cluster's socket is not opened again", "cluster", r.Name, "error", err)
		}
	}
}

func (a *Agent) write() error {
	var all []Registration
	for _, c := range a.sorted() {
		all = append(all, c.Registration)
	}
	if err := writeRegistrations(a.paths.clusters(), all); err != nil {
		return fmt.Errorf("keeping the registration: %w", err)
	}
	return nil
}

func (a *Agent) sorted() []*served {
	return slices.SortedFunc(maps.Values(a.clusters), func(x, y *served) int { return cmp.Compare(x.Name, y.Name) })
}

// close ends all connections, of all clusters.
func (a *Agent) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all sync.WaitGroup
	for _, c := range a.clusters {
		all.Go(c.close)
	}
	all.Wait()
}

func (c *served) close() {
	c.listener.Close() // removes the socket
	c.front.Close()
}

// union has each workspace once, in the order that they came.
func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}
