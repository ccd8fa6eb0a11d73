package format

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var (
	policy    = regexp.MustCompile(`^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/([!-~]*/)?[\w+=,.@-]+$`)
	authority = regexp.MustCompile(`^arn:aws[a-z-]*:acm-pca:[a-z0-9-]+:[0-9]{12}:certificate-authority/[0-9a-f-]{36}$`)

	partition = regexp.MustCompile(`^[a-z*-]+$`)
	account   = regexp.MustCompile(`^([0-9]{12}|[0-9]*\*[0-9*]*)$`)
	principal = regexp.MustCompile(`^(user|role|assumed-role|federated-user)/[!-~]+$|^root$`)
)

// Policy accepts the ARN of a managed IAM policy, of the account or of AWS.
func Policy(s string) error {
	if policy.MatchString(s) {
		return nil
	}
	if parts := strings.Split(s, ":"); len(parts) == 6 && parts[2] == "iam" && !strings.HasPrefix(parts[5], "policy/") {
		kind, _, _ := strings.Cut(parts[5], "/")
		return fmt.Errorf("is the ARN of a %s, not of a policy", kind)
	}
	return errors.New("is no ARN of a policy, such as arn:aws:iam::123456789012:policy/name")
}

// CertificateAuthority accepts the ARN of a certificate authority of AWS Private CA.
func CertificateAuthority(s string) error {
	if !authority.MatchString(s) {
		return errors.New("is no ARN of a certificate authority, such as " +
			"arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/11223344-1234-1122-2233-112233445566")
	}
	return nil
}

// PrincipalPattern accepts what can match the ARN of a user, a role, a session of a role or the account's root
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns).
func PrincipalPattern(s string) error {
	parts := strings.SplitN(s, ":", 6)
	wild := strings.Contains(s, "*")
	switch {
	case s == "*":
		return nil
	case strings.ContainsAny(s, " \t\n"):
		return errors.New("has a space in it")
	case strings.Contains(s, "?"):
		return errors.New("has a ? in it, which matches nothing; only * is special")
	case parts[0] != "arn":
		return errors.New(`is no ARN, such as arn:aws:iam::123456789012:role/ci-*; the pattern for everybody is "*"`)
	case len(parts) < 6 && wild && strings.HasSuffix(s, "*"):
		return nil // arn:aws:iam::123456789012:* and shorter
	case len(parts) < 6:
		return fmt.Errorf("has %d of an ARN's 6 parts, such as arn:aws:iam::123456789012:role/name", len(parts))
	case !partition.MatchString(parts[1]):
		return fmt.Errorf("has the partition %s; the usual one is aws", Quote(parts[1]))
	case parts[2] != "iam" && parts[2] != "sts" && !strings.Contains(parts[2], "*"):
		return fmt.Errorf("is an ARN of %s; only iam and sts have users and roles", Quote(parts[2]))
	case parts[3] != "" && parts[3] != "*":
		return fmt.Errorf("has the region %s; users and roles have none, so nothing stands there", Quote(parts[3]))
	case !account.MatchString(parts[4]):
		return fmt.Errorf("has the account %s; an account has 12 digits", Quote(parts[4]))
	case !principal.MatchString(parts[5]) && !strings.HasPrefix(parts[5], "*") && !wildKind(parts[5]):
		return fmt.Errorf("ends in %s; it has to be user/, role/, assumed-role/ or federated-user/ and a name, or root", Quote(parts[5]))
	case parts[2] == "iam" && strings.HasPrefix(parts[5], "assumed-role/"):
		return fmt.Errorf("has assumed-role with iam; the nearest is %s", strings.Replace(s, ":iam:", ":sts:", 1))
	case parts[2] == "sts" && (strings.HasPrefix(parts[5], "role/") || strings.HasPrefix(parts[5], "user/")):
		return fmt.Errorf("has a %s with sts; the nearest is %s", parts[5][:4], strings.Replace(s, ":sts:", ":iam:", 1))
	}
	return nil
}

// wildKind says whether the kind of principal has a * in it, as in r*.
func wildKind(s string) bool {
	kind, _, _ := strings.Cut(s, "/")
	return strings.Contains(kind, "*")
}
