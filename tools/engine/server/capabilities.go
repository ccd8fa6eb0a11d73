package server

import (
	"context"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bazelbuild/remote-apis/build/bazel/semver"
)

type capabilities struct {
	repb.UnimplementedCapabilitiesServer
	deps Deps
}

// GetCapabilities answers alike for all instance names.
func (c *capabilities) GetCapabilities(context.Context, *repb.GetCapabilitiesRequest) (*repb.ServerCapabilities, error) {
	symlinks := repb.SymlinkAbsolutePathStrategy_DISALLOWED
	if c.deps.AbsoluteSymlinks {
		symlinks = repb.SymlinkAbsolutePathStrategy_ALLOWED
	}
	reply := &repb.ServerCapabilities{
		CacheCapabilities: &repb.CacheCapabilities{
			DigestFunctions:                 []repb.DigestFunction_Value{repb.DigestFunction_SHA256},
			ActionCacheUpdateCapabilities:   &repb.ActionCacheUpdateCapabilities{UpdateEnabled: true},
			MaxBatchTotalSizeBytes:          MaxBatch,
			SymlinkAbsolutePathStrategy:     symlinks,
			SupportedCompressors:            []repb.Compressor_Value{repb.Compressor_ZSTD},
			SupportedBatchUpdateCompressors: []repb.Compressor_Value{repb.Compressor_ZSTD},
		},
		LowApiVersion:  &semver.SemVer{Major: 2, Minor: 0},
		HighApiVersion: &semver.SemVer{Major: 2, Minor: 13},
	}
	if c.deps.Executor != nil {
		reply.ExecutionCapabilities = &repb.ExecutionCapabilities{
			DigestFunction:  repb.DigestFunction_SHA256,
			DigestFunctions: []repb.DigestFunction_Value{repb.DigestFunction_SHA256},
			ExecEnabled:     true,
			ExecutionPriorityCapabilities: &repb.PriorityCapabilities{Priorities: []*repb.PriorityCapabilities_PriorityRange{
				{MinPriority: c.deps.Priorities.Min, MaxPriority: c.deps.Priorities.Max},
			}},
			SupportedNodeProperties: c.deps.NodeProperties,
		}
	}
	return reply, nil
}
