// Package local is the backend that needs nothing but this machine: one engine per user, as a daemon, that all of
// the user's workspaces share.
//
// The engine is found through two sockets in a folder that only its user can enter: one speaks the Remote Execution
// API, the other HTTP and JSON (GET /status, POST /stop, POST /workspaces). Nothing else says whether it runs: a pid
// or a socket that a dead engine left means nothing, the lock that it held is what counts.
package local

import (
	"path/filepath"

	"github.com/bbf-build/bbf/tools/cluster/daemon"
)

// Paths are the places of one engine on disk.
type Paths struct {
	Cache   string // folder of everything
	Sockets string // folder of the two sockets; the run folder, unless that would be too long
}

// FindPaths reads from the environment where the user's engine lives.
func FindPaths(getenv func(string) string) (Paths, error) {
	cache, err := daemon.FindCache(getenv)
	if err != nil {
		return Paths{}, err
	}
	p := Paths{Cache: filepath.Clean(string(cache))}
	p.Sockets = daemon.Sockets(p.Run(), "control.sock")
	return p, nil
}

// Run is the folder of what belongs to the running engine and not to the cache.
func (p Paths) Run() string { return filepath.Join(p.Cache, "run") }

// Engine is the socket that speaks the Remote Execution API.
func (p Paths) Engine() string { return filepath.Join(p.Sockets, "engine.sock") }

// Control is the socket for status and stop.
func (p Paths) Control() string { return filepath.Join(p.Sockets, "control.sock") }

// Endpoint is the engine's socket as --remote_executor takes it.
func (p Paths) Endpoint() string { return "unix:" + p.Engine() }

// Log is what the engine writes while it runs; the one before it is kept beside it.
func (p Paths) Log() string { return filepath.Join(p.Run(), "engine.log") }

// Lock is held by the engine for as long as it lives, and holds its pid.
func (p Paths) Lock() string { return filepath.Join(p.Cache, "lock") }

func (p Paths) upLock() string     { return filepath.Join(p.Run(), "up.lock") }
func (p Paths) workspaces() string { return filepath.Join(p.Run(), "workspaces.json") }
