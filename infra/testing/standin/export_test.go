package standin

import (
	"encoding/json"
	"os"
	"syscall"
	"testing"
)

// Kill ends the stand-in as a crash would, and waits for that.
func (c *Cloud) Kill(t testing.TB) {
	t.Helper()
	var info struct{ Pid int }
	data, err := os.ReadFile(c.path("info.json"))
	if err == nil {
		err = json.Unmarshal(data, &info)
	}
	if err == nil {
		err = syscall.Kill(info.Pid, syscall.SIGKILL)
	}
	if err != nil {
		t.Fatal(err)
	}
	<-c.done
}
