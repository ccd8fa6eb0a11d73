package cloudformation

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/bbf-build/bbf/infra/schema"
)

// The CI services that sign tokens which AWS takes (OpenID Connect).
const (
	GitHub    = "github"
	GitLab    = "gitlab"
	Buildkite = "buildkite"
)

// CI is the jobs that may build on a cluster.
type CI struct {
	Provider string // GitHub, GitLab or Buildkite
	Host     string // of a GitLab of one's own; "" for the public one

	// Project is what the jobs belong to: OWNER/REPOSITORY on GitHub, GROUP/PROJECT on GitLab, ORGANIZATION/PIPELINE on Buildkite. * matches
	// any characters, but not in place of the owner, group or organisation. On GitHub both may be followed by their number,
	// OWNER@123/REPOSITORY@456, and mean those then, whoever may take the names over.
	Project string

	// ProviderExists: the account trusts this issuer already. It can't do so twice.
	ProviderExists bool
}

// Stack returns the stack that lets the jobs in. Each provider has its own.
func (ci CI) Stack(c *schema.Config) (Stack, error) {
	subjects, err := ci.Subjects()
	if err != nil {
		return Stack{}, err
	}
	return newStack(c, KindCI, CIStackName(c, ci.Provider), map[string]string{
		"Cluster":            c.Cluster,
		"Provider":           ci.Provider,
		"Issuer":             ci.Issuer(),
		"Audience":           ci.Audience(),
		"Subjects":           strings.Join(subjects, ","),
		"ProviderExists":     strconv.FormatBool(ci.ProviderExists),
		"FunctionName":       c.AWS.Function,
		"ManagerStack":       c.AWS.Stacks.Manager,
		"Bucket":             c.AWS.Bucket,
		"PermissionBoundary": c.AWS.PermissionBoundary,
	}), nil
}

// CIStackName is the name of a provider's stack.
func CIStackName(c *schema.Config, provider string) string { return c.Cluster + "-ci-" + provider }

// CIRoleName is the name of the role that a provider's jobs assume.
func CIRoleName(c *schema.Config, provider string) string { return roleName(c, provider) }

// Issuer is who signs the tokens, without the https://. IAM knows a provider by it: the ARN is
// arn:PARTITION:iam::ACCOUNT:oidc-provider/ISSUER.
func (ci CI) Issuer() string {
	switch {
	case ci.Provider == GitHub:
		return "token.actions.githubusercontent.com"
	case ci.Provider == Buildkite:
		return "agent.buildkite.com"
	case ci.Host != "":
		return ci.Host
	}
	return "gitlab.com"
}

// Audience is whom the tokens are to be for, as the workflow asks for them.
func (ci CI) Audience() string {
	if ci.Provider == GitLab {
		return "https://" + ci.Issuer() // GitLab's documentation has it so for AWS
	}
	return "sts.amazonaws.com"
}

var (
	ownerAndRepository = regexp.MustCompile(`^[A-Za-z0-9._-]+/[A-Za-z0-9._*-]+$`)
	numberedRepository = regexp.MustCompile(`^[A-Za-z0-9._-]+@[0-9]+/[A-Za-z0-9._-]+@[0-9]+$`)
	groupAndProject    = regexp.MustCompile(`^[A-Za-z0-9._-]+(/[A-Za-z0-9._*-]+)+$`)
)

// Subjects are the patterns that the subject of a job's token is compared with:
//
//	repo:OWNER/REPOSITORY:…                   https://docs.github.com/en/actions/reference/security/oidc
//	repo:OWNER@123/REPOSITORY@456:…           the same for repositories made since July 2026
//	project_path:GROUP/PROJECT:…              https://docs.gitlab.com/ci/secrets/id_token_authentication/
//	organization:ORGANIZATION:pipeline:NAME:… https://buildkite.com/docs/pipelines/security/oidc
func (ci CI) Subjects() ([]string, error) {
	owner, name, _ := strings.Cut(ci.Project, "/")
	switch {
	case ci.Provider == GitHub && numberedRepository.MatchString(ci.Project):
		return []string{"repo:" + ci.Project + ":*"}, nil
	case ci.Provider == GitHub && ownerAndRepository.MatchString(ci.Project):
		return []string{"repo:" + ci.Project + ":*", fmt.Sprintf("repo:%s@*/%s@*:*", owner, name)}, nil
	case ci.Provider == GitLab && groupAndProject.MatchString(ci.Project):
		return []string{"project_path:" + ci.Project + ":*"}, nil
	case ci.Provider == Buildkite && ownerAndRepository.MatchString(ci.Project):
		return []string{fmt.Sprintf("organization:%s:pipeline:%s:*", owner, name)}, nil
	}
	form, known := map[string]string{GitHub: "OWNER/REPOSITORY", GitLab: "GROUP/PROJECT", Buildkite: "ORGANIZATION/PIPELINE"}[ci.Provider]
	if !known {
		return nil, fmt.Errorf("%q is no CI service that bbf knows; it knows %s, %s and %s", ci.Provider, GitHub, GitLab, Buildkite)
	}
	return nil, fmt.Errorf("%q is not of the form %s that %s needs; only what comes after the first / may have a * in it", ci.Project, form, ci.Provider)
}
