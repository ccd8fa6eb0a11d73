package forward

import (
	"context"
	"errors"

	"github.com/bbf-build/bbf/tools/cluster/agent/pump"
	"github.com/bbf-build/bbf/tools/cluster/agent/refuse"
)

var errGone = errors.New("the client is gone")

// serve is the whole life of a connection from Bazel.
func (f *Front) serve(c *client) {
	defer c.Close()
	f.mu.Lock()
	w := f.way
	f.mu.Unlock()
	l, err := f.link(c, w)
	switch {
	case err == nil:
		f.carry(c, l, w)
	case errors.Is(err, errGone), errors.Is(err, errEnded):
	default:
		f.fail(err)
		refuse.Serve(f.ctx, c, c.said(), refuse.Of(err))
	}
}

// link waits for a connection to the server.
func (f *Front) link(c *client, w Way) (l *link, err error) {
	f.change(1, 0)
	defer f.change(-1, 0)
	ctx, gone := context.WithCancelCause(f.ctx)
	defer gone(nil)
	settle := c.listen(func() { gone(errGone) })
	defer settle()
	select { // who doesn't speak HTTP/2, in which the client begins, wakes no cluster
	case <-c.spoke:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	try := connecting{Front: f, Way: w}
	err = w.Server.Reach(ctx, func(ctx context.Context, address string) (err error) {
		l, err = try.connect(ctx, address, c.said)
		return err
	})
	if ctx.Err() != nil {
		if l != nil {
			l.server.Close()
		}
		return nil, context.Cause(ctx)
	}
	return l, err
}

// carry pumps until one side ends.
func (f *Front) carry(c *client, l *link, w Way) {
	f.change(0, 1)
	defer f.change(0, -1)
	stop := context.AfterFunc(f.ctx, func() { c.Close() })
	defer stop()
	_, err := l.server.Write(c.said()[l.told:])
	ended := pump.Ended{Server: true, Err: err}
	if err == nil {
		if _, err = c.Write(l.first); err != nil {
			ended = pump.Ended{}
		}
	}
	if err != nil {
		l.server.Close()
	} else {
		f.count.Sent.Add(int64(len(c.said())))
		f.count.Received.Add(int64(len(l.first)))
		ended = pump.Run(c.UnixConn, l.server, &f.count)
	}
	if ended.Server && ended.Err != nil && f.ctx.Err() == nil {
		w.Server.Lost(l.address, ended.Err)
		f.fail(ended.Err)
	}
}
