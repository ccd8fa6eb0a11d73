// Package daemon is what the processes that bbf leaves in the background have in common: the engine of the local backend and the agent of
// the aws backend. A user has one of each on a machine, whatever number of workspaces and shells there are.
//
// A daemon is found through its control socket, in a folder that only its user can enter, which speaks HTTP and JSON: GET /status, POST
// /stop, and what the daemon adds. Nothing else says whether it runs: a pid or a socket that a dead one left means nothing, the lock that
// it held is what counts.
package daemon

import "time"

// Daemon is one of them, whether it runs or not.
type Daemon struct {
	Name    string        // in messages: "engine"
	Lock    string        // file that it keeps locked for as long as it lives, with its pid
	UpLock  string        // file that is locked by whoever starts or stops it
	Log     string        // what it writes; the one before it is kept beside it
	Control string        // socket
	Grace   time.Duration // that it may take to end once it was asked to
}

// Client returns a client of its control socket; it doesn't connect yet.
func (d Daemon) Client() *Client { return newClient(d.Name, d.Control) }
