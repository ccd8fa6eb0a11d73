package function_test

import (
	"strings"
	"testing"
)

func TestRoutes(t *testing.T) {
	r := start(t)
	for _, c := range []struct {
		name, method, path string
		status             int
		want               string
	}{
		{"UnknownPath", "GET", "/stop", 404, "POST /up, GET /status, POST /down, POST /certificate"},
		{"NoPath", "GET", "/", 404, "there is no /"},
		{"WrongMethod", "GET", "/up", 405, "/up takes POST, not GET"},
		{"WrongMethodOfStatus", "POST", "/status", 405, "/status takes GET, not POST"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := call(t, r.Function, request(c.method, c.path, admin, ""))
			if e := a.refused(t); a.status != c.status || !strings.Contains(e.Message, c.want) {
				t.Errorf("got %d %+v", a.status, e)
			}
		})
	}
}
