package tunnel

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// trusted says whether a connection on loopback was made by root or by the gateway's own user.
func trusted(c net.Conn) bool {
	uid, err := ownerOf(c)
	return err == nil && (uid == "0" || uid == fmt.Sprint(os.Getuid()))
}

// ownerOf is the user of the process at the other end of a connection, as the kernel lists it in /proc/net/tcp
// (https://docs.kernel.org/networking/proc_net_tcp.html). All containers of a task are in one network namespace, and so in that list.
func ownerOf(c net.Conn) (uid string, err error) {
	remote, ok1 := c.RemoteAddr().(*net.TCPAddr)
	local, ok2 := c.LocalAddr().(*net.TCPAddr)
	if !ok1 || !ok2 {
		return "", fmt.Errorf("%s is no TCP connection", c.RemoteAddr().Network())
	}
	from, to := remote.AddrPort(), local.AddrPort()
	for _, list := range []struct {
		file  string
		write func(netip.AddrPort) string
	}{{"/proc/net/tcp", v4}, {"/proc/net/tcp6", v6}} {
		uid, err = find(list.file, list.write(from), list.write(to))
		if uid != "" || err != nil {
			return uid, err
		}
	}
	return "", fmt.Errorf("nobody has the connection from %s", from)
}

// find looks for the line of a socket. The columns are sl, local_address, rem_address, st, queues, timer, retransmissions and uid.
func find(file, local, remote string) (uid string, err error) {
	f, err := os.Open(file)
	if os.IsNotExist(err) {
		return "", nil // no IPv6
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		columns := strings.Fields(lines.Text())
		if len(columns) > 7 && columns[1] == local && columns[2] == remote {
			return columns[7], nil
		}
	}
	return "", lines.Err()
}

// The kernel prints addresses as words in the machine's byte order, which is little-endian wherever Fargate is.

func v4(a netip.AddrPort) string {
	ip := a.Addr().Unmap().As4()
	return words(ip[:], a.Port())
}

// v6 is how a program sees the connection that uses IPv6 sockets for IPv4 too, as Java does.
func v6(a netip.AddrPort) string {
	ip := a.Addr().As16()
	return words(ip[:], a.Port())
}

func words(ip []byte, port uint16) string {
	for word := range slices.Chunk(ip, 4) {
		slices.Reverse(word)
	}
	return fmt.Sprintf("%s:%04X", strings.ToUpper(hex.EncodeToString(ip)), port)
}
