package relay

import (
	"encoding/binary"

	"golang.org/x/net/http2"
)

// fromBackend passes what the backend sends, all of it as it is, until that ends.
func (r *Relay) fromBackend() error {
	frames, inHeaders := newFrames(r.backend), false
	for {
		piece, err := frames.next()
		if err != nil {
			return err
		}
		for rest := piece; len(rest) > 0; rest = rest[size(rest):] {
			f := frame(rest[:size(rest)])
			switch f.kind() {
			case http2.FrameData:
				r.calls.fromBackend(f.stream(), false, f.has(http2.FlagDataEndStream))
			case http2.FrameHeaders:
				r.calls.fromBackend(f.stream(), true, f.has(http2.FlagHeadersEndStream))
				inHeaders = !f.has(http2.FlagHeadersEndHeaders)
			case http2.FrameContinuation:
				inHeaders = !f.has(http2.FlagContinuationEndHeaders)
			case http2.FrameRSTStream:
				r.calls.reset(f.stream())
			case http2.FrameSettings:
				if !f.has(http2.FlagSettingsAck) {
					r.backendTable.Store(limit(f, http2.SettingHeaderTableSize, usualTable, usualTable))
					limit(f, http2.SettingMaxFrameSize, maxPayload, maxPayload)
				}
			}
		}
		if err := r.toClient.pass(piece, !inHeaders); err != nil {
			return err
		}
	}
}

// limit makes a setting of a frame at most max, in place, and returns it; or otherwise, when the frame doesn't have it.
func limit(f frame, id http2.SettingID, max, otherwise uint32) uint32 {
	for p := f.payload(); len(p) >= 6; p = p[6:] {
		if http2.SettingID(binary.BigEndian.Uint16(p)) == id {
			if binary.BigEndian.Uint32(p[2:]) > max {
				binary.BigEndian.PutUint32(p[2:], max)
			}
			otherwise = binary.BigEndian.Uint32(p[2:])
		}
	}
	return otherwise
}
