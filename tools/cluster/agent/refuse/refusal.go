// Package refuse answers a client in HTTP/2, in the server's place, when there is no server for it: every call gets one gRPC status, so that
// Bazel shows words where a closed socket would be "connection reset".
package refuse

import (
	"errors"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/bbf-build/bbf/tools/cluster"
)

// Refusal is why a client can't be served.
type Refusal struct {
	Code codes.Code // Unavailable, which Bazel tries again, or PermissionDenied, which it doesn't
	Err  error      // with the next command (cluster.WithNext) where there is one
}

// Unavailable is a refusal of what may work later.
func Unavailable(err error) *Refusal { return &Refusal{codes.Unavailable, err} }

// Denied is a refusal of what won't work until somebody does something.
func Denied(err error) *Refusal { return &Refusal{codes.PermissionDenied, err} }

func (r *Refusal) Error() string { return r.Err.Error() }
func (r *Refusal) Unwrap() error { return r.Err }

// Of returns the refusal within an error. One that is none becomes Unavailable.
func Of(err error) *Refusal {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return Unavailable(err)
}

// Words are what the user reads, in one line: Bazel prints them behind the code.
func (r *Refusal) Words() string {
	words := strings.Join(strings.Fields(r.Err.Error()), " ")
	if next := cluster.Next(r.Err); next != "" {
		words += "; next: " + next
	}
	return words
}

func (r *Refusal) status() error { return status.Error(r.Code, r.Words()) }
