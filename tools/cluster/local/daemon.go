package local

import (
	"context"
	"os"
	"strconv"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/daemon"
	"github.com/bbf-build/bbf/tools/engine"
)

// daemon is the engine as a process in the background.
func (p Paths) daemon() daemon.Daemon {
	return daemon.Daemon{Name: "engine", Lock: p.Lock(), UpLock: p.upLock(), Log: p.Log(), Control: p.Control(), Grace: grace}
}

// start runs an engine and returns when it answers.
func (b *Backend) start(ctx context.Context, r cluster.UpRequest) (s engine.Status, err error) {
	c := daemon.Command{Exe: b.exe, Args: append([]string{"engine"}, engineFlags(r)...), Env: daemon.Environment(os.Environ())}
	return s, b.paths.daemon().Start(ctx, c, &s)
}

func engineFlags(r cluster.UpRequest) (flags []string) {
	if r.Listen != "" {
		flags = append(flags, "--listen="+r.Listen)
	}
	if r.CacheSize != 0 {
		flags = append(flags, "--cache-size="+strconv.FormatInt(r.CacheSize, 10))
	}
	if r.Slots != 0 {
		flags = append(flags, "--slots="+strconv.Itoa(r.Slots))
	}
	return flags
}
