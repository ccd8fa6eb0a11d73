package server

import (
	"strconv"
	"strings"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// resource is what a ByteStream resource name says (remote_execution.proto, ContentAddressableStorage).
type resource struct {
	digest digest.Digest
	zstd   bool // the bytes are sent compressed
}

// maxName bounds what a resource name may be long; names of uploads are kept for a while.
const maxName = 8 << 10

// keywords can't be segments of an instance name.
var keywords = map[string]bool{
	"blobs": true, "uploads": true, "actions": true, "actionResults": true, "operations": true, "capabilities": true, "compressed-blobs": true,
}

// parseRead reads [INSTANCE/]blobs/[FUNCTION/]HASH/SIZE and [INSTANCE/]compressed-blobs/zstd/[FUNCTION/]HASH/SIZE.
func parseRead(name string) (resource, error) {
	segments, err := afterInstance(name)
	if err != nil {
		return resource{}, err
	}
	r, rest, err := parseBlob(name, segments)
	if err == nil && len(rest) > 0 {
		err = badName(name, "something follows the size")
	}
	return r, err
}

// parseWrite reads [INSTANCE/]uploads/UUID/ with what parseRead takes after the instance, and anything behind it.
func parseWrite(name string) (resource, error) {
	segments, err := afterInstance(name)
	if err != nil {
		return resource{}, err
	}
	if len(segments) < 2 || segments[0] != "uploads" {
		return resource{}, badName(name, `an upload's name has "uploads" and a UUID in front of "blobs" or "compressed-blobs"`)
	}
	if segments[1] == "" || keywords[segments[1]] {
		return resource{}, badName(name, `there is no UUID after "uploads"`)
	}
	r, _, err := parseBlob(name, segments[2:])
	return r, err
}

// afterInstance splits a name and leaves out the instance's name, which may be several segments.
func afterInstance(name string) ([]string, error) {
	if name == "" {
		return nil, status.Error(codes.InvalidArgument, "resource_name: none is given")
	}
	if len(name) > maxName {
		return nil, status.Errorf(codes.InvalidArgument, "resource_name: has %d bytes, at most %d are taken", len(name), maxName)
	}
	segments := strings.Split(name, "/")
	for i, s := range segments {
		if keywords[s] {
			return segments[i:], nil
		}
		if s == "" {
			return nil, badName(name, "the instance name has an empty segment")
		}
	}
	return nil, badName(name, `it has neither "blobs" nor "compressed-blobs"`)
}

// parseBlob reads from "blobs" or "compressed-blobs" to the size, and returns what follows.
func parseBlob(name string, segments []string) (r resource, rest []string, err error) {
	switch {
	case len(segments) > 0 && segments[0] == "blobs":
		segments = segments[1:]
	case len(segments) > 1 && segments[0] == "compressed-blobs":
		if segments[1] != "zstd" {
			return r, nil, status.Errorf(codes.InvalidArgument, "resource_name: the compressor %q is not offered, only zstd", clip(segments[1]))
		}
		r.zstd = true
		segments = segments[2:]
	default:
		return r, nil, badName(name, `"blobs" or "compressed-blobs/zstd" is not where it should be`)
	}
	if len(segments) > 0 {
		if f, ok := repb.DigestFunction_Value_value[strings.ToUpper(segments[0])]; ok && segments[0] == strings.ToLower(segments[0]) {
			if f != int32(repb.DigestFunction_SHA256) { // strictly it must be left out for this one
				return r, nil, status.Errorf(codes.InvalidArgument, "resource_name: the digest function %q is not offered, only SHA-256", segments[0])
			}
			segments = segments[1:]
		}
	}
	if len(segments) < 2 {
		return r, nil, badName(name, "a hash and a size are not there")
	}
	size, err := strconv.ParseInt(segments[1], 10, 64)
	if err != nil || segments[1][0] == '+' {
		return r, nil, badName(name, "the size is not a number")
	}
	if r.digest, err = digest.New(segments[0], size); err != nil {
		return r, nil, status.Errorf(codes.InvalidArgument, "resource_name: %s", status.Convert(err).Message())
	}
	return r, segments[2:], nil
}

func badName(name, why string) error {
	return status.Errorf(codes.InvalidArgument, "resource_name: %q: %s", clip(name), why)
}

func clip(s string) string {
	if len(s) > 200 {
		return s[:200] + "…"
	}
	return s
}
