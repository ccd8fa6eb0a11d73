// Package cluster is what the verbs of bbf talk to: a Backend brings one cluster up and down, whatever it is made of.
package cluster

import (
	"context"
	"time"

	"github.com/bbf-build/bbf/tools/engine"
)

// Backend is one way to have a cluster. Every method may be called at any time and again: it leads to the wanted
// state from whatever state there is, or says in its error what is in the way and what to do.
type Backend interface {
	// Setup prepares, once per team, what Up needs (accounts, networks, roles).
	Setup(ctx context.Context) error
	// Up returns when an action has really been executed through the endpoint.
	Up(ctx context.Context, r UpRequest) (UpResult, error)
	// Status looks, and changes nothing. A cluster that is down is no error.
	Status(ctx context.Context) (Status, error)
	// Down ends what costs something; the cache stays unless the request says otherwise.
	Down(ctx context.Context, r DownRequest) (DownResult, error)
	// Teardown undoes Setup.
	Teardown(ctx context.Context) error
}

// UpRequest is what the user wants to be up. Zero values leave the choice to the backend, or what runs as it is.
type UpRequest struct {
	Workspace string // root of the workspace that will build; actions can't see it
	Listen    string // also listen at this address of the loopback device, host:port
	CacheSize int64  // bytes
	Slots     int    // actions that run at once
	Progress  Progress
	// Commit, when set, is called once the cluster is up and before any other Up or Down may begin: what it writes
	// about the cluster is true.
	Commit func(UpResult) error
}

// UpResult is what is up now.
type UpResult struct {
	Status  Status
	Started bool          // by this call; false when it was up already
	Probe   time.Duration // that the probe action took, from upload to result
	Notes   []string      // what the user should know: an option that couldn't be had, say
}

// DownRequest says how far down.
type DownRequest struct {
	Purge    bool // empty the cache too
	Progress Progress
	Commit   func(DownResult) error // as in UpRequest, once the cluster is down
}

// DownResult is what Down did.
type DownResult struct {
	WasUp      bool
	Endpoint   string   // of what was up, or would have been
	Workspaces []string // roots of all workspaces that use this cluster
	Purged     int64    // bytes
}

// Progress is told what goes on, in a few words and the present tense. It may be called from one goroutine only.
type Progress func(message string)

// The states of a cluster.
const (
	StateUp   = "up"
	StateDown = "down" // with a Problem when something is there that doesn't work
)

// Status is what a backend says of its cluster. The engine's own status is part of the same JSON object.
type Status struct {
	State   string `json:"state"`
	Backend string `json:"backend"`
	Problem string `json:"problem,omitempty"` // what is wrong, in words
	*engine.Status
}
