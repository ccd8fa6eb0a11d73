package front

import (
	"container/list"
	"net"
	"sync"
)

// waiting are the connections whose handshake hasn't ended. There is room for so many; one more closes the oldest, which has had more time
// than an honest client needs. So neither those who connect and say nothing nor those who send garbage keep others out.
type waiting struct {
	mu    sync.Mutex
	order list.List
}

// room is for how many. They take some 10 KiB each.
const room = 1000

func (w *waiting) add(c net.Conn) (remove func()) {
	w.mu.Lock()
	e := w.order.PushBack(c)
	var oldest net.Conn
	if w.order.Len() > room {
		oldest = w.order.Remove(w.order.Front()).(net.Conn)
	}
	w.mu.Unlock()
	if oldest != nil {
		oldest.Close()
	}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.order.Remove(e) // nothing, if it was the oldest
	}
}

func (w *waiting) closeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for e := w.order.Front(); e != nil; e = e.Next() {
		e.Value.(net.Conn).Close()
	}
}
