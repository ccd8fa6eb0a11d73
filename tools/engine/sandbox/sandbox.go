// Package sandbox runs one action's command so that it sees its own inputs, the system's folders and nothing else.
//
// On Linux a small process, the stage (package stage), is started once. It lives in a user, mount and pid namespace
// of its own, in which the part of an action's view that never changes is mounted already. For every action it forks
// a process that gets a mount, pid and ipc namespace (and a network namespace where the network is off), mounts what is
// the action's own, and runs the command. So an action costs two forks of a small process and a few mounts, however
// large the engine is, and when the stage dies the kernel kills whatever runs below it.
//
// Where user namespaces are forbidden, and on other systems, actions run as plain processes; Facts says so, and why.
package sandbox

import (
	"context"
	"fmt"
	"os"
	"time"
)

// Layer is one part of an action's exec root.
type Layer struct {
	At    string   // path in the exec root, slash-separated; "" is the root itself
	Lower string   // absolute host folder that is seen, and never written
	Under []string // further lower folders, each below the ones before it
	Upper string   // absolute host folder that takes what the action writes; "" makes the layer read-only
	Work  string   // absolute empty host folder that the overlay file system needs, beside Upper
}

// Spec is one command to run.
type Spec struct {
	Args []string // the first is the program: with a slash relative to Dir, without one looked for in Env's PATH
	Env  []string // NAME=VALUE, exactly what the command gets
	Dir  string   // working folder, relative to the exec root

	// Root is the exec root: the first layer is at "", later ones lie deeper. A first layer with an Upper and no
	// Lower is a plain folder that is the exec root itself; a Runner without overlays takes only such a one.
	Root []Layer

	Tmp     string        // absolute host folder that becomes the action's /tmp (namespaces only)
	Stdout  *os.File      // required
	Stderr  *os.File      // required
	Timeout time.Duration // 0: none
	Network bool          // false: nothing beyond loopback (namespaces only)
	Files   []string      // reserved for the root file system of an image
}

// Result is how a command ended.
type Result struct {
	ExitCode int       // 128 plus the signal's number when a signal ended it
	TimedOut bool      // Spec.Timeout was over and it was killed
	Started  time.Time // when the command itself began, after the preparation
	Ended    time.Time
	Usage    Usage
}

// Usage is what a command and the children it waited for used.
type Usage struct {
	User, System time.Duration
	MaxRSS       int64 // in bytes
}

// Runner runs commands; many at once.
type Runner interface {
	// Run runs the command and returns when it and everything that it started are gone. When ctx ends first, all
	// of it is killed at once and the error is ctx.Err(). A command that can't be started is a *StartError; every
	// other error is a failure of the sandbox, not of the command.
	Run(ctx context.Context, s Spec) (Result, error)
	// Kind is "namespaces" or "processes".
	Kind() string
	// Close ends what the runner keeps running between actions, and every action that still runs.
	Close() error
}

// StartError says why a command could not be started: not there, not executable, no such working folder.
type StartError struct {
	Program string // the command's first argument
	Reason  string
	Err     error // a syscall.Errno where the system gave one
}

func (e *StartError) Error() string {
	return fmt.Sprintf("argument 0 %q can't be started: %s", e.Program, e.Reason)
}

func (e *StartError) Unwrap() error { return e.Err }
