// Package testcloud is as much of ECS, S3, EC2 and CloudWatch Logs as the manager calls, in memory, for tests of what is hard to bring about
// elsewhere: faults of single calls, hundreds of tasks, callers that get in each other's way.
package testcloud

import (
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
)

// The names of everything.
const (
	Cluster  = "acme"
	Bucket   = "acme-bucket"
	Server   = "server"
	Workers  = "workers"
	LogGroup = "/bbf/acme"
	PublicIP = "198.51.100.7"
)

// Cloud is an account. Change it through Edit while calls may come.
type Cloud struct {
	mu       sync.Mutex
	calls    []string
	faults   map[string][]error
	etag     int
	Services map[string]*types.Service
	Tasks    []types.Task
	Objects  map[string]Object
	Logs     map[string]int32 // retention of log groups, in days
	Forced   map[string]int   // how often a new deployment was made
	Before   func(op string)  // called before each call, outside of the lock
}

// Object is one of S3's.
type Object struct {
	Data []byte
	ETag string
}

// New has the two services, with nothing wanted.
func New(t testing.TB) *Cloud {
	t.Helper()
	c := &Cloud{
		faults:   map[string][]error{},
		Services: map[string]*types.Service{},
		Objects:  map[string]Object{},
		Logs:     map[string]int32{LogGroup: 30},
		Forced:   map[string]int{},
	}
	for _, name := range []string{Server, Workers} {
		c.Services[name] = newService(name)
	}
	return c
}

// Edit changes the account.
func (c *Cloud) Edit(do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	do()
}

// Fail makes the next calls of an operation fail, one with each error; nil lets one through.
func (c *Cloud) Fail(op string, errs ...error) {
	c.Edit(func() { c.faults[op] = append(c.faults[op], errs...) })
}

// Calls are the operations called since the last Calls, in order.
func (c *Cloud) Calls() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := c.calls
	c.calls = nil
	return calls
}

// Refused is an error as AWS's services answer it.
func Refused(code string) error {
	return &smithy.OperationError{ServiceID: "Test", OperationName: "Test", Err: &smithy.GenericAPIError{Code: code, Message: "because"}}
}

// call begins an operation; the lock is held until done is called.
func (c *Cloud) call(op string) (done func(), err error) {
	if c.Before != nil {
		c.Before(op)
	}
	c.mu.Lock()
	c.calls = append(c.calls, op)
	if f := c.faults[op]; len(f) > 0 {
		c.faults[op], err = f[1:], f[0]
	}
	return c.mu.Unlock, err
}
