package server

import (
	"io"
	"os"

	bspb "google.golang.org/genproto/googleapis/bytestream"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Read sends a blob, or a part of it.
func (s *byteStream) Read(req *bspb.ReadRequest, stream bspb.ByteStream_ReadServer) error {
	r, err := parseRead(req.ResourceName)
	if err != nil {
		return err
	}
	size := r.digest.Size
	switch {
	case req.ReadOffset < 0 || req.ReadOffset > size:
		return status.Errorf(codes.OutOfRange, "read_offset: %d is not within the blob's %d bytes", req.ReadOffset, size)
	case req.ReadLimit < 0:
		return status.Errorf(codes.InvalidArgument, "read_limit: %d is negative", req.ReadLimit)
	case req.ReadLimit != 0 && r.zstd:
		return status.Error(codes.InvalidArgument, "read_limit: compressed blobs can't be read with a limit")
	}
	f, err := s.store.Open(r.digest)
	if err != nil {
		return err
	}
	defer f.Close()
	n := size - req.ReadOffset
	if req.ReadLimit > 0 {
		n = min(n, req.ReadLimit)
	}
	out := sender{stream: stream, frames: s.frames}
	if r.zstd {
		return out.compressed(io.NewSectionReader(f, req.ReadOffset, n))
	}
	return out.plain(f, req.ReadOffset, n)
}

// sender sends bytes as ReadResponses.
type sender struct {
	stream grpc.ServerStream
	frames bool
}

func (s sender) plain(f *os.File, offset, n int64) error {
	for n > 0 {
		b := chunks.Get(int(min(n, int64(chunks.chunk()))))
		got, err := f.ReadAt(*b, offset)
		if got < len(*b) {
			chunks.Put(b)
			return status.Errorf(codes.Unavailable, "read the blob: %v; try again", err) // its file was cut short
		}
		offset += int64(got)
		n -= int64(got)
		if err := s.send(b); err != nil {
			return err
		}
	}
	return nil
}

func (s sender) compressed(r io.Reader) error {
	w := &chunkWriter{sender: s}
	defer w.drop()
	e := takeEncoder(w)
	defer putEncoder(e)
	b := chunks.Get(chunkSizes[1])
	defer chunks.Put(b)
	if _, err := io.CopyBuffer(struct{ io.Writer }{e}, struct{ io.Reader }{r}, *b); err != nil {
		return err
	}
	if err := e.Close(); err != nil {
		return err
	}
	return w.flush()
}

// send sends a chunk and gives its buffer away.
func (s sender) send(b *[]byte) error {
	if s.frames {
		return s.stream.SendMsg(&readFrame{data: b})
	}
	defer chunks.Put(b)
	return s.stream.SendMsg(&bspb.ReadResponse{Data: *b})
}

// chunkWriter collects what is written to it into chunks.
type chunkWriter struct {
	sender sender
	buffer *[]byte // nil or not full
}

func (w *chunkWriter) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		if w.buffer == nil {
			w.buffer = chunks.Get(min(chunks.chunk(), chunkSizes[1]))
			*w.buffer = (*w.buffer)[:0]
		}
		n := min(len(p), cap(*w.buffer)-len(*w.buffer))
		*w.buffer = append(*w.buffer, p[:n]...)
		p = p[n:]
		if len(*w.buffer) == cap(*w.buffer) {
			if err := w.flush(); err != nil {
				return 0, err
			}
		}
	}
	return written, nil
}

func (w *chunkWriter) flush() error {
	b := w.buffer
	w.buffer = nil
	if b == nil {
		return nil
	}
	return w.sender.send(b)
}

func (w *chunkWriter) drop() {
	if w.buffer != nil {
		chunks.Put(w.buffer)
		w.buffer = nil
	}
}
