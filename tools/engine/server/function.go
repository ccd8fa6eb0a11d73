package server

import (
	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// checkDigestFunction refuses requests whose digests are of another function than the one offered. Clients may leave the field unset
// for SHA-256 (remote_execution.proto, digest_function).
func checkDigestFunction(f repb.DigestFunction_Value) error {
	switch f {
	case repb.DigestFunction_UNKNOWN, repb.DigestFunction_SHA256:
		return nil
	}
	return status.Errorf(codes.InvalidArgument, "digest_function: %s is not offered, only SHA256", f)
}
