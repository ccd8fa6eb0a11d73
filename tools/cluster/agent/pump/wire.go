package pump

import (
	"net"
	"sync"
	"syscall"
)

// wire is the TCP connection below TLS. It reads as much as there is, where TLS asks for one record, and can collect what TLS writes record by
// record.
type wire struct {
	*net.TCPConn
	raw syscall.RawConn

	// Of the reader.
	impatient bool // Read returns nothing rather than wait
	in        *buffer
	from, to  int // what of it TLS hasn't had yet

	mu         sync.Mutex // TLS writes from its reader too, now and then
	collecting bool
	out        *buffer
	collected  int
}

// nothing is what an impatient Read returns when it would have to wait. TLS takes a temporary error as a reason to go on later.
type nothing struct{}

func (nothing) Error() string   { return "nothing there yet" }
func (nothing) Timeout() bool   { return true }
func (nothing) Temporary() bool { return true }

// wait returns when there is something for Read.
func (w *wire) wait() (err error) {
	if w.in == nil {
		w.from = 0
		w.in, w.to, err = readReady(w.raw, size)
	}
	return err
}

func (w *wire) Read(p []byte) (int, error) {
	if w.in == nil && w.impatient {
		return 0, nothing{}
	}
	if err := w.wait(); err != nil {
		return 0, err
	}
	n := copy(p, w.in[w.from:w.to])
	if w.from += n; w.from == w.to {
		buffers.Put(w.in)
		w.in = nil
	}
	return n, nil
}

func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.collecting {
		return w.TCPConn.Write(p)
	}
	if w.collected+len(p) > size {
		if err := w.send(); err != nil {
			return 0, err
		}
	}
	if w.out == nil {
		w.out = buffers.Get().(*buffer)
	}
	w.collected += copy(w.out[w.collected:], p) // a record is smaller than a buffer
	return len(p), nil
}

// collect begins to collect what is written, until flush.
func (w *wire) collect() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.collecting = true
}

func (w *wire) flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.collecting = false
	return w.send()
}

func (w *wire) send() error {
	if w.out == nil {
		return nil
	}
	_, err := w.TCPConn.Write(w.out[:w.collected])
	buffers.Put(w.out)
	w.out, w.collected = nil, 0
	return err
}
