package execution

import (
	"errors"
	"fmt"

	"github.com/bbf-build/bbf/tools/engine/cas"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type statusProto = statuspb.Status

// missing turns an error about blobs that aren't in the store into what tells a client to upload them again: a
// FAILED_PRECONDITION with one MISSING violation a blob (remote_execution.proto, Execution.Execute). Nil for other errors.
func missing(err error) *status.Status {
	var m *cas.MissingError
	if !errors.As(err, &m) {
		return nil
	}
	failure := &errdetails.PreconditionFailure{}
	for _, d := range m.Digests {
		failure.Violations = append(failure.Violations, &errdetails.PreconditionFailure_Violation{
			Type:        "MISSING",
			Subject:     "blobs/" + d.String(),
			Description: "the blob is not in the store",
		})
	}
	s := status.New(codes.FailedPrecondition, fmt.Sprintf("the action needs %d blob(s) that are not in the store: %v", len(m.Digests), m))
	if detailed, err := s.WithDetails(failure); err == nil {
		return detailed
	}
	return s
}
