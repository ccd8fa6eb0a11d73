package sandbox_test

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestAsAnotherUser runs the other tests once more as a user without any rights.
func TestAsAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("this is another user already")
	}
	const nobody = 65534
	dir, err := os.MkdirTemp("", "bbf-nobody-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chown(dir, nobody, nobody); err != nil { // in a user namespace that has one user only, like Bazel's sandbox
		t.Skipf("SKIPPED, NOTHING WAS TESTED: there is no other user here: %v", err)
	}
	cmd := exec.Command("/proc/self/exe", "-test.run", "^Test", "-test.v")
	cmd.Env = []string{"TMPDIR=" + dir, "PATH=/usr/bin:/bin"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
