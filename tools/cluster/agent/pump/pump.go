// Package pump carries bytes between a Unix socket and a TLS connection, unchanged, as fast as two copies and the encryption allow. It holds
// buffers only while there is something in them: a hundred idle connections cost next to nothing.
package pump

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
)

// Counters count what was carried, in bytes.
type Counters struct {
	Sent     atomic.Int64 // to the server
	Received atomic.Int64 // from it
}

// Ended says which side ended a connection, and why, if that wasn't an orderly end.
type Ended struct {
	Server bool // else the client
	Err    error
}

// Run carries bytes both ways until one side ends, and closes both then: HTTP/2 has no half-open connections.
func Run(client *net.UnixConn, server *Server, count *Counters) Ended {
	ended := make(chan Ended, 2)
	go func() { ended <- up(client, server, count) }()
	go func() { ended <- down(client, server, count) }()
	first := <-ended
	client.Close()
	server.Close()
	<-ended
	return first
}

// up carries from the client to the server.
func up(client *net.UnixConn, server *Server, count *Counters) Ended {
	raw, err := client.SyscallConn()
	if err != nil {
		return Ended{Err: err}
	}
	for {
		b, n, err := readReady(raw, plain)
		if err != nil {
			return Ended{Err: orderly(err)}
		}
		_, err = server.Write(b[:n])
		buffers.Put(b)
		if err != nil {
			return Ended{Server: true, Err: orderly(err)}
		}
		count.Sent.Add(int64(n))
	}
}

// down carries from the server to the client.
func down(client *net.UnixConn, server *Server, count *Counters) Ended {
	for {
		b, n, err := server.gather()
		if err != nil {
			return Ended{Server: true, Err: orderly(err)}
		}
		_, err = client.Write(b[:n])
		buffers.Put(b)
		if err != nil {
			return Ended{Err: orderly(err)}
		}
		count.Received.Add(int64(n))
	}
}

// orderly is nil for an end that is none of a failure.
func orderly(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
