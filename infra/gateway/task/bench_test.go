package task_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"golang.org/x/sync/errgroup"
	"google.golang.org/genproto/googleapis/bytestream"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/gateway/task"
	"github.com/bbf-build/bbf/infra/gateway/testrig"
)

// streams is a backend that costs nothing, so that what is measured is the way to it.
type streams struct {
	bytestream.UnimplementedByteStreamServer
	data []byte
}

func (s *streams) Read(r *bytestream.ReadRequest, out bytestream.ByteStream_ReadServer) error {
	for left := r.ReadLimit; left > 0; {
		n := min(left, int64(len(s.data)))
		if err := out.Send(&bytestream.ReadResponse{Data: s.data[:n]}); err != nil {
			return err
		}
		left -= n
	}
	return nil
}

func (s *streams) Write(in bytestream.ByteStream_WriteServer) error {
	var n int64
	for {
		r, err := in.Recv()
		if err == io.EOF {
			return in.SendAndClose(&bytestream.WriteResponse{CommittedSize: n})
		}
		if err != nil {
			return err
		}
		n += int64(len(r.Data))
	}
}

func (s *streams) QueryWriteStatus(context.Context, *bytestream.QueryWriteStatusRequest) (*bytestream.QueryWriteStatusResponse, error) {
	return &bytestream.QueryWriteStatusResponse{}, nil
}

// ways are the ones to a backend: direct, through the gateway, and through what the standard library would be for it.
func ways(b *testing.B) map[string]*client {
	authority := testrig.Authority(b)
	l := testrig.Listen(b)
	server := grpc.NewServer(grpc.StaticStreamWindowSize(1<<20), grpc.StaticConnWindowSize(4<<20), grpc.WriteBufferSize(64<<10))
	bytestream.RegisterByteStreamServer(server, &streams{data: make([]byte, 256<<10)})
	go server.Serve(l)
	b.Cleanup(server.Stop)
	backend := l.Addr().String()
	g := start(b, authority, task.Options{Backend: backend})
	builder := testrig.Bundle(b, authority, certificates.RoleBuilder, "b", tomorrow)
	windows := []grpc.DialOption{grpc.WithStaticStreamWindowSize(1 << 20), grpc.WithStaticConnWindowSize(4 << 20)}
	return map[string]*client{
		"plaintext":    dial(b, backend, plaintext(), windows...),
		"gateway":      dial(b, g.address, with(builder), windows...),
		"reverseproxy": dial(b, reverseProxy(b, authority, backend), with(builder), windows...),
	}
}

func reverseProxy(b *testing.B, authority *certificates.Authority, backend string) string {
	h2c := new(http.Protocols)
	h2c.SetUnencryptedHTTP2(true)
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: backend}) },
		Transport:     &http.Transport{Protocols: h2c, HTTP2: &http.HTTP2Config{MaxReceiveBufferPerConnection: 4 << 20, MaxReceiveBufferPerStream: 1 << 20}},
		FlushInterval: -1,
	}
	s := &http.Server{Handler: proxy, ErrorLog: log.New(io.Discard, "", 0),
		HTTP2: &http.HTTP2Config{MaxReceiveBufferPerConnection: 4 << 20, MaxReceiveBufferPerStream: 1 << 20}}
	l := testrig.Listen(b)
	c := certificates.ServerTLS(testrig.Bundle(b, authority, certificates.RoleServer, "s", tomorrow), testrig.Cluster, nil)
	go s.Serve(tls.NewListener(l, c))
	b.Cleanup(func() { s.Close() })
	return l.Addr().String()
}

// BenchmarkActions is a build of 500 small actions, eight at a time, on our engine: each is uploaded and executed.
func BenchmarkActions(b *testing.B) {
	authority := testrig.Authority(b)
	backend, _ := startEngine(b)
	g := start(b, authority, task.Options{Backend: backend})
	builder := testrig.Bundle(b, authority, certificates.RoleBuilder, "b", tomorrow)
	build := 0
	for _, way := range []struct {
		name string
		c    *client
	}{{"plaintext", dial(b, backend, plaintext())}, {"gateway", dial(b, g.address, with(builder))}} {
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				build++
				all := errgroup.Group{}
				all.SetLimit(8)
				for n := range 500 {
					all.Go(func() error { return way.c.act(b.Context(), fmt.Sprintf("exit 0 # %d %d", build, n)) })
				}
				if err := all.Wait(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// act uploads and executes a line of shell.
func (c *client) act(ctx context.Context, line string) error {
	var digests []*repb.Digest
	put := func(m proto.Message) (*repb.Digest, error) {
		data, err := proto.Marshal(m)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		d := &repb.Digest{Hash: hex.EncodeToString(sum[:]), SizeBytes: int64(len(data))}
		digests = append(digests, d)
		_, err = c.cas.BatchUpdateBlobs(ctx, &repb.BatchUpdateBlobsRequest{Requests: []*repb.BatchUpdateBlobsRequest_Request{{Digest: d, Data: data}}})
		return d, err
	}
	root, err := put(&repb.Directory{})
	if err != nil {
		return err
	}
	command, err := put(&repb.Command{Arguments: []string{"/bin/sh", "-c", line}})
	if err != nil {
		return err
	}
	action, err := put(&repb.Action{InputRootDigest: root, CommandDigest: command})
	if err != nil {
		return err
	}
	if _, err := c.cas.FindMissingBlobs(ctx, &repb.FindMissingBlobsRequest{BlobDigests: digests}); err != nil {
		return err
	}
	stream, err := c.execution.Execute(ctx, &repb.ExecuteRequest{ActionDigest: action})
	if err != nil {
		return err
	}
	for {
		o, err := stream.Recv()
		if err != nil {
			return err
		}
		if o.GetDone() {
			var r repb.ExecuteResponse
			if err := o.GetResponse().UnmarshalTo(&r); err != nil || r.GetStatus().GetCode() != 0 || r.GetResult().GetExitCode() != 0 {
				return fmt.Errorf("%v, %w", &r, err)
			}
			return nil
		}
	}
}

const large = 64 << 20

func BenchmarkDownload(b *testing.B) {
	for name, c := range ways(b) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(large)
			for b.Loop() {
				s, err := c.bytes.Read(b.Context(), &bytestream.ReadRequest{ReadLimit: large})
				for err == nil {
					_, err = s.Recv()
				}
				if err != io.EOF {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkUpload(b *testing.B) {
	part := &bytestream.WriteRequest{Data: make([]byte, 256<<10)}
	for name, c := range ways(b) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(large)
			for b.Loop() {
				s, err := c.bytes.Write(b.Context())
				for n := 0; n < large && err == nil; n += len(part.Data) {
					err = s.Send(part)
				}
				if _, err := s.CloseAndRecv(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSmallCalls(b *testing.B) {
	for name, c := range ways(b) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := c.bytes.QueryWriteStatus(b.Context(), &bytestream.QueryWriteStatusRequest{ResourceName: "x"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSmallCallsAtOnce(b *testing.B) {
	for name, c := range ways(b) {
		b.Run(name, func(b *testing.B) {
			b.SetParallelism(25)
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if _, err := c.bytes.QueryWriteStatus(b.Context(), &bytestream.QueryWriteStatusRequest{ResourceName: "x"}); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
