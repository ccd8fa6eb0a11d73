package quiet_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bbf-build/bbf/infra/gateway/quiet"
)

func TestHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		log := slog.New(quiet.New(slog.NewTextHandler(&b, nil), 10*time.Second))
		for n := range 5000 {
			log.Warn("it fails", "n", n)
			log.With("a", "b").WithGroup("g").Warn("it fails", "n", n)
			time.Sleep(time.Millisecond)
		}
		log.Info("another thing")
		time.Sleep(10 * time.Second)
		log.Warn("it fails", "n", "last")
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		if len(lines) != 3 || !strings.Contains(lines[0], "n=0") || !strings.Contains(lines[2], "n=last more=9999") {
			t.Errorf("got %q", lines)
		}
	})
}
