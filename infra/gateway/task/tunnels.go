package task

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/gateway/front"
	"github.com/bbf-build/bbf/infra/gateway/pump"
)

// tunnels counts what goes to and from other tasks.
type tunnels struct {
	open     atomic.Int64
	in, back atomic.Int64 // bytes that came, bytes that went back
}

// serveConnect is a worker's: bytes between Buildfarm's worker and other tasks.
func (t *Task) serveConnect(drain context.Context, c *front.Client) {
	if !t.may(c, certificates.RoleServer, certificates.RoleWorker) {
		c.Close()
		return
	}
	t.tunnel(drain, c, t.Backend)
}

// serveRedis is the server's: bytes between Redis and workers, which are in the same network. A worker's certificate that is used from
// elsewhere was stolen.
func (t *Task) serveRedis(drain context.Context, c *front.Client) {
	if !t.may(c, certificates.RoleWorker) {
		c.Close()
		return
	}
	if !near(c.RemoteAddr()) {
		t.denied.add(string(c.Who.Role))
		t.Log.Warn("a worker's certificate is used from outside", "who", c.Who.String(), "from", c.RemoteAddr().String())
		c.Close()
		return
	}
	t.tunnel(drain, c, t.Redis)
}

func (t *Task) tunnel(drain context.Context, c *front.Client, address string) {
	near, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		t.Log.Warn("can't pass on a connection of another task", "to", address, "error", err)
		c.Close()
		return
	}
	t.tunnels.open.Add(1)
	defer t.tunnels.open.Add(-1)
	// Who drains has waited already for Buildfarm to end.
	defer context.AfterFunc(drain, func() { c.Close(); near.Close() })()
	in, back := pump.Both(c, near)
	t.tunnels.in.Add(in)
	t.tunnels.back.Add(back)
}

// shared is what providers use between themselves and customers, and VPCs may use too.
var shared = netip.MustParsePrefix("100.64.0.0/10")

// near says whether an address is within a network: traffic from the internet has a public one.
func near(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return false
	}
	ip := tcp.AddrPort().Addr().Unmap()
	return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || shared.Contains(ip)
}

// counters count by a name out of few.
type counters struct {
	mu  sync.Mutex
	all map[string]int
}

func (c *counters) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[string]int{}
	}
	c.all[name]++
}

func (c *counters) get(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all[name]
}
