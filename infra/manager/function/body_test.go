package function_test

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestBodies(t *testing.T) {
	r := start(t)
	for _, c := range []struct{ name, path, body, want string }{
		{"NotJSON", "/up", "workers=3", "not JSON"},
		{"CutShort", "/up", `{"workers":`, "not JSON"},
		{"UnknownField", "/up", `{"wrokers":3}`, "wrokers: there is no such field; there are workers, force"},
		{"WrongType", "/up", `{"workers":"three"}`, "workers: is string, and has to be a whole number"},
		{"Fraction", "/up", `{"workers":2.5}`, "workers: is number 2.5, and has to be a whole number"},
		{"NotAnObject", "/up", `[1]`, "the body is array, and has to be an object"},
		{"TwoObjects", "/up", `{} {}`, "more than one"},
		{"TooMany", "/up", `{"workers":41}`, "workers: 41 asked for; bbf.yaml allows 1 to 40"},
		{"TooFew", "/up", `{"workers":0}`, "1 to 40"},
		{"Negative", "/up", `{"workers":-1}`, "1 to 40"},
		{"NegativeDown", "/down", `{"to":-1}`, "to: -1 asked for"},
		{"TooLarge", "/up", `{"workers":3` + strings.Repeat(" ", 20000) + `}`, "more than 16384"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.Calls()
			a := call(t, r.Function, request("POST", c.path, admin, c.body))
			if e := a.refused(t); a.status != 400 || !strings.Contains(e.Message, c.want) {
				t.Errorf("got %d %+v", a.status, e)
			}
			for _, call := range r.Calls() {
				if !strings.HasPrefix(call, "GetObject") {
					t.Errorf("it caused %s", call)
				}
			}
		})
	}
	t.Run("Base64", func(t *testing.T) {
		e := request("POST", "/up", admin, base64.StdEncoding.EncodeToString([]byte(`{"workers":7}`)))
		e.IsBase64Encoded = true
		if s := call(t, r.Function, e).told(t); s.Workers.Desired != 7 {
			t.Errorf("got %+v", s)
		}
	})
	t.Run("NotBase64", func(t *testing.T) {
		e := request("POST", "/up", admin, "%")
		e.IsBase64Encoded = true
		if a := call(t, r.Function, e); a.status != 400 {
			t.Errorf("got %d", a.status)
		}
	})
	t.Run("Query", func(t *testing.T) {
		e := request("GET", "/status", admin, "")
		e.QueryStringParameters = map[string]string{"tasks": "yes"}
		a := call(t, r.Function, e)
		if m := a.refused(t).Message; a.status != 400 || !strings.Contains(m, "tasks:") {
			t.Errorf("got %d %s", a.status, m)
		}
	})
}
