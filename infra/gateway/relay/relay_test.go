package relay_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc/codes"

	"github.com/bbf-build/bbf/infra/gateway/relay"
)

// gate refuses what begins with /no.
type gate struct {
	mu    sync.Mutex
	begun []string
	ended int
}

func (g *gate) Begin(path string) (func(), *relay.Refusal) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if strings.HasPrefix(path, "/no") {
		return nil, relay.Refuse(codes.PermissionDenied, "100 %% no: %s", path)
	}
	g.begun = append(g.begun, path)
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.ended++
	}, nil
}

// end is one end of a connection through the relay, frame by frame.
type end struct {
	t *testing.T
	net.Conn
	*http2.Framer
	encoder *hpack.Encoder
	block   bytes.Buffer
}

func newEnd(t *testing.T, c net.Conn) *end {
	c.SetDeadline(time.Now().Add(20 * time.Second))
	e := &end{t: t, Conn: c, Framer: http2.NewFramer(c, c)}
	e.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	e.encoder = hpack.NewEncoder(&e.block)
	return e
}

// headers encodes name, value, name, value…
func (e *end) headers(pairs ...string) []byte {
	e.block.Reset()
	for i := 0; i < len(pairs); i += 2 {
		e.encoder.WriteField(hpack.HeaderField{Name: pairs[i], Value: pairs[i+1]})
	}
	return bytes.Clone(e.block.Bytes())
}

func (e *end) call(path string) []byte {
	return e.headers(":method", "POST", ":scheme", "https", ":path", path, ":authority", "x", "content-type", "application/grpc", "te", "trailers")
}

// read is the next frame in words. What is of no interest is left out.
func (e *end) read() string {
	e.t.Helper()
	f, err := e.ReadFrame()
	if err != nil {
		return fmt.Sprintf("error %v", err)
	}
	switch f := f.(type) {
	case *http2.SettingsFrame:
		if f.IsAck() {
			return "settings ack"
		}
		words := "settings"
		f.ForeachSetting(func(s http2.Setting) error { words += fmt.Sprintf(" %d=%d", s.ID, s.Val); return nil })
		return words
	case *http2.MetaHeadersFrame:
		words := fmt.Sprintf("headers %d", f.StreamID)
		for _, h := range f.Fields {
			switch h.Name {
			case ":path", ":status", "grpc-status", "grpc-message", "long":
				words += fmt.Sprintf(" %s=%.30s", h.Name, h.Value)
			}
		}
		if f.StreamEnded() {
			words += " end"
		}
		return words
	case *http2.DataFrame:
		words := fmt.Sprintf("data %d %d", f.StreamID, len(f.Data()))
		if f.StreamEnded() {
			words += " end"
		}
		return words
	case *http2.RSTStreamFrame:
		return fmt.Sprintf("reset %d %s", f.StreamID, f.ErrCode)
	case *http2.WindowUpdateFrame:
		return fmt.Sprintf("window %d %d", f.StreamID, f.Increment)
	case *http2.GoAwayFrame:
		return fmt.Sprintf("goaway %d %s", f.LastStreamID, f.ErrCode)
	case *http2.PingFrame:
		return fmt.Sprintf("ping %s", f.Data[:])
	}
	return f.Header().String()
}

