package server

import (
	"sync"
	"sync/atomic"
)

// chunkPool hands out the buffers in which blobs are sent. It implements mem.BufferPool, so that gRPC gives a buffer back when its bytes
// are on the wire.
type chunkPool struct {
	pools [3]sync.Pool
	out   atomic.Int64 // bytes of the buffers that are in use
}

var chunks chunkPool

var chunkSizes = [3]int{32 << 10, 128 << 10, 1 << 20}

// chunk is how large the next chunk of a stream should be: less, the more are in use. Each stream may have one or two that its client
// doesn't take, and a thousand such clients must fit into memory.
func (p *chunkPool) chunk() int {
	switch out := p.out.Load(); {
	case out <= 32<<20:
		return chunkSizes[2]
	case out <= 96<<20:
		return chunkSizes[1]
	default:
		return chunkSizes[0]
	}
}

// Get returns a buffer of that length.
func (p *chunkPool) Get(length int) *[]byte {
	for i, size := range chunkSizes {
		if length > size {
			continue
		}
		p.out.Add(int64(size))
		if b, ok := p.pools[i].Get().(*[]byte); ok {
			*b = (*b)[:length]
			return b
		}
		b := make([]byte, length, size)
		return &b
	}
	b := make([]byte, length)
	return &b
}

// Put takes a buffer back.
func (p *chunkPool) Put(b *[]byte) {
	for i, size := range chunkSizes {
		if cap(*b) == size {
			p.out.Add(int64(-size))
			p.pools[i].Put(b)
			return
		}
	}
}
