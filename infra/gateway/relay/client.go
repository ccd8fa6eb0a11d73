package relay

import (
	"errors"
	"fmt"
	"io"
	"net"

	"golang.org/x/net/http2"
	"google.golang.org/grpc/codes"
)

// fromClient passes what the client sends, until that ends or breaks HTTP/2.
func (r *Relay) fromClient() error {
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(r.client, preface); err != nil {
		return err
	}
	if string(preface) != http2.ClientPreface {
		return errors.New("the client speaks no HTTP/2")
	}
	if _, err := r.backend.Write(preface); err != nil {
		return fmt.Errorf("%w: %w", errBackend, err)
	}
	frames, headers := newFrames(r.client), headers{}
	for {
		piece, err := frames.next()
		if err == errTooLarge {
			return r.breach(err)
		} else if err != nil {
			return err
		}
		out := batch{piece: piece}
		for at := 0; at < len(piece); {
			f := frame(piece[at : at+size(piece[at:])])
			pass, err := r.clientFrame(f, &headers, &out)
			if err != nil {
				return r.breach(err)
			}
			if pass {
				out.pass(at, at+len(f))
			}
			at += len(f)
		}
		if err := out.write(r.backend); err != nil {
			return fmt.Errorf("%w: %w", errBackend, err)
		}
	}
}

// breach tells the client what it did.
func (r *Relay) breach(err error) error {
	r.toClient.inject(appendGoAway(nil, r.last.Load(), http2.ErrCodeProtocol, err.Error()))
	return err
}

// clientFrame says whether a frame is to be passed as it is.
func (r *Relay) clientFrame(f frame, h *headers, out *batch) (pass bool, err error) {
	if h.open() && f.kind() != http2.FrameContinuation {
		return false, errors.New("CONTINUATION has to follow")
	}
	switch f.kind() {
	case http2.FrameData:
		if r.calls.fromClient(f.stream(), f.has(http2.FlagDataEndStream)) {
			return true, nil
		}
		if n := len(f.payload()); n > 0 {
			return false, r.toClient.inject(appendWindow(nil, n))
		}
		return false, nil
	case http2.FrameHeaders, http2.FrameContinuation:
		whole, err := h.add(f)
		if err != nil || !whole {
			return false, err
		}
		return false, r.clientHeaders(h, out)
	case http2.FrameRSTStream:
		return r.calls.reset(f.stream()), nil
	case http2.FrameWindowUpdate:
		return f.stream() == 0 || r.calls.isOpen(f.stream()), nil
	case http2.FrameSettings:
		if !f.has(http2.FlagSettingsAck) {
			limit(f, http2.SettingMaxFrameSize, maxPayload, maxPayload)
			r.toClient.tableSize.Store(limit(f, http2.SettingHeaderTableSize, 1<<31, r.toClient.tableSize.Load()))
		}
		return true, nil
	case http2.FramePing, http2.FrameGoAway:
		return true, nil
	case http2.FramePushPromise:
		return false, errors.New("clients can't push")
	}
	return false, nil // PRIORITY, and what isn't known, mean nothing here
}

// clientHeaders begins a call, or ends the client's side of one.
func (r *Relay) clientHeaders(h *headers, out *batch) error {
	path, err := r.decode(h.block)
	if err != nil {
		return err
	}
	switch {
	case h.stream%2 == 0:
		return fmt.Errorf("%d is no number of a client's stream", h.stream)
	case h.stream <= r.last.Load(): // trailers
		if r.calls.fromClient(h.stream, h.endStream) {
			out.insert(r.encode(h))
		}
		return nil
	}
	r.last.Store(h.stream)
	if h.stream > r.goneAfter.Load() || r.calls.len() >= most {
		return r.toClient.inject(appendReset(nil, h.stream, http2.ErrCodeRefusedStream))
	}
	if path == "" {
		return r.refuse(h.stream, Refuse(codes.InvalidArgument, "the call has no path"))
	}
	end, refused := r.gate.Begin(path)
	if refused != nil {
		return r.refuse(h.stream, refused)
	}
	r.calls.begin(h.stream, end, h.endStream)
	out.insert(r.encode(h))
	return nil
}

func (r *Relay) refuse(stream uint32, refused *Refusal) error {
	return r.toClient.inject(appendRefusal(nil, stream, refused, false, r.toClient.tableSize.Load()))
}

// batch is what is written to the backend at once: parts of a piece, with other frames between them.
type batch struct {
	piece    []byte
	from, to int // the part at the end, to which the next may be added
	out      net.Buffers
}

func (b *batch) pass(from, to int) {
	if b.to != from {
		b.cut()
		b.from = from
	}
	b.to = to
}

func (b *batch) insert(frames []byte) {
	b.cut()
	b.out = append(b.out, frames)
}

func (b *batch) cut() {
	if b.to > b.from {
		b.out = append(b.out, b.piece[b.from:b.to])
	}
	b.from, b.to = 0, 0
}

func (b *batch) write(w io.Writer) error {
	b.cut()
	_, err := b.out.WriteTo(w)
	return err
}
