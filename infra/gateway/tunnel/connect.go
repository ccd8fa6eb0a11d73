package tunnel

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/bbf-build/bbf/infra/gateway/pump"
)

// Proxy is an HTTP proxy that knows CONNECT only (https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6). The JVM is told to use it with
// -Dhttps.proxyHost, which gRPC heeds for connections in plaintext too.
type Proxy struct {
	Local
	Dial func(ctx context.Context, address string) (net.Conn, error)
	Port string // the gateways'; others are refused
}

// Serve answers until the context ends. Tunnels that are open then stay until then is over.
func (p *Proxy) Serve(ctx context.Context, l net.Listener) error {
	return p.Local.Serve(ctx, l, p.handle)
}

// request is how long a program has to say where it wants to.
const request = 10 * time.Second

func (p *Proxy) handle(ctx context.Context, c net.Conn) {
	c.SetDeadline(time.Now().Add(request))
	in := bufio.NewReaderSize(c, 4<<10)
	r, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	c.SetDeadline(time.Time{})
	_, port, err := net.SplitHostPort(r.Host)
	switch {
	case r.Method != http.MethodConnect:
		say(c, http.StatusMethodNotAllowed, "this proxy knows CONNECT only")
		return
	case err != nil || port != p.Port:
		say(c, http.StatusForbidden, fmt.Sprintf("%q is no gateway; they are at port %s", r.Host, p.Port))
		return
	}
	far, err := p.Dial(ctx, r.Host)
	if err != nil {
		p.Log.Warn("another task can't be reached", "address", r.Host, "error", err)
		say(c, http.StatusBadGateway, err.Error())
		return
	}
	defer context.AfterFunc(ctx, func() { c.Close(); far.Close() })()
	if _, err := io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		far.Close()
		return
	}
	if n := in.Buffered(); n > 0 { // more than was asked for: the first bytes for the other side
		early, _ := in.Peek(n)
		if _, err := far.Write(early); err != nil {
			far.Close()
			return
		}
	}
	pump.Both(c, far)
}

func say(c net.Conn, status int, words string) {
	r := http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Close: true,
		ContentLength: int64(len(words)), Body: io.NopCloser(strings.NewReader(words)),
	}
	c.SetDeadline(time.Now().Add(request))
	r.Write(c)
}
