package standin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"
)

const (
	startTimeout = time.Minute
	stopTimeout  = 15 * time.Second
	tailOfLog    = 4000 // bytes shown when a test fails
)

func (c *Cloud) waitUntilReady(t testing.TB) {
	t.Helper()
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); {
		select {
		case <-c.done:
			t.Fatalf("the AWS stand-in ended at once:\n%s", c.Log())
		case <-time.After(20 * time.Millisecond):
		}
		if c.Endpoint == "" {
			var info struct{ Port int }
			if data, err := os.ReadFile(c.path("info.json")); err != nil || json.Unmarshal(data, &info) != nil {
				continue
			}
			c.Host = fmt.Sprintf("127.0.0.1:%d", info.Port)
			c.Endpoint = "http://" + c.Host
		}
		if reply, err := http.Get(c.Endpoint + "/_ministack/health"); err == nil {
			reply.Body.Close()
			if reply.StatusCode == http.StatusOK {
				return
			}
		}
	}
	t.Fatalf("the AWS stand-in was not ready within %v:\n%s", startTimeout, c.Log())
}

func (c *Cloud) stop(t testing.TB, pid int) {
	select {
	case <-c.done:
	case <-time.After(stopTimeout):
		t.Errorf("the AWS stand-in did not end within %v; it was killed", stopTimeout)
		_ = syscall.Kill(-pid, syscall.SIGKILL) // it may have ended just now
		<-c.done
	}
	if t.Failed() {
		log := c.Log()
		t.Logf("the AWS stand-in's log ends:\n%s", log[max(0, len(log)-tailOfLog):])
	}
}
