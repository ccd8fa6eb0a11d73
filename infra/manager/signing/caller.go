package signing

import (
	"strings"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/manager/api"
)

// Cluster is what tells its own tasks from other callers.
type Cluster struct {
	Name, Region, Account string
}

// Task is whom a task's certificate is for: who calls with the role that the stack infra has made for the server or for the workers. ECS
// names the role's session after the task.
func (c Cluster) Task(arn string) (certificates.Identity, bool) {
	f := strings.SplitN(arn, ":", 6)
	if len(f) != 6 || f[0] != "arn" || f[2] != "sts" || c.Account == "" || f[4] != c.Account {
		return certificates.Identity{}, false
	}
	for _, role := range []certificates.Role{certificates.RoleServer, certificates.RoleWorker} {
		prefix := "assumed-role/bbf-" + c.Name + "-" + c.Region + "-" + string(role) + "/"
		if id, ok := strings.CutPrefix(f[5], prefix); ok && id != "" {
			return certificates.Identity{Cluster: c.Name, Role: role, Name: id}, true
		}
	}
	return certificates.Identity{}, false
}

// Person is whom anybody else's is for.
func (c Cluster) Person(arn string, role api.Role) (certificates.Identity, bool) {
	id := certificates.Identity{Cluster: c.Name, Role: certificates.RoleBuilder, Name: arn}
	switch role {
	case api.RoleBuilder, api.RoleAdmin:
	case api.RoleReader:
		id.Role = certificates.RoleReader
	default:
		return certificates.Identity{}, false
	}
	return id, true
}

// For how long certificates are valid at most. Fargate replaces tasks now and then, and those that it doesn't renew.
const (
	longestTask   = 24 * time.Hour
	longestPerson = 7 * 24 * time.Hour
)

// Validity is how long a certificate is valid that is asked to be so for some time.
func Validity(role certificates.Role, asked time.Duration) time.Duration {
	if role.Task() {
		return min(asked, longestTask)
	}
	return min(asked, longestPerson)
}
