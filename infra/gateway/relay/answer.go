package relay

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// answer is the header block that ends a call with a status of ours: a response without a message, or the trailers of one that has begun
// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). It leaves the client's header table as it is, which is the backend's:
// fields are marked as never to be indexed. tableSize is what the client allows; less than the usual has to be acknowledged in the first block.
func answer(r *Refusal, begun bool, tableSize uint32) []byte {
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	e.SetMaxDynamicTableSizeLimit(tableSize)
	field := func(name, value string) { e.WriteField(hpack.HeaderField{Name: name, Value: value, Sensitive: true}) }
	if !begun {
		field(":status", "200")
		field("content-type", "application/grpc")
	}
	field("grpc-status", strconv.Itoa(int(r.Code)))
	field("grpc-message", percent(r.Message))
	return block.Bytes()
}

// percent encodes as gRPC wants messages: printable ASCII stays.
func percent(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= ' ' && c <= '~' && c != '%' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// appendHeaders adds a header block as HEADERS and, when it is large, CONTINUATION frames.
func appendHeaders(p []byte, stream uint32, block []byte, endStream bool) []byte {
	kind, flags := http2.FrameHeaders, http2.Flags(0)
	if endStream {
		flags = http2.FlagHeadersEndStream
	}
	for len(block) > maxPayload {
		p = appendFrame(p, kind, flags, stream, block[:maxPayload])
		block, kind, flags = block[maxPayload:], http2.FrameContinuation, 0
	}
	return appendFrame(p, kind, flags|http2.FlagHeadersEndHeaders, stream, block)
}

// appendRefusal ends a call. Whatever else the client wants to send for it is to be dropped.
func appendRefusal(p []byte, stream uint32, r *Refusal, begun bool, tableSize uint32) []byte {
	p = appendHeaders(p, stream, answer(r, begun, tableSize), true)
	return appendReset(p, stream, http2.ErrCodeNo)
}

func appendReset(p []byte, stream uint32, code http2.ErrCode) []byte {
	return appendFrame(p, http2.FrameRSTStream, 0, stream, []byte{0, 0, 0, byte(code)})
}

func appendGoAway(p []byte, last uint32, code http2.ErrCode, words string) []byte {
	payload := append([]byte{byte(last >> 24), byte(last >> 16), byte(last >> 8), byte(last), 0, 0, 0, byte(code)}, words...)
	return appendFrame(p, http2.FrameGoAway, 0, 0, payload)
}

// appendWindow gives back the connection's window.
func appendWindow(p []byte, n int) []byte {
	return appendFrame(p, http2.FrameWindowUpdate, 0, 0, []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}
