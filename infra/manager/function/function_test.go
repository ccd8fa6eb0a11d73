package function_test

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestOtherEvents(t *testing.T) {
	r := start(t)
	for name, event := range map[string]any{"Nothing": map[string]string{}, "OtherWord": map[string]string{"bbf": "up"}, "NotAnObject": 1, "OldURL": map[string]string{"version": "1.0"}} {
		t.Run(name, func(t *testing.T) {
			if out, err := invoke(t, r.Function, event); err == nil {
				t.Errorf("got %v", out)
			}
		})
	}
}

func TestLog(t *testing.T) {
	r := start(t)
	call(t, r.Function, request("POST", "/up", reader, `{"workers":3}`))
	lines := strings.Split(strings.TrimSpace(r.log.String()), "\n")
	if len(lines) != 1 {
		t.Fatalf("%d lines: %q", len(lines), lines)
	}
	var line map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &line); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{"caller": reader, "role": "reader", "method": "POST", "path": "/up", "status": 403.0, "ms": 0.0, "request": "request-1"} {
		if line[key] != want {
			t.Errorf("%s is %v, want %v", key, line[key], want)
		}
	}
}
