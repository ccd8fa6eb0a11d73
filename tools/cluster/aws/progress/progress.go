// Package progress is how the parts below package aws say what goes on while it goes on.
package progress

// The kinds of events.
const (
	KindStep     = "step"     // one thing that bbf does itself: the bucket, the manager's code
	KindStack    = "stack"    // a whole CloudFormation stack
	KindResource = "resource" // one resource of a stack; Name is STACK/LOGICAL-ID
	KindService  = "service"  // one of the two ECS services
	KindTask     = "task"     // one Fargate task
)

// Event is one change of state, in the order seen.
type Event struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	State  string `json:"state"`
	Detail string `json:"detail,omitempty"` // resource type, zone or reason
}

// Func is told of events, from one goroutine at a time; nil is told nothing.
type Func func(Event)

// Tell calls f if there is one.
func (f Func) Tell(kind, name, state, detail string) {
	if f != nil {
		f(Event{Kind: kind, Name: name, State: state, Detail: detail})
	}
}
