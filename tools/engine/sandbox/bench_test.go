package sandbox_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	// What the engine's program has in it: the stage must not pay for it.
	_ "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	_ "google.golang.org/grpc"

	"github.com/bbf-build/bbf/tools/engine/sandbox"
)

func BenchmarkTrue(b *testing.B) {
	r := newRunner(b, sandbox.Options{})
	a := newAction(b, r, "/bin/true")
	bench := func(name string, prepare func(i int)) {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				prepare(i)
				res, err := r.Run(context.Background(), a.Spec)
				if err != nil || res.ExitCode != 0 {
					b.Fatal(res, err)
				}
			}
		})
	}
	n := 0
	bench("Overlay", func(int) {
		n++
		os.Rename(filepath.Join(a.Root[0].Work, "work"), filepath.Join(a.dir, "old"+strconv.Itoa(n)))
	})
	a.Network = false
	bench("OverlayWithoutNetwork", func(int) {
		n++
		os.Rename(filepath.Join(a.Root[0].Work, "work"), filepath.Join(a.dir, "old"+strconv.Itoa(n)))
	})
	a.Network = true
	a.Root = []sandbox.Layer{{Upper: a.upper()}}
	bench("PlainFolder", func(int) {})
	disabled := newRunner(b, sandbox.Options{Disable: true})
	r = disabled
	bench("Processes", func(int) {})
}
