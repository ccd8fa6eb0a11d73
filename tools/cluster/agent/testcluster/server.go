package testcluster

import (
	"context"
	"net"
	"sync"
	"testing"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/genproto/googleapis/bytestream"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/manager/api"
)

// Server is a gateway with a server behind it, in one.
type Server struct {
	Address string
	grpc    *grpc.Server
	release chan struct{}
	once    sync.Once

	mu        sync.Mutex
	Callers   []string // of GetCapabilities: the URI of each one's certificate
	executing int
}

// Start runs a server, in the place of the one that ran, and has the manager tell its address.
func (c *Cluster) Start() *Server {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.start()
}

// Server is the one that runs.
func (c *Cluster) Server() *Server {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server
}

func (c *Cluster) start() *Server {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	s := &Server{Address: l.Addr().String(), release: make(chan struct{})}
	config := certificates.ServerTLS(c.bundle(certificates.RoleServer), Name, nil)
	s.grpc = s.register(grpc.NewServer(grpc.Creds(credentials.NewTLS(config))))
	go s.grpc.Serve(l)
	c.t.Cleanup(s.Kill)
	c.server = s
	c.Status.State, c.Status.Endpoint = api.StateUp, "grpcs://"+s.Address
	return s
}

// Plain serves the same without TLS, to compare with.
func (s *Server) Plain(t testing.TB, l net.Listener) {
	plain := s.register(grpc.NewServer())
	go plain.Serve(l)
	t.Cleanup(plain.Stop)
}

func (s *Server) register(r *grpc.Server) *grpc.Server {
	repb.RegisterCapabilitiesServer(r, s)
	repb.RegisterExecutionServer(r, execution{s: s})
	bytestream.RegisterByteStreamServer(r, &blobs{})
	return r
}

// Kill cuts everything.
func (s *Server) Kill() { s.grpc.Stop() }

// Release lets all actions end that execute, and those to come.
func (s *Server) Release() { s.once.Do(func() { close(s.release) }) }

// Executing is how many actions do.
func (s *Server) Executing() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.executing
}

// Seen are the callers so far.
func (s *Server) Seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Callers
}

// GetCapabilities notes who calls.
func (s *Server) GetCapabilities(ctx context.Context, _ *repb.GetCapabilitiesRequest) (*repb.ServerCapabilities, error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Callers = append(s.Callers, who)
	return &repb.ServerCapabilities{ExecutionCapabilities: &repb.ExecutionCapabilities{ExecEnabled: true}}, nil
}

// execution executes nothing, slowly.
type execution struct {
	repb.UnimplementedExecutionServer
	s *Server
}

func (e execution) Execute(_ *repb.ExecuteRequest, stream repb.Execution_ExecuteServer) error {
	if err := stream.Send(&longrunningpb.Operation{Name: "begun"}); err != nil {
		return err
	}
	e.count(1)
	defer e.count(-1)
	select {
	case <-stream.Context().Done():
		return stream.Context().Err()
	case <-e.s.release:
		return stream.Send(&longrunningpb.Operation{Name: "begun", Done: true})
	}
}

func (e execution) count(n int) {
	e.s.mu.Lock()
	defer e.s.mu.Unlock()
	e.s.executing += n
}
