//go:build !linux

package tunnel

import "net"

// trusted can't be known here. The gateway runs on Linux; elsewhere there are only its tests.
func trusted(net.Conn) bool { return true }
