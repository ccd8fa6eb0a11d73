package relay

import (
	"fmt"

	"google.golang.org/grpc/codes"
)

// Gate decides about calls. It is asked by several goroutines at once.
type Gate interface {
	// Begin is told of a new call, by its HTTP path, "/package.Service/Method". It returns what to do when the call has ended, or why there
	// is to be none.
	Begin(path string) (end func(), refused *Refusal)
}

// Refusal is the gRPC status that a call is answered with.
type Refusal struct {
	Code    codes.Code
	Message string
}

// Refuse makes a Refusal.
func Refuse(code codes.Code, format string, args ...any) *Refusal {
	return &Refusal{code, fmt.Sprintf(format, args...)}
}

func (r *Refusal) Error() string { return fmt.Sprintf("%s: %s", r.Code, r.Message) }
