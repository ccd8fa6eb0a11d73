package server

import (
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
)

// A message may be as large as a question for 200,000 blobs; batches are bounded by MaxBatch anyway.
const maxMessage = 32 << 20

// What a client may send before we read it. Larger windows are of no use on one machine, and a thousand connections with full
// windows must fit into memory.
const (
	streamWindow     = 512 << 10
	connectionWindow = 1 << 20
)

// New makes a gRPC server with the services registered. opts come after the server's own options, so they win.
func New(d Deps, opts ...grpc.ServerOption) *grpc.Server {
	s := grpc.NewServer(append([]grpc.ServerOption{
		grpc.ForceServerCodecV2(newCodec()),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.StaticStreamWindowSize(streamWindow),
		grpc.StaticConnWindowSize(connectionWindow),
		grpc.MaxConcurrentStreams(1000),
		grpc.ReadBufferSize(32 << 10),
		grpc.WriteBufferSize(64 << 10),
		// Clients that ping to keep a connection through a NAT alive are not thrown out.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
		// A client that vanished without a word is noticed; a silent one costs a ping in ten minutes.
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 10 * time.Minute, Timeout: 30 * time.Second}),
		grpc.ChainUnaryInterceptor(guardUnary),
		grpc.ChainStreamInterceptor(guardStream),
	}, opts...)...)
	register(s, d, true)
	return s
}
