package pump_test

import (
	"io"
	"net"
	"testing"
)

// BenchmarkPump carries 1 MiB pieces through the pump, and the same over a plain TCP connection: the ratio is what TLS and the agent cost.
func BenchmarkPump(b *testing.B) {
	b.Run("Upload", func(b *testing.B) {
		p := newPumped(b)
		stream(b, p.client, p.server)
	})
	b.Run("Download", func(b *testing.B) {
		p := newPumped(b)
		stream(b, p.server, p.client)
	})
	b.Run("Plaintext", func(b *testing.B) {
		from, to := tcpPair(b)
		stream(b, from, to)
	})
}

func stream(b *testing.B, from io.Writer, to net.Conn) {
	piece := make([]byte, 1<<20)
	b.SetBytes(int64(len(piece)))
	read := make(chan error)
	b.ResetTimer()
	go func() {
		buf := make([]byte, 256<<10)
		for left := b.N * len(piece); left > 0; {
			n, err := to.Read(buf)
			if left -= n; err != nil {
				b.Error(err)
				break
			}
		}
		close(read)
	}()
	for range b.N {
		if _, err := from.Write(piece); err != nil {
			b.Fatal(err)
		}
	}
	<-read
}