func (e *end) want(all ...string) {
	e.t.Helper()
	for _, want := range all {
		if got := e.read(); got != want {
			e.t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func (e *end) do(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

// pair is two ends of a socket.
func pair(t *testing.T) (a, b net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if b, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

// drip reads a few bytes at a time.
type drip struct{ net.Conn }

func (d drip) Read(p []byte) (int, error) { return d.Conn.Read(p[:min(len(p), 7)]) }

func connect(t *testing.T, slow bool) (client, backend *end, g *gate, done chan error) {
	c, front := pair(t)
	back, b := pair(t)
	if slow {
		front, back = drip{front}, drip{back}
	}
	g, done = &gate{}, make(chan error, 1)
	r := relay.New(front, back, g)
	go func() { done <- r.Run() }()
	client, backend = newEnd(t, c), newEnd(t, b)
	io.WriteString(c, http2.ClientPreface)
	client.do(client.WriteSettings(http2.Setting{ID: http2.SettingMaxFrameSize, Val: 1 << 20}))
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(b, preface); err != nil || string(preface) != http2.ClientPreface {
		t.Fatalf("the preface is %q, %v", preface, err)
	}
	backend.want("settings 5=16384")
	return client, backend, g, done
}

func settle(client, backend *end, settings ...http2.Setting) {
	client.t.Helper()
	backend.do(backend.WriteSettings(settings...))
	backend.do(backend.WriteSettingsAck())
	client.read()
	client.want("settings ack")
	client.do(client.WriteSettingsAck())
	backend.want("settings ack")
}

// request writes the HEADERS of a call, as many bytes a frame as given.
func (e *end) request(stream uint32, block []byte, end bool, piece int) {
	e.t.Helper()
	first := block[:min(piece, len(block))]
	block = block[len(first):]
	e.do(e.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: first, EndHeaders: len(block) == 0, EndStream: end, PadLength: 3}))
	for len(block) > 0 {
		next := block[:min(piece, len(block))]
		block = block[len(next):]
		e.do(e.WriteContinuation(stream, len(block) == 0, next))
	}
}

func TestRelay(t *testing.T) {
	for _, slow := range []bool{false, true} {
		t.Run(fmt.Sprintf("Slow=%v", slow), func(t *testing.T) {
			client, backend, g, done := connect(t, slow)
			settle(client, backend, http2.Setting{ID: http2.SettingMaxFrameSize, Val: 1 << 20}, http2.Setting{ID: http2.SettingHeaderTableSize, Val: 1 << 16})

			// Refused calls leave their mark in the client's table, and not in the backend's.
			for n := uint32(1); n < 100; n += 6 {
				client.request(n, client.call(fmt.Sprintf("/no/%d", n)), false, 1000)
				client.do(client.WriteData(n, false, make([]byte, 100)))
				client.do(client.WriteWindowUpdate(n, 5))
				client.want(fmt.Sprintf("headers %d :status=200 grpc-status=7 grpc-message=100 %%25 no: /no/%d end", n, n), fmt.Sprintf("reset %d NO_ERROR", n), "window 0 100")
				client.request(n+2, client.call(fmt.Sprintf("/yes/%d", n+2)), false, 20)
				client.do(client.WriteData(n+2, true, []byte("hello")))
				backend.want(fmt.Sprintf("headers %d :path=/yes/%d", n+2, n+2), fmt.Sprintf("data %d 5 end", n+2))
				backend.request(n+2, backend.headers(":status", "200"), false, 1000)
				backend.do(backend.WriteDataPadded(n+2, false, make([]byte, 1000), make([]byte, 7)))
				backend.request(n+2, backend.headers("grpc-status", "0", "long", strings.Repeat("y", 2000)), true, 100)
				client.want(fmt.Sprintf("headers %d :status=200", n+2), fmt.Sprintf("data %d 1000", n+2), fmt.Sprintf("headers %d grpc-status=0 long=%s end", n+2, strings.Repeat("y", 30)))
			}
			client.do(client.WritePing(false, [8]byte([]byte("12345678"))))
			client.do(client.WriteWindowUpdate(0, 77))
			client.do(client.WritePriority(3, http2.PriorityParam{StreamDep: 1}))
			client.do(client.WriteGoAway(0, http2.ErrCodeNo, nil))
			backend.want("ping 12345678", "window 0 77", "goaway 0 NO_ERROR")
			client.Close()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if got := backend.read(); !strings.HasPrefix(got, "error") {
				t.Errorf("the backend still gets %q", got)
			}
			if len(g.begun) != 17 || g.ended != 17 {
				t.Errorf("%d calls, %d ended", len(g.begun), g.ended)
			}
		})
	}
}

func TestResets(t *testing.T) {
	client, backend, g, _ := connect(t, false)
	settle(client, backend)
	client.request(1, client.call("/yes"), false, 1000)
	client.do(client.WriteRSTStream(1, http2.ErrCodeCancel))
	client.do(client.WriteRSTStream(1, http2.ErrCodeCancel)) // once more
	client.do(client.WriteRSTStream(99, http2.ErrCodeCancel))
	client.request(3, client.call("/yes"), false, 1000)
	backend.want("headers 1 :path=/yes", "reset 1 CANCEL", "headers 3 :path=/yes")
	backend.do(backend.WriteRSTStream(3, http2.ErrCodeEnhanceYourCalm))
	client.want("reset 3 ENHANCE_YOUR_CALM")
	client.do(client.WriteData(3, true, make([]byte, 11))) // was on its way
	client.want("window 0 11")
	if g.ended != 2 {
		t.Errorf("%d ended", g.ended)
	}
}

// TestOwnFrames: frames of the relay come after the backend's first one, and never between HEADERS and CONTINUATION.
func TestOwnFrames(t *testing.T) {
	client, backend, _, _ := connect(t, false)
	client.request(1, client.call("/no/early"), true, 1000)
	client.request(3, client.call("/yes"), true, 1000)
	backend.want("headers 3 :path=/yes end")
	settle := func() { backend.do(backend.WriteSettings()) }
	settle()
	client.want("settings", "headers 1 :status=200 grpc-status=7 grpc-message=100 %25 no: /no/early end", "reset 1 NO_ERROR")
	block := backend.headers(":status", "200", "long", strings.Repeat("z", 100))
	backend.do(backend.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: block[:5]}))
	raw := http2.NewFramer(nil, client.Conn)
	want := func(kind http2.FrameType, stream uint32) {
		t.Helper()
		if f, err := raw.ReadFrame(); err != nil || f.Header().Type != kind || f.Header().StreamID != stream {
			t.Fatalf("got %v, %v", f, err)
		}
	}
	want(http2.FrameHeaders, 3)
	client.request(5, client.call("/no/between"), true, 1000)
	client.request(7, client.call("/yes/after"), true, 1000)
	backend.want("headers 7 :path=/yes/after end") // so the one before has been refused
	backend.do(backend.WriteContinuation(3, true, block[5:]))
	want(http2.FrameContinuation, 3)
	want(http2.FrameHeaders, 5)
	want(http2.FrameRSTStream, 5)
}

// TestBreaches: who breaks HTTP/2 is told, and hung up on; the backend hears nothing of it.
func TestBreaches(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(e *end)
	}{
		{"TwoPaths", func(e *end) { e.request(1, e.headers(":path", "/yes", ":path", "/no"), true, 1000) }},
		{"LargeHeaders", func(e *end) { e.request(1, e.headers(":path", "/yes", "x", strings.Repeat("{", 70<<10)), true, 16000) }},
		{"HeadersThatExplode", func(e *end) {
			e.headers("x", strings.Repeat("{", 4000))
			all := []string{":path", "/yes"}
			for range 100 {
				all = append(all, "x", strings.Repeat("{", 4000)) // a byte each
			}
			e.encoder = hpack.NewEncoder(&e.block)
			e.request(1, e.headers(all...), true, 16000)
		}},
		{"EvenStream", func(e *end) { e.request(2, e.call("/yes"), true, 1000) }},
		{"NoContinuation", func(e *end) {
			e.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: e.call("/yes")})
			e.WritePing(false, [8]byte{})
		}},
		{"ContinuationOfNothing", func(e *end) { e.WriteContinuation(1, true, e.call("/yes")) }},
		{"ContinuationsWithoutEnd", func(e *end) {
			e.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: e.call("/yes")})
			for range 10 {
				e.WriteContinuation(1, false, make([]byte, 16000))
			}
		}},
		{"NoHPACK", func(e *end) { e.request(1, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, true, 1000) }},
		{"Padding", func(e *end) {
			e.WriteRawFrame(http2.FrameHeaders, http2.FlagHeadersPadded|http2.FlagHeadersEndHeaders, 1, []byte{200, 1})
		}},
		{"Push", func(e *end) {
			e.WriteRawFrame(http2.FramePushPromise, http2.FlagPushPromiseEndHeaders, 1, make([]byte, 4))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, backend, g, done := connect(t, false)
			settle(client, backend)
			client.AllowIllegalWrites = true
			c.do(client)
			client.want("goaway 0 PROTOCOL_ERROR")
			client.Close()
			if err := <-done; err == nil {
				t.Error("no error")
			}
			if got := backend.read(); !strings.HasPrefix(got, "error") || len(g.begun) != 0 {
				t.Errorf("the backend got %q, the gate %q", got, g.begun)
			}
		})
	}
	t.Run("LargeFrame", func(t *testing.T) {
		client, backend, _, done := connect(t, false)
		settle(client, backend)
		client.Write([]byte{0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1})
		client.want("goaway 0 PROTOCOL_ERROR")
		client.Close()
		if err := <-done; err == nil {
			t.Error("no error")
		}
	})
	t.Run("NoHTTP2", func(t *testing.T) {
		c, front := pair(t)
		back, _ := pair(t)
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		c.(*net.TCPConn).CloseWrite()
		if err := relay.New(front, back, &gate{}).Run(); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("got %v", err)
		}
	})
}
