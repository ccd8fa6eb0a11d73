// Package server speaks the Remote Execution API over gRPC: capabilities, the content-addressable storage, ByteStream and the
// action cache. Execution is another package's; it is registered here.
//
// Blobs are named by SHA-256 and sent plain or compressed with zstd. All instance names share the blobs; the action cache keeps
// them apart.
package server

import (
	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/actioncache"
	"github.com/bbf-build/bbf/tools/engine/cas"
	bspb "google.golang.org/genproto/googleapis/bytestream"
	"google.golang.org/grpc"
)

// Deps is what the services work with.
type Deps struct {
	Store       *cas.Store
	ActionCache *actioncache.Cache

	Executor         Executor   // nil: the Execution service is not registered, and Capabilities says so
	Priorities       Priorities // of executions
	NodeProperties   []string   // names of the node properties that the executor heeds
	AbsoluteSymlinks bool       // the executor takes symlinks with absolute targets

	Version string // of this program; part of nothing that clients must understand
}

// Priorities is a range of priorities, lower ones being more urgent. The zero value says that only the default, 0, is there.
type Priorities struct{ Min, Max int32 }

// MaxBatch is how many bytes all blobs of one batch request may have together: what fits into the 4 MiB that gRPC clients take as
// a message unless told otherwise.
const MaxBatch = 4 << 20

// Register registers the services. New is to be preferred: only servers made by it send and receive blobs without copying them.
func Register(s *grpc.Server, d Deps) { register(s, d, false) }

// register registers the services; frames tells whether the server has the codec of this package.
func register(s *grpc.Server, d Deps, frames bool) {
	repb.RegisterCapabilitiesServer(s, &capabilities{deps: d})
	repb.RegisterContentAddressableStorageServer(s, &blobs{store: d.Store})
	repb.RegisterActionCacheServer(s, &results{cache: d.ActionCache, inliner: inliner{d.Store}})
	bspb.RegisterByteStreamServer(s, &byteStream{store: d.Store, frames: frames, partials: newPartials(d.Store)})
	if d.Executor != nil {
		repb.RegisterExecutionServer(s, &executionService{executor: d.Executor, inliner: inliner{d.Store}})
	}
}
