package tunnel_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bbf-build/bbf/infra/gateway/testrig"
	"github.com/bbf-build/bbf/infra/gateway/tunnel"
)

// dial connects as a user and returns what it reads until it is hung up on.
func dial(t *testing.T, network string, to *net.TCPAddr, uid int) string {
	t.Helper()
	family, address := unix.AF_INET, unix.Sockaddr(&unix.SockaddrInet4{Port: to.Port, Addr: [4]byte{127, 0, 0, 1}})
	if network == "tcp6" { // as Java does for IPv4 too
		family, address = unix.AF_INET6, &unix.SockaddrInet6{Port: to.Port, Addr: [16]byte{10: 0xff, 11: 0xff, 12: 127, 15: 1}}
	}
	// A socket is the user's whom the file system sees the thread as.
	runtime.LockOSThread()
	unix.RawSyscall(unix.SYS_SETFSUID, uintptr(uid), 0, 0)
	is, _, _ := unix.RawSyscall(unix.SYS_SETFSUID, ^uintptr(0), 0, 0) // no user, so nothing changes
	fd, err := unix.Socket(family, unix.SOCK_STREAM, 0)
	unix.RawSyscall(unix.SYS_SETFSUID, uintptr(os.Getuid()), 0, 0)
	runtime.UnlockOSThread()
	if err != nil {
		t.Fatal(err)
	}
	if int(is) != uid {
		unix.Close(fd)
		t.Skipf("SKIPPED: here root can't be user %d, as in a user namespace that knows no others", uid)
	}
	f := os.NewFile(uintptr(fd), "socket")
	defer f.Close()
	if network == "tcp6" {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0); err != nil {
			t.Skip("no IPv6 here: ", err)
		}
	}
	if err := unix.Connect(fd, address); err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(f)
	return string(got)
}

func TestActionsAreNobody(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	ctx, cancel := context.WithCancel(t.Context())
	l := testrig.Listen(t)
	local, done := &tunnel.Local{Log: slog.New(slog.DiscardHandler)}, make(chan error, 1)
	go func() {
		done <- local.Serve(ctx, l, func(_ context.Context, c net.Conn) {
			c.SetDeadline(time.Now().Add(10 * time.Second))
			io.WriteString(c, "hello")
		})
	}()
	for _, network := range []string{"tcp4", "tcp6"} {
		for uid, want := range map[int]string{0: "hello", 65534: "", 1000: ""} {
			if got := dial(t, network, l.Addr().(*net.TCPAddr), uid); got != want {
				t.Errorf("user %d by %s got %q", uid, network, got)
			}
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
