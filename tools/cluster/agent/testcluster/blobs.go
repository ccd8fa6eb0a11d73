package testcluster

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/bytestream"
)

// chunk of a blob, in bytes; Bazel's uploads have less.
const chunk = 1 << 20

// blobs are zeros: reading blobs/N gives N bytes of them, and whatever is written is counted.
type blobs struct {
	bytestream.UnimplementedByteStreamServer
}

func (*blobs) Read(r *bytestream.ReadRequest, stream bytestream.ByteStream_ReadServer) error {
	n, err := strconv.Atoi(strings.TrimPrefix(r.ResourceName, "blobs/"))
	zeros := make([]byte, chunk)
	for ; n > 0 && err == nil; n -= chunk {
		err = stream.Send(&bytestream.ReadResponse{Data: zeros[:min(n, chunk)]})
	}
	return err
}

func (*blobs) Write(stream bytestream.ByteStream_WriteServer) error {
	var n int64
	for {
		r, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(&bytestream.WriteResponse{CommittedSize: n})
		}
		if err != nil {
			return err
		}
		n += int64(len(r.Data))
	}
}
