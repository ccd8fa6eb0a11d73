package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Exclusive takes the lock under which the daemon is started and stopped, and the workspaces' files written. It is the kernel's: it goes
// with the process that held it, however that ended. Tell is called when it takes a while.
func (d Daemon) Exclusive(ctx context.Context, tell func(string)) (release func(), err error) {
	f, err := os.OpenFile(d.UpLock, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the lock: %w", err)
	}
	for tick := NewTicks(); ; {
		err := tryLock(f)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			f.Close()
			return nil, fmt.Errorf("locking %s: %w", f.Name(), err)
		}
		if tick.Passed() > time.Second {
			tell("waiting for another bbf, which is bringing the " + d.Name + " up or down")
		}
		if err := tick.Wait(ctx); err != nil {
			f.Close()
			return nil, err
		}
	}
}

// Hold is called by the daemon itself: it takes the lock that says that it lives. Whoever looks at the lock (see Holder) holds it for an
// instant, so a lock that is taken is looked at again.
func (d Daemon) Hold(ctx context.Context) (release func(), err error) {
	f, err := os.OpenFile(d.Lock, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the %s's lock: %w", d.Name, err)
	}
	tick := NewTicks()
	for err = tryLock(f); errors.Is(err, syscall.EWOULDBLOCK) && tick.Passed() < time.Second && tick.Wait(ctx) == nil; {
		err = tryLock(f)
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		pid, _ := readPID(d.Lock)
		err = fmt.Errorf("another %s runs already (pid %d)", d.Name, pid)
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

// Holder says whether the daemon lives, and its pid: 0 when it is so young that it has not written it yet.
func (d Daemon) Holder() (pid int, held bool) {
	f, err := os.OpenFile(d.Lock, os.O_RDWR, 0)
	if err != nil {
		return 0, !errors.Is(err, fs.ErrNotExist)
	}
	defer f.Close() // and with it goes the lock, if we got it
	if tryLock(f) == nil {
		return 0, false
	}
	pid, _ = readPID(d.Lock) // 0 while there is none
	return pid, true
}

func tryLock(f *os.File) error {
	for {
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

func readPID(file string) (int, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}
