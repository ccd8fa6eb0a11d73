// Package stage is the process between the engine and its actions. It is the engine's own program, started again under
// another name, and does all its work in an init function of this package: Go initialises packages in the order of
// their import paths, as soon as what they import is ready, so it runs before the large packages of the engine (gRPC, protobuf)
// are set up, and never pays for them. For that to hold, this package imports little, and the standard library only.
//
// There are two roles. The stage lives for as long as the engine does and forks actions into namespaces: see package
// sandbox. The reaper is for machines without namespaces: it runs one action and then kills
// whatever the action left behind.
package stage

// RoleVariable is the environment variable that tells a process which of the two it is. (It is not an argument, because
// the package os reads these, and is initialised later than this one: it raises the limit of open files, which the
// actions would then inherit.)
const RoleVariable = "BBF_SANDBOX_ROLE"

// Roles are values of RoleVariable.
const (
	RoleStage  = "stage"
	RoleReaper = "reaper"
)

// ControlFD is the socket on which the stage and the reaper get their work. It is of type SOCK_SEQPACKET.
const ControlFD = 3

// MaxInline is how long a message may be to be sent as it is. A longer one is sent in a file, after the other files.
const MaxInline = 48 << 10

// ExecRoot is where every action sees its exec root. It is the same on all machines, so that outputs that name it are too.
const ExecRoot = "/execroot"

// Kinds of a Record.
const (
	KindReady   = 1 + iota // the stage is set up; or an action was forked, and a pidfd comes with the record
	KindSetup              // the sandbox itself failed
	KindStart              // the command can't be started
	KindExited             // the command ended
	recordsTail            // one more than the last kind
)
