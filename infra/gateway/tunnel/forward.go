package tunnel

import (
	"context"
	"net"
	"time"

	"github.com/bbf-build/bbf/infra/gateway/pump"
)

// Forward makes a port of the server's task one of this task's own.
type Forward struct {
	Local
	Dial   func(ctx context.Context, address string) (net.Conn, error)
	Server Server
}

// Server is where the server's gateway is.
type Server interface {
	// Address waits until it is known, as HOST:PORT.
	Address(context.Context) (string, error)
	// Lost is told that there is nothing at an address any more.
	Lost(address string)
}

// Serve forwards until the context ends. Connections that are open then are closed.
func (f *Forward) Serve(ctx context.Context, l net.Listener) error {
	return f.Local.Serve(ctx, l, f.handle)
}

// patience is how long a program is kept waiting while the server can't be reached. A program that is refused at once asks at once again, and
// Buildfarm writes 150 kB of log a second doing so.
const patience = 8 * time.Second

func (f *Forward) handle(ctx context.Context, c net.Conn) {
	far, err := f.reach(ctx)
	if err != nil {
		f.Log.Warn("the server can't be reached", "error", err)
		return
	}
	defer context.AfterFunc(ctx, func() { c.Close(); far.Close() })()
	pump.Both(c, far)
}

// reach tries again and again: the server may be just being replaced.
func (f *Forward) reach(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		address, err := f.Server.Address(ctx)
		if err != nil {
			return nil, err
		}
		far, err := f.Dial(ctx, address)
		if err == nil {
			return far, nil
		}
		f.Server.Lost(address)
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(200 * time.Millisecond):
		}
	}
}
