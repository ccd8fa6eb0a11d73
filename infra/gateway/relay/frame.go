package relay

import (
	"encoding/binary"
	"errors"
	"io"

	"golang.org/x/net/http2"
)

// A frame of HTTP/2 is 9 bytes of header and at most as much as the receiver's MAX_FRAME_SIZE. Both sides are told to take the least that
// the protocol allows, so that a buffer of fixed size holds whole frames (https://www.rfc-editor.org/rfc/rfc9113#section-4.1).
const (
	headerSize = 9
	maxPayload = 16 << 10
	bufferSize = 4 * (headerSize + maxPayload)
)

// frame is one whole frame in a buffer.
type frame []byte

func (f frame) kind() http2.FrameType     { return http2.FrameType(f[3]) }
func (f frame) has(flag http2.Flags) bool { return http2.Flags(f[4])&flag != 0 }
func (f frame) stream() uint32            { return binary.BigEndian.Uint32(f[5:]) &^ (1 << 31) }
func (f frame) payload() []byte           { return f[headerSize:] }

// size is that of the frame which begins here, of which at least the header has to be there.
func size(p []byte) int { return headerSize + int(p[0])<<16 + int(p[1])<<8 + int(p[2]) }

// appendFrame adds a frame.
func appendFrame(p []byte, kind http2.FrameType, flags http2.Flags, stream uint32, payload []byte) []byte {
	n := len(payload)
	p = append(p, byte(n>>16), byte(n>>8), byte(n), byte(kind), byte(flags))
	p = binary.BigEndian.AppendUint32(p, stream)
	return append(p, payload...)
}

// errTooLarge is the fault of a peer that sends more than it was told to.
var errTooLarge = errors.New("a frame is larger than 16 KiB")

// frames cuts what it reads into whole frames.
type frames struct {
	source   io.Reader
	buffer   []byte
	from, to int // what of the buffer has been read and not returned
}

func newFrames(source io.Reader) *frames {
	return &frames{source: source, buffer: make([]byte, bufferSize)}
}

// next waits for a frame and returns it, and all whole ones behind it that are there already, as one piece that is good until the next call.
func (f *frames) next() ([]byte, error) {
	for {
		end := f.from
		for f.to-end >= headerSize {
			n := size(f.buffer[end:])
			if n > headerSize+maxPayload {
				return nil, errTooLarge
			}
			if f.to-end < n {
				break
			}
			end += n
		}
		if end > f.from {
			piece := f.buffer[f.from:end]
			f.from = end
			return piece, nil
		}
		// At most the beginning of one frame is left. It goes to the front when the rest of it might not fit behind it.
		if f.from == f.to || len(f.buffer)-f.to < headerSize+maxPayload {
			f.to = copy(f.buffer, f.buffer[f.from:f.to])
			f.from = 0
		}
		n, err := f.source.Read(f.buffer[f.to:])
		f.to += n
		if n == 0 && err != nil {
			if err == io.EOF && f.to > 0 {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
}
