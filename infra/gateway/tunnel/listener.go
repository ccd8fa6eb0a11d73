package tunnel

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Local accepts connections of the task's own programs on loopback. Actions are such programs too, and may not use it: Redis would let them
// forge results. They run as another user than Buildfarm, which the kernel tells (see ownerOf).
type Local struct {
	Log  *slog.Logger
	Open atomic.Int64 // connections

	handlers sync.WaitGroup
}

// Serve hands connections to a handler, a goroutine each, until the context ends. Then it waits for them; the handlers have to see the end of
// the context themselves.
func (l *Local) Serve(ctx context.Context, listener net.Listener, handle func(context.Context, net.Conn)) error {
	defer l.handlers.Wait()
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	for {
		c, err := listener.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				c.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil:
			l.Log.Warn("can't accept a connection on loopback", "error", err)
			time.Sleep(50 * time.Millisecond)
			continue
		}
		l.handlers.Go(func() {
			defer c.Close()
			if !trusted(c) {
				l.Log.Warn("a program of another user is refused on loopback", "port", listener.Addr().String())
				return
			}
			l.Open.Add(1)
			defer l.Open.Add(-1)
			handle(ctx, c)
		})
	}
}
