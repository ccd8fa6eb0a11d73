package function_test

import (
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
	"github.com/bbf-build/bbf/infra/schema"
)

func TestAccess(t *testing.T) {
	for _, c := range []struct {
		name, arn, method, path, body string
		needed                        api.Role // "": let through
	}{
		{"ReaderAsks", reader, "GET", "/status", "", ""},
		{"ReaderMayNotBringUp", reader, "POST", "/up", "", api.RoleBuilder},
		{"ReaderMayNotTakeDown", reader, "POST", "/down", "", api.RoleBuilder},
		{"BuilderBringsUp", builder, "POST", "/up", "", ""},
		{"BuilderTakesDown", builder, "POST", "/down", "", ""},
		{"BuilderMayNotForce", builder, "POST", "/up", `{"force":true}`, api.RoleAdmin},
		{"AdminForces", admin, "POST", "/up", `{"force":true}`, ""},
		{"StrangerMayNotAsk", stranger, "GET", "/status", "", api.RoleReader},
		{"StrangerMayNotHaveACertificate", stranger, "POST", "/certificate", `{"csr":"x"}`, api.RoleReader},
		{"NobodyMayNotAsk", "", "GET", "/status", "", api.RoleReader},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t)
			a := call(t, r.Function, request(c.method, c.path, c.arn, c.body))
			if c.needed == "" {
				if s := a.told(t); s.Caller.ARN != c.arn || s.Caller.Role == "" {
					t.Errorf("the caller is %+v", s.Caller)
				}
				return
			}
			e := a.refused(t)
			if a.status != 403 || e.Code != "forbidden" || e.Needed != c.needed || !strings.Contains(e.Message, admin+" (admin)") || e.Next == "" {
				t.Errorf("got %d %+v", a.status, e)
			}
			for _, call := range r.Calls() {
				if !strings.HasPrefix(call, "GetObject") {
					t.Errorf("who is refused caused %s", call)
				}
			}
		})
	}
	t.Run("WithoutAnAccessList", func(t *testing.T) {
		r := start(t)
		c := schema.Config{Cluster: testcloud.Cluster, AWS: schema.AWS{Region: "eu-west-1"}}
		schema.Defaults(&c)
		r.deploy(c)
		for arn, role := range map[string]api.Role{admin: api.RoleAdmin, stranger: api.RoleBuilder} { // admin ran setup
			if s := call(t, r.Function, request("GET", "/status", arn, "")).told(t); s.Caller.Role != role {
				t.Errorf("%s is %s, want %s", arn, s.Caller.Role, role)
			}
		}
		if a := call(t, r.Function, request("GET", "/status", "arn:aws:iam::999999999999:user/x", "")); a.status != 403 {
			t.Errorf("another account: %d", a.status)
		}
		// What an action could do with the credentials of its task.
		task := strings.Replace("arn:aws:sts::ACCOUNT:assumed-role/bbf-CLUSTER-eu-west-1-worker/0123", "CLUSTER", testcloud.Cluster, 1)
		task = strings.Replace(task, "ACCOUNT", strings.Split(admin, ":")[4], 1)
		if a := call(t, r.Function, request("POST", "/up", task, "")); a.status != 403 {
			t.Errorf("a worker's task: %d", a.status)
		}
	})
}
