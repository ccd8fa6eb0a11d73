package server

import (
	"errors"
	"io"

	bspb "google.golang.org/genproto/googleapis/bytestream"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// incoming receives the messages of one Write and checks what the protocol says of their names and offsets. As an io.Reader it is
// the bytes in them, to the end of the one that finishes the write.
type incoming struct {
	stream grpc.ServerStream
	frames bool

	frame   writeFrame // the last message
	name    string     // of the first message
	first   int64      // offset of the first message
	sent    int64      // bytes in the messages so far
	unread  []byte     // of frame.data, for Read
	failure error      // what Read failed with
}

// errUnfinished says that the client closed the stream and never set finish_write.
var errUnfinished = errors.New("the client closed the stream without finish_write")

// next receives a message into frame; errUnfinished if there is none.
func (in *incoming) next() error {
	if err := in.receive(&in.frame); errors.Is(err, io.EOF) {
		return errUnfinished
	} else if err != nil {
		return err
	}
	switch {
	case in.name == "":
		in.name, in.first = in.frame.name, in.frame.offset
		if in.name == "" {
			return status.Error(codes.InvalidArgument, "resource_name: the first message has none")
		}
	case in.frame.name != "" && in.frame.name != in.name:
		return status.Errorf(codes.InvalidArgument, "resource_name: %q is not the first message's %q", clip(in.frame.name), clip(in.name))
	case in.frame.offset != in.first+in.sent:
		return status.Errorf(codes.InvalidArgument, "write_offset: %d, but %d must follow what was sent", in.frame.offset, in.first+in.sent)
	}
	in.sent += int64(len(in.frame.data))
	in.unread = in.frame.data
	return nil
}

func (in *incoming) receive(f *writeFrame) error {
	if in.frames {
		return in.stream.RecvMsg(f)
	}
	f.release()
	var req bspb.WriteRequest
	if err := in.stream.RecvMsg(&req); err != nil {
		return err
	}
	*f = writeFrame{name: req.ResourceName, offset: req.WriteOffset, finish: req.FinishWrite, data: req.Data}
	return nil
}

// Read implements io.Reader. The first message must have been received.
func (in *incoming) Read(p []byte) (int, error) {
	for len(in.unread) == 0 {
		if in.failure != nil {
			return 0, in.failure
		}
		if in.frame.finish {
			return 0, io.EOF
		}
		if in.failure = in.next(); in.failure != nil {
			return 0, in.failure
		}
	}
	n := copy(p, in.unread)
	in.unread = in.unread[n:]
	return n, nil
}
