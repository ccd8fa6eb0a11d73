package server_test

import (
	"context"
	"slices"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/execution"
	"github.com/bbf-build/bbf/tools/engine/server"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

type executor struct{ panics bool }

func (e executor) Execute(context.Context, execution.Request, func(execution.State) error) error {
	if e.panics {
		panic("a mistake")
	}
	return nil
}

func (executor) Wait(context.Context, string, func(execution.State) error) error { return nil }

func TestCapabilities(t *testing.T) {
	t.Run("WhenThereIsAnExecutor", func(t *testing.T) {
		k := startWith(t, t.TempDir(), 1<<30, func(d server.Deps) *grpc.Server {
			d.Executor, d.Priorities = executor{}, server.Priorities{Min: -10, Max: 10}
			return server.New(d)
		})
		r, err := k.capabilities.GetCapabilities(t.Context(), &repb.GetCapabilitiesRequest{InstanceName: "any"})
		if err != nil {
			t.Fatal(err)
		}
		c, e := r.CacheCapabilities, r.ExecutionCapabilities
		if !slices.Equal(c.DigestFunctions, []repb.DigestFunction_Value{repb.DigestFunction_SHA256}) || !c.ActionCacheUpdateCapabilities.UpdateEnabled ||
			c.MaxBatchTotalSizeBytes != server.MaxBatch || !slices.Equal(c.SupportedCompressors, []repb.Compressor_Value{repb.Compressor_ZSTD}) ||
			c.SplitBlobSupport || c.SpliceBlobSupport || c.SymlinkAbsolutePathStrategy == repb.SymlinkAbsolutePathStrategy_UNKNOWN {
			t.Fatal(c)
		}
		if !e.ExecEnabled || e.DigestFunction != repb.DigestFunction_SHA256 || e.ExecutionPriorityCapabilities.Priorities[0].MinPriority != -10 {
			t.Fatal(e)
		}
		if r.LowApiVersion.Major != 2 || r.LowApiVersion.Minor != 0 || r.HighApiVersion.Major != 2 || r.HighApiVersion.Minor < 11 {
			t.Fatal(r.LowApiVersion, r.HighApiVersion)
		}
	})
	t.Run("WhenThereIsNone", func(t *testing.T) {
		r, err := start(t, 1<<30).capabilities.GetCapabilities(t.Context(), &repb.GetCapabilitiesRequest{})
		if err != nil || r.ExecutionCapabilities.GetExecEnabled() {
			t.Fatal(r, err)
		}
	})
}

func TestPanic(t *testing.T) {
	k := startWith(t, t.TempDir(), 1<<30, func(d server.Deps) *grpc.Server {
		d.Executor = executor{panics: true}
		return server.New(d)
	})
	action := k.put([]byte("x")).Proto()
	stream, err := repb.NewExecutionClient(k.dial()).Execute(t.Context(), &repb.ExecuteRequest{ActionDigest: action})
	if err == nil {
		_, err = stream.Recv()
	}
	k.refused(err, codes.Internal, "a mistake")
	if _, err := k.capabilities.GetCapabilities(t.Context(), &repb.GetCapabilitiesRequest{}); err != nil {
		t.Fatal("the server is gone", err)
	}
}
