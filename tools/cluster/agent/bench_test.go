package agent_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/bytestream"
	"google.golang.org/grpc"

	"github.com/bbf-build/bbf/tools/cluster/agent/testcluster"
)

const blob = 64 << 20

// BenchmarkBlobs moves large blobs with gRPC through an agent that is a process of its own, and to compare with over a plaintext socket, and
// shows what memory the agent has. BenchmarkPump, of package pump, does without gRPC.
func BenchmarkBlobs(b *testing.B) {
	p, c := newPlace(b), testcluster.New(b)
	socket := strings.TrimPrefix(up(b, p, request(b, c)).Endpoint, "unix:")
	plain := filepath.Join(b.TempDir(), "s")
	l, err := net.Listen("unix", plain)
	if err != nil {
		b.Fatal(err)
	}
	c.Start().Plain(b, l)
	for _, way := range []struct{ name, socket string }{{"Agent", socket}, {"Plaintext", plain}} {
		for _, clients := range []int{1, 50} {
			var conns []*grpc.ClientConn
			for range clients {
				conns = append(conns, testcluster.Dial(b, way.socket))
			}
			b.Run(fmt.Sprintf("%s/DownloadBy%d", way.name, clients), func(b *testing.B) { all(b, p, conns, download(b)) })
			b.Run(fmt.Sprintf("%s/UploadBy%d", way.name, clients), func(b *testing.B) { all(b, p, conns, upload(b)) })
		}
	}
}

// all moves one blob for each b.N, a part over each connection.
func all(b *testing.B, p place, conns []*grpc.ClientConn, move func(*grpc.ClientConn, int) error) {
	b.SetBytes(blob)
	for range b.N {
		errs := make(chan error)
		for _, conn := range conns {
			go func() { errs <- move(conn, blob/len(conns)) }()
		}
		for range conns {
			if err := <-errs; err != nil {
				b.Fatal(err)
			}
		}
	}
	s, err := p.Status(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(s.Resident)/(1<<20), "MiB-resident")
}

func download(b *testing.B) func(*grpc.ClientConn, int) error {
	return func(conn *grpc.ClientConn, n int) error {
		stream, err := bytestream.NewByteStreamClient(conn).Read(b.Context(), &bytestream.ReadRequest{ResourceName: fmt.Sprint("blobs/", n)})
		for err == nil {
			_, err = stream.Recv()
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
}

func upload(b *testing.B) func(*grpc.ClientConn, int) error {
	zeros := make([]byte, 1<<20)
	return func(conn *grpc.ClientConn, n int) error {
		stream, err := bytestream.NewByteStreamClient(conn).Write(b.Context())
		for ; n > 0 && err == nil; n -= len(zeros) {
			err = stream.Send(&bytestream.WriteRequest{Data: zeros[:min(n, len(zeros))]})
		}
		if err != nil {
			return err
		}
		_, err = stream.CloseAndRecv()
		return err
	}
}
