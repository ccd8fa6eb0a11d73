package execroot_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// again waits until exec roots that were removed can be used again.
func (r *rig) again() {
	r.t.Helper()
	r.builder.Idle()
}

// emptied waits until nothing is left to delete in the background.
func (r *rig) emptied() {
	r.t.Helper()
	trash := filepath.Join(r.dir, "roots", "trash")
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		entries, err := os.ReadDir(trash)
		if err != nil || time.Now().After(deadline) {
			r.t.Fatal("the trash isn't emptied: ", entries, err)
		}
		if len(entries) == 0 {
			return
		}
	}
}

func TestNothingOfAnActionIsLeftForTheNext(t *testing.T) {
	r := newRig(t, false)
	first := r.tree(map[string]string{"in/a": "1", "in/deep/b": "2", "only/first": "3", "l": "-> in"})
	c := shell(`set -e
		echo x > out/sub/x; echo x > out/other; mkdir -p out/new/er in/new; echo x > in/deep/c
		rm -r in/deep; mkdir in/deep; rm only/first; chmod 700 out; chmod 0 out/sub; echo t > /tmp/t; mkdir /tmp/d; chmod 755 /tmp
		python3 -c 'import os; os.setxattr("out", "user.mine", b"x")'
		rm l; mkdir l; rmdir only; touch only`, "out/sub/x", "in/deep/y", "only/y")
	listing := "find . -printf '%y %m %p\\n' | sort; cat in/a in/deep/b in/deep/z 2>/dev/null; find /tmp -printf '%m %P\\n'; python3 -c 'import os; print([os.listxattr(d) for d, _, _ in os.walk(\".\")])'"
	next := r.tree(map[string]string{"in/a": "one", "in/deep/b": "two", "in/deep/z": "three"})
	fresh := newRig(t, false)
	fresh.tree(map[string]string{"in/a": "one", "in/deep/b": "two", "in/deep/z": "three"})
	want, err := fresh.run(shell(listing, "out/sub/x"), next)
	if err != nil || want.code != 0 {
		t.Fatal(err, want)
	}
	for range 3 {
		got, err := r.run(c, first)
		if err != nil || got.code != 0 {
			t.Fatal(err, got)
		}
		r.again()
		if got, err = r.run(shell(listing, "out/sub/x"), next); err != nil || got.stdout != want.stdout || len(got.OutputFiles) != 0 {
			t.Fatalf("%v\ngot  %s%s\nwant %s", err, got.stdout, got.stderr, want.stdout)
		}
		r.again()
	}
	if entries, err := os.ReadDir(filepath.Join(r.dir, "roots", "run")); err != nil || len(entries) != 1 {
		t.Fatal("an exec root was not used again: ", entries, err)
	}
}

func TestAnExecRootThatWaitsIsDeletedFromOutside(t *testing.T) {
	r := newRig(t, false)
	c := shell("echo x > out/sub/x; cat in/a", "out/sub/x")
	root := r.tree(map[string]string{"in/a": "1"})
	for _, victim := range []string{"", "upper/out/sub", "lower", "work", "tmp"} {
		if got, err := r.run(c, root); err != nil || got.stdout != "1" {
			t.Fatal(victim, err, got)
		}
		r.again()
		roots, err := filepath.Glob(filepath.Join(r.dir, "roots", "run", "*"))
		if err != nil || len(roots) != 1 {
			t.Fatal(victim, roots, err)
		}
		if err := os.RemoveAll(filepath.Join(roots[0], victim)); err != nil {
			t.Fatal(err)
		}
		if got, err := r.run(c, root); err != nil || got.stdout != "1" || len(got.OutputFiles) != 1 {
			t.Fatal(victim, err, got)
		}
		r.again()
	}
	r.emptied() // in it are folders of the kernel's, which only the Builder knows how to delete
	if err := os.RemoveAll(filepath.Join(r.dir, "roots")); err != nil {
		t.Fatal(err)
	}
	if got, err := r.run(c, root); err != nil || got.stdout != "1" || len(got.OutputFiles) != 1 {
		t.Fatal(err, got)
	}
}
