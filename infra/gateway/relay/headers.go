package relay

import (
	"errors"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// maxHeaders bounds a call's header block, coded and decoded, in bytes. gRPC's own bound is 8 KiB on most servers.
const maxHeaders = 64 << 10

var errHeaders = errors.New("the headers of a call are larger than 64 KiB")

// headers gathers a header block out of HEADERS and CONTINUATION.
type headers struct {
	stream    uint32
	endStream bool
	block     []byte
	more      bool
}

func (h *headers) open() bool { return h.more }

// add says whether the block is whole.
func (h *headers) add(f frame) (whole bool, err error) {
	p := f.payload()
	if f.kind() == http2.FrameHeaders {
		if p, err = unpad(f); err != nil {
			return false, err
		}
		*h = headers{stream: f.stream(), endStream: f.has(http2.FlagHeadersEndStream), block: h.block[:0]}
	} else if !h.more || h.stream != f.stream() {
		return false, errors.New("CONTINUATION doesn't belong to any HEADERS")
	}
	if len(h.block)+len(p) > maxHeaders {
		return false, errHeaders
	}
	h.block = append(h.block, p...)
	h.more = !f.has(http2.FlagHeadersEndHeaders)
	return !h.more, nil
}

// unpad is the header block in a HEADERS frame (https://www.rfc-editor.org/rfc/rfc9113#section-6.2).
func unpad(f frame) ([]byte, error) {
	p, pad := f.payload(), 0
	if f.has(http2.FlagHeadersPadded) && len(p) > 0 {
		p, pad = p[1:], int(p[0])
	}
	if f.has(http2.FlagHeadersPriority) {
		if len(p) < 5 {
			return nil, errors.New("HEADERS is too short")
		}
		p = p[5:]
	}
	if pad > len(p) {
		return nil, errors.New("HEADERS is too short for its padding")
	}
	return p[:len(p)-pad], nil
}

// decode reads a header block into r.fields and returns the call's path, if it has exactly one.
func (r *Relay) decode(block []byte) (path string, err error) {
	r.fields, r.listed = r.fields[:0], 0
	if _, err := r.decoder.Write(block); err != nil {
		return "", err
	}
	if err := r.decoder.Close(); err != nil {
		return "", err
	}
	if r.listed > maxHeaders {
		return "", errHeaders
	}
	for _, f := range r.fields {
		switch {
		case f.Name != ":path":
		case path != "":
			return "", errors.New("a call has two paths")
		default:
			path = f.Value
		}
	}
	return path, nil
}

func (r *Relay) field(f hpack.HeaderField) {
	if r.listed += int(f.Size()); r.listed <= maxHeaders {
		r.fields = append(r.fields, f)
	}
}

// encode is r.fields as frames for the backend.
func (r *Relay) encode(h *headers) []byte {
	r.encoder.SetMaxDynamicTableSizeLimit(r.backendTable.Load())
	r.block = r.block[:0]
	for _, f := range r.fields {
		r.encoder.WriteField(f) // into memory: it can't fail
	}
	return appendHeaders(make([]byte, 0, headerSize+len(r.block)), h.stream, r.block, h.endStream)
}

// blockBuffer is written to by the encoder.
type blockBuffer []byte

func (b *blockBuffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}
