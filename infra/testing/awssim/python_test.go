package awssim_test

import (
	"os/exec"
	"testing"

	"github.com/bbf-build/bbf/infra/testing/standin"
)

// The modules by themselves; package standin tests them together.
func TestPython(t *testing.T) {
	cmd := exec.Command(standin.Python(t), "-B", "-m", "unittest", "discover", "-s", "awssim/tests", "-t", ".")
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
