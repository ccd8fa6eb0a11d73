package server

import (
	"errors"
	"io"
	"time"

	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/digest"
	bspb "google.golang.org/genproto/googleapis/bytestream"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Write receives a blob. What was received when the client went away, or closed the stream without finish_write, is kept for a while
// under the resource name, and a later Write may go on from there.
func (s *byteStream) Write(stream bspb.ByteStream_WriteServer) error {
	in := &incoming{stream: stream, frames: s.frames}
	defer func() { in.frame.release() }()
	if err := in.next(); err != nil {
		if errors.Is(err, errUnfinished) {
			return status.Error(codes.InvalidArgument, "resource_name: no message was sent")
		}
		return err
	}
	r, err := parseWrite(in.name)
	if err != nil {
		return err
	}
	if in.first < 0 || in.first > r.digest.Size {
		return status.Errorf(codes.InvalidArgument, "write_offset: %d is not within the blob's %d bytes", in.first, r.digest.Size)
	}
	if s.store.Has(r.digest) {
		return stream.SendAndClose(&bspb.WriteResponse{CommittedSize: existing(r)})
	}
	p, err := s.partials.begin(in.name, r.digest, in.first)
	if err != nil {
		return err
	}
	keep := false
	defer func() { s.partials.end(p, keep) }()

	receive := s.receive
	if r.zstd {
		receive = s.receiveCompressed
	}
	there, err := receive(in, p.upload)
	switch {
	case there:
		return stream.SendAndClose(&bspb.WriteResponse{CommittedSize: existing(r)})
	case errors.Is(err, errUnfinished):
		keep = true
		return stream.SendAndClose(&bspb.WriteResponse{CommittedSize: p.upload.Size()})
	case err != nil:
		keep = stream.Context().Err() != nil
		return err
	}
	if err := p.upload.Commit(); err != nil {
		return err
	}
	if err := in.nothingMore(); err != nil {
		return err
	}
	return stream.SendAndClose(&bspb.WriteResponse{CommittedSize: in.first + in.sent})
}

// existing is the committed_size for a blob that is there already.
func existing(r resource) int64 {
	if r.zstd {
		return -1
	}
	return r.digest.Size
}

// receive writes what comes to an upload, until the message that finishes it. there tells that somebody else has completed the same
// blob meanwhile.
func (s *byteStream) receive(in *incoming, u *cas.Upload) (there bool, err error) {
	for {
		if _, err := u.Write(in.frame.data); err != nil {
			return false, err
		}
		if in.frame.finish {
			return false, nil
		}
		if s.completed(u.Digest()) {
			return true, nil
		}
		if err := in.next(); err != nil {
			return false, err
		}
	}
}

// receiveCompressed is receive for bytes compressed with zstd.
func (s *byteStream) receiveCompressed(in *incoming, u *cas.Upload) (there bool, err error) {
	d, err := takeDecoder(in)
	defer putDecoder(d)
	if err == nil {
		b := chunks.Get(chunkSizes[1])
		defer chunks.Put(b)
		_, err = io.CopyBuffer(struct{ io.Writer }{u}, struct{ io.Reader }{d}, *b)
	}
	if in.failure != nil { // the decoder may have wrapped it
		return s.completed(u.Digest()), in.failure
	}
	if _, ok := status.FromError(err); !ok { // not of the upload
		return false, badZstd(err)
	}
	return false, err
}

// completed asks the index, and the disk only when it says yes.
func (s *byteStream) completed(d digest.Digest) bool {
	return len(s.store.Missing([]digest.Digest{d})) == 0 && s.store.Has(d)
}

// patience is how long a client may take to close its side after finish_write. Most do so at once; some wait for the answer first.
const patience = 2 * time.Second

// nothingMore waits for the client to close its side; codes.InvalidArgument if it sends something instead.
func (in *incoming) nothingMore() error {
	end := make(chan error, 1)
	go func() {
		var f writeFrame
		defer f.release()
		end <- in.receive(&f)
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-end:
		if err == nil {
			return status.Error(codes.InvalidArgument, "finish_write: another message came after the one that finished the write")
		}
		return nil
	case <-timer.C:
		return nil
	}
}
