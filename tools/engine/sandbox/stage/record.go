package stage

import (
	"encoding/binary"
	"syscall"
	"time"
)

// Record is what the stage, or the first process of an action's namespace, says on the action's socket.
type Record struct {
	Kind   int
	Errno  syscall.Errno      // KindSetup, KindStart
	Status syscall.WaitStatus // KindExited
	Start  time.Time          // KindExited: when the command began and ended
	End    time.Time
	User   time.Duration // KindExited: of the command and what it waited for
	System time.Duration
	MaxRSS int64  // KindExited: in bytes
	Text   string // KindSetup, KindStart: what failed
}

// raw is a Record's fixed part as it is sent. It has no pointers, so that a forked process can fill it in.
type raw struct {
	kind, errno, status, maxRSS          int64
	startSec, startNsec, endSec, endNsec int64
	userUsec, systemUsec                 int64
}

// DecodeRecord reads one message.
func DecodeRecord(b []byte) (Record, bool) {
	var f [10]int64
	if len(b) < len(f)*8 {
		return Record{}, false
	}
	for i := range f {
		f[i] = int64(binary.NativeEndian.Uint64(b[i*8:]))
	}
	return Record{
		Kind: int(f[0]), Errno: syscall.Errno(f[1]), Status: syscall.WaitStatus(f[2]), MaxRSS: f[3] * 1024,
		Start: time.Unix(f[4], f[5]), End: time.Unix(f[6], f[7]),
		User: time.Duration(f[8]) * time.Microsecond, System: time.Duration(f[9]) * time.Microsecond,
		Text: string(b[len(f)*8:]),
	}, f[0] >= KindReady && f[0] < recordsTail
}
