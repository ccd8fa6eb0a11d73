package access

import "strings"

// Match says whether a caller's ARN matches a pattern, in which * stands for any characters within one of an ARN's six parts (as IAM's
// ArnLike has it: a path may contain colons, so that otherwise "…:user/*" of one account could be made to look like another's). A star at
// the end of a shorter pattern stands for all parts that follow.
//
// Who has assumed a role calls as arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION, but people write down the role they know,
// arn:aws:iam::ACCOUNT:role/PATH/NAME. That matches too. The session's ARN doesn't have the path, and a name is unique in an account, so the
// name alone decides; for that reason a pattern with a path has to say something about the name: role/ci/* matches no session, since it
// would match every role's.
func Match(pattern, arn string) bool {
	if like(pattern, arn) {
		return true
	}
	caller, ok := parse(arn)
	if !ok || caller.role() == "" {
		return false
	}
	if like(pattern, caller.role()) {
		return true
	}
	account, resource, ok := strings.Cut(pattern, ":role/")
	if !ok {
		return false
	}
	name := resource[strings.LastIndex(resource, "/")+1:]
	return name != resource && strings.Trim(name, "*") != "" && like(account+":role/"+name, caller.role())
}

// Person is what stays the same of a caller from one session to the next: the role that the session is of, as its ARN without a path; of others
// the ARN itself. Who share a role are one person.
func Person(arn string) string {
	if p, ok := parse(arn); ok && p.role() != "" {
		return p.role()
	}
	return arn
}

// like matches part by part.
func like(pattern, arn string) bool {
	want, have := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	short := len(want) < len(have)
	if len(want) > len(have) || short && !strings.HasSuffix(pattern, "*") {
		return false
	}
	for i, part := range want {
		if !glob(part, have[i]) {
			return false
		}
	}
	return true
}

// glob matches a pattern with * for any characters, none included.
func glob(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return strings.HasSuffix(s, parts[last])
}

// principal is an ARN's parts: arn:PARTITION:SERVICE::ACCOUNT:RESOURCE.
type principal struct {
	partition, service, account, resource string
}

func parse(arn string) (principal, bool) {
	f := strings.SplitN(arn, ":", 6)
	if len(f) != 6 || f[0] != "arn" {
		return principal{}, false
	}
	return principal{f[1], f[2], f[4], f[5]}, true
}

// role is the ARN, without a path, of the role that the session is of; "" for what isn't a session.
func (p principal) role() string {
	rest, ok := strings.CutPrefix(p.resource, "assumed-role/")
	name, _, found := strings.Cut(rest, "/")
	if p.service != "sts" || !ok || !found {
		return ""
	}
	return "arn:" + p.partition + ":iam::" + p.account + ":role/" + name
}
