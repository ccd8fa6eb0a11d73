// Package pump copies bytes between two connections.
package pump

import (
	"io"
	"net"
	"sync"
)

// Both copies each way until both ends have said all they have to say, or one connection breaks. Then both are closed. It returns how many
// bytes went from a to b and from b to a.
func Both(a, b net.Conn) (aToB, bToA int64) {
	defer a.Close()
	defer b.Close()
	var wait sync.WaitGroup
	wait.Go(func() { aToB = oneWay(b, a) })
	wait.Go(func() { bToA = oneWay(a, b) })
	wait.Wait()
	return aToB, bToA
}

// buffers are of four TLS records.
var buffers = sync.Pool{New: func() any { b := make([]byte, 64<<10); return &b }}

func oneWay(to, from net.Conn) int64 {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	// Without the methods that would copy with buffers of their own.
	n, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, *buffer)
	half, ok := to.(interface{ CloseWrite() error })
	if err != nil || !ok || half.CloseWrite() != nil {
		// Nothing is left to say: the other way ends too.
		to.Close()
		from.Close()
	}
	return n
}
