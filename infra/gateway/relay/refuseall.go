package relay

import (
	"bytes"
	"errors"
	"io"
	"net"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// RefuseAll answers all calls of a client with the same status, without any backend, for a few seconds: long enough to be told why, and too
// short to be a burden. It closes the connection.
func RefuseAll(client net.Conn, refused *Refusal) error {
	defer client.Close()
	client.SetDeadline(time.Now().Add(refusing))
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(client, preface); err != nil {
		return err
	}
	if string(preface) != http2.ClientPreface {
		return errors.New("the client speaks no HTTP/2")
	}
	framer := http2.NewFramer(client, client)
	framer.SetMaxReadFrameSize(maxPayload)
	framer.ReadMetaHeaders = hpack.NewDecoder(usualTable, nil)
	framer.MaxHeaderListSize = maxHeaders
	if err := framer.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 100}); err != nil {
		return err
	}
	table, last := uint32(usualTable), uint32(0)
	for range 1000 { // frames
		f, err := framer.ReadFrame()
		if err != nil {
			return err
		}
		var p bytes.Buffer
		answer := http2.NewFramer(&p, nil)
		switch f := f.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				if v, ok := f.Value(http2.SettingHeaderTableSize); ok {
					table = v
				}
				answer.WriteSettingsAck()
			}
		case *http2.PingFrame:
			if !f.IsAck() {
				answer.WritePing(true, f.Data)
			}
		case *http2.MetaHeadersFrame:
			if f.StreamID > last {
				last = f.StreamID
				p.Write(appendRefusal(nil, last, refused, false, table))
				// The next call shall make a connection of its own: whatever is wrong now may be right then.
				p.Write(appendGoAway(nil, last, http2.ErrCodeNo, refused.Message))
			}
		}
		if _, err := client.Write(p.Bytes()); err != nil {
			return err
		}
	}
	return errors.New("the client goes on although it is refused")
}

// refusing is for how long RefuseAll talks to a client.
const refusing = 5 * time.Second
