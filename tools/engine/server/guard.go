package server

import (
	"context"
	"log/slog"
	"runtime/debug"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func guardUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (reply any, err error) {
	defer func() {
		if p := recover(); p != nil {
			reply, err = nil, panicked(info.FullMethod, p)
		}
	}()
	reply, err = handler(ctx, req)
	return reply, coded(info.FullMethod, err)
}

func guardStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(info.FullMethod, p)
		}
	}()
	return coded(info.FullMethod, handler(srv, stream))
}

// panicked makes an error of a panic, so that one bad request doesn't end the process and everybody's builds.
func panicked(method string, p any) error {
	slog.Error("a request made the engine panic", "method", method, "panic", p, "stack", string(debug.Stack()))
	return status.Errorf(codes.Internal, "%s failed by a mistake of the engine (its log has more): %v", method, p)
}

// coded gives errors without a gRPC code the code for failures of ours.
func coded(method string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	if s := status.FromContextError(err); s.Code() != codes.Unknown {
		return s.Err()
	}
	slog.Error("a request failed", "method", method, "err", err)
	return status.Error(codes.Internal, err.Error())
}
