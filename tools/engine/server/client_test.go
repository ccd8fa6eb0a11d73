package server_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/actioncache"
	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"github.com/bbf-build/bbf/tools/engine/server"
	"github.com/klauspost/compress/zstd"
	bspb "google.golang.org/genproto/googleapis/bytestream"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// client talks to a server of its own over a Unix socket, and can look into the server's stores.
type client struct {
	testing.TB
	store        *cas.Store
	dir          string
	socket       string
	blobs        repb.ContentAddressableStorageClient
	results      repb.ActionCacheClient
	capabilities repb.CapabilitiesClient
	bytes        bspb.ByteStreamClient
}

// start starts a server for the time of a test.
func start(t testing.TB, maxBytes int64) *client {
	t.Helper()
	return startWith(t, t.TempDir(), maxBytes, func(d server.Deps) *grpc.Server { return server.New(d) })
}

func startWith(t testing.TB, dir string, maxBytes int64, make func(server.Deps) *grpc.Server) *client {
	t.Helper()
	store, err := cas.Open(dir, cas.Options{MaxBytes: maxBytes})
	if err != nil {
		t.Fatal(err)
	}
	results, err := actioncache.Open(dir, store, actioncache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := make(server.Deps{Store: store, ActionCache: results})
	c := &client{TB: t, store: store, dir: dir, socket: filepath.Join(t.TempDir(), "s")}
	listener, err := net.Listen("unix", c.socket)
	if err != nil {
		t.Fatal(err)
	}
	served := goServe(s, listener)
	t.Cleanup(func() {
		s.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		store.Close()
	})
	conn := c.dial()
	c.blobs = repb.NewContentAddressableStorageClient(conn)
	c.results = repb.NewActionCacheClient(conn)
	c.capabilities = repb.NewCapabilitiesClient(conn)
	c.bytes = bspb.NewByteStreamClient(conn)
	return c
}

func goServe(s *grpc.Server, l net.Listener) <-chan error {
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	return served
}

func (c *client) dial() *grpc.ClientConn {
	c.Helper()
	conn, err := grpc.NewClient("unix:"+c.socket, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)))
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { conn.Close() })
	return conn
}

func (c *client) put(data []byte) digest.Digest {
	c.Helper()
	d, err := c.store.Put(data)
	if err != nil {
		c.Fatal(err)
	}
	return d
}

func (c *client) message(m proto.Message) digest.Digest {
	c.Helper()
	data, _, err := digest.OfMessage(m)
	if err != nil {
		c.Fatal(err)
	}
	return c.put(data)
}

// message of a Write: what differs from the one before.
type message struct {
	name   string
	offset int64
	data   []byte
	finish bool
}

// write sends the messages, closes, and returns the answer.
func (c *client) write(messages ...message) (int64, error) {
	c.Helper()
	stream, err := c.bytes.Write(c.Context())
	if err != nil {
		c.Fatal(err)
	}
	for _, m := range messages {
		err := stream.Send(&bspb.WriteRequest{ResourceName: m.name, WriteOffset: m.offset, Data: m.data, FinishWrite: m.finish})
		if errors.Is(err, io.EOF) {
			break // the server has answered
		}
		if err != nil {
			c.Fatal(err)
		}
	}
	r, err := stream.CloseAndRecv()
	return r.GetCommittedSize(), err
}

// chunked is the messages of a whole upload.
func chunked(name string, data []byte, size int) []message {
	var all []message
	for offset := 0; offset < len(data); offset += size {
		end := min(offset+size, len(data))
		all = append(all, message{offset: int64(offset), data: data[offset:end]})
	}
	if all == nil {
		all = []message{{}}
	}
	all[0].name, all[len(all)-1].finish = name, true
	return all
}

// read collects what a Read sends.
func (c *client) read(name string, offset, limit int64) ([]byte, error) {
	c.Helper()
	stream, err := c.bytes.Read(c.Context(), &bspb.ReadRequest{ResourceName: name, ReadOffset: offset, ReadLimit: limit})
	if err != nil {
		c.Fatal(err)
	}
	var all []byte
	for {
		r, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, r.GetData()...)
	}
}

func (c *client) query(name string) (size int64, complete bool) {
	c.Helper()
	r, err := c.bytes.QueryWriteStatus(c.Context(), &bspb.QueryWriteStatusRequest{ResourceName: name})
	if err != nil {
		c.Fatal(err)
	}
	return r.GetCommittedSize(), r.GetComplete()
}

// refused fails unless err has that code and its message names the field.
func (c *client) refused(err error, want codes.Code, field string) {
	c.Helper()
	if status.Code(err) != want || !strings.Contains(err.Error(), field) {
		c.Fatalf("got %v, want %v with %q", err, want, field)
	}
}

const uuid = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"

func upload(d digest.Digest) string { return fmt.Sprintf("uploads/%s/blobs/%s", uuid, d) }
func uploadZstd(d digest.Digest) string {
	return fmt.Sprintf("uploads/%s/compressed-blobs/zstd/%s", uuid, d)
}

func random(size int) []byte {
	data := make([]byte, size)
	rand.Read(data)
	return data
}

// prose is bytes that can be compressed.
func prose(size int) []byte {
	return bytes.Repeat([]byte("All work and no play makes Jack a dull boy.\n"), size/44+1)[:size]
}

func squeeze(data []byte) []byte {
	e, err := zstd.NewWriter(nil, zstd.WithZeroFrames(true))
	if err != nil {
		panic(err)
	}
	defer e.Close()
	return e.EncodeAll(data, nil)
}

func unsqueeze(t testing.TB, data []byte) []byte {
	t.Helper()
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	plain, err := d.DecodeAll(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// deleteFile removes a blob's file behind the store's back.
func (c *client) deleteFile(d digest.Digest) {
	c.Helper()
	if err := os.Remove(filepath.Join(c.dir, "cas", d.Hex()[:2], fmt.Sprintf("%s-%d", d.Hex(), d.Size))); err != nil {
		c.Fatal(err)
	}
}

// temporaries is how many unfinished uploads have a file.
func (c *client) temporaries() int {
	c.Helper()
	files, err := filepath.Glob(filepath.Join(c.dir, "tmp", "*", "*"))
	if err != nil {
		c.Fatal(err)
	}
	return len(files)
}
