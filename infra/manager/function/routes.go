package function

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/bbf-build/bbf/infra/manager/access"
	"github.com/bbf-build/bbf/infra/manager/api"
)

// route is one of the four things that can be asked.
type route struct {
	method, path string
	needs        api.Role
	do           func(*Function, context.Context, *request) (any, error)
}

// routes is a function, so that nothing happens before the first event.
func routes() []route {
	return []route{
		{http.MethodPost, api.PathUp, api.RoleBuilder, (*Function).up},
		{http.MethodGet, api.PathStatus, api.RoleReader, (*Function).status},
		{http.MethodPost, api.PathDown, api.RoleBuilder, (*Function).down},
		// Tasks have no role, and get certificates: who gets one is looked at there.
		{http.MethodPost, api.PathCertificate, api.RoleNone, (*Function).certificate},
	}
}

func find(method, path string) (route, error) {
	var all []string
	for _, r := range routes() {
		if r.path == path {
			if r.method == method {
				return r, nil
			}
			return route{}, refuse(http.StatusMethodNotAllowed, "method", "", "%s takes %s, not %s", path, r.method, method)
		}
		all = append(all, r.method+" "+r.path)
	}
	return route{}, refuse(http.StatusNotFound, "not_found", "", "there is no %s; there are %s", path, strings.Join(all, ", "))
}

// need refuses a caller whose role doesn't do.
func (r *request) need(role api.Role) error {
	if access.AtLeast(r.caller.Role, role) {
		return nil
	}
	arn := r.caller.ARN
	if arn == "" {
		arn = "an unsigned caller"
	}
	e := refuse(http.StatusForbidden, "forbidden",
		fmt.Sprintf("ask an admin of the cluster to give you the role %s under access in bbf.yaml and to run `bbf setup`", role),
		"%s", r.access.Refusal(arn, r.caller.Role, role))
	e.body.Needed = role
	return e
}
