// Package access gives callers a role. IAM has already said who calls and let them through; the access list of bbf.yaml says what they may
// do. The first entry whose pattern matches the caller decides, and whoever none matches may nothing.
package access

import (
	"fmt"
	"strings"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/schema"
)

// List is who may do what.
type List []schema.Access

// New is the deployed configuration's list. Without one every principal of the cluster's own account is a builder, and an admin is who could
// take everything down anyway: the account's root user and the user or role that ran setup.
func New(configured []schema.Access, account, setupBy string) List {
	if len(configured) > 0 {
		return configured
	}
	var l List
	if setupBy != "" {
		l = append(l, schema.Access{ARN: setupBy, Role: string(api.RoleAdmin)})
		if p, ok := parse(setupBy); ok && p.role() != "" {
			l = append(l, schema.Access{ARN: p.role(), Role: string(api.RoleAdmin)})
		}
	}
	if account != "" {
		l = append(l,
			schema.Access{ARN: "arn:*:iam::" + account + ":root", Role: string(api.RoleAdmin)},
			schema.Access{ARN: "arn:*:*::" + account + ":*", Role: string(api.RoleBuilder)})
	}
	return l
}

// Role is what the caller with this ARN may do.
func (l List) Role(arn string) api.Role {
	for _, entry := range l {
		if Match(entry.ARN, arn) {
			return api.Role(entry.Role)
		}
	}
	return api.RoleNone
}

// Patterns are those that give at least the role.
func (l List) Patterns(needed api.Role) []string {
	var found []string
	for _, entry := range l {
		if AtLeast(api.Role(entry.Role), needed) {
			found = append(found, fmt.Sprintf("%s (%s)", entry.ARN, entry.Role))
		}
	}
	return found
}

// Refusal says in words that the caller's role doesn't do, and what would.
func (l List) Refusal(arn string, has, needed api.Role) string {
	var b strings.Builder
	fmt.Fprintf(&b, "this needs the role %s, and %s ", needed, arn)
	if has == api.RoleNone {
		b.WriteString("has none")
	} else {
		fmt.Fprintf(&b, "is %s", has)
	}
	if patterns := l.Patterns(needed); len(patterns) > 0 {
		fmt.Fprintf(&b, "; it is given to %s", strings.Join(patterns, ", "))
	} else {
		b.WriteString("; the access list gives it to nobody")
	}
	return b.String()
}

// AtLeast says whether a role includes another.
func AtLeast(role, needed api.Role) bool {
	return rank(role) >= rank(needed)
}

func rank(r api.Role) int {
	switch r {
	case api.RoleReader:
		return 1
	case api.RoleBuilder:
		return 2
	case api.RoleAdmin:
		return 3
	default:
		return 0
	}
}
