package server

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"

	_ "google.golang.org/grpc/encoding/proto" // the codec that this one stands in front of
)

// codec is gRPC's codec for protocol buffers, except that it knows the two messages that carry blobs. These are decoded to, and
// encoded from, the buffers that the bytes are in anyway.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2("proto")} }

// The numbers of the fields of google.bytestream.WriteRequest and ReadResponse.
const (
	writeName   = 1
	writeOffset = 2
	writeFinish = 3
	writeData   = 10
	readData    = 10
)

// writeFrame is a WriteRequest. Its data belongs to a buffer that release gives back.
type writeFrame struct {
	name   string
	offset int64
	finish bool
	data   []byte
	buffer mem.Buffer
}

func (f *writeFrame) release() {
	if f.buffer != nil {
		f.buffer.Free()
	}
	*f = writeFrame{}
}

// readFrame is a ReadResponse. Sending it gives its buffer away.
type readFrame struct{ data *[]byte }

func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	f, ok := v.(*readFrame)
	if !ok {
		return c.CodecV2.Marshal(v)
	}
	head := make([]byte, 0, 1+binary.MaxVarintLen32)
	head = protowire.AppendTag(head, readData, protowire.BytesType)
	head = protowire.AppendVarint(head, uint64(len(*f.data)))
	return mem.BufferSlice{mem.SliceBuffer(head), mem.NewBuffer(f.data, &chunks)}, nil
}

func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	f, ok := v.(*writeFrame)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	f.release()
	f.buffer = data.MaterializeToBuffer(mem.DefaultBufferPool())
	if err := f.parse(f.buffer.ReadOnlyData()); err != nil {
		f.release()
		return err
	}
	return nil
}

func (f *writeFrame) parse(b []byte) error {
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		if field > protowire.MaxValidNumber {
			return fmt.Errorf("%d is not the number of a field", field)
		}
		b = b[n:]
		switch {
		case field == writeName && kind == protowire.BytesType:
			var s []byte
			if s, n = protowire.ConsumeBytes(b); n >= 0 {
				f.name = string(s)
			}
		case field == writeData && kind == protowire.BytesType:
			f.data, n = protowire.ConsumeBytes(b)
		case field == writeOffset && kind == protowire.VarintType:
			var u uint64
			u, n = protowire.ConsumeVarint(b)
			f.offset = int64(u)
		case field == writeFinish && kind == protowire.VarintType:
			var u uint64
			u, n = protowire.ConsumeVarint(b)
			f.finish = protowire.DecodeBool(u)
		default:
			n = protowire.ConsumeFieldValue(field, kind, b)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
	}
	if strings.ToValidUTF8(f.name, "") != f.name {
		return errors.New("google.bytestream.WriteRequest.resource_name is not valid UTF-8")
	}
	return nil
}
