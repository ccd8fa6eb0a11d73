package cloudformation_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/cloudformation"
)

func TestSubjects(t *testing.T) {
	tests := []struct {
		name, provider, project string
		want                    []string
	}{
		{"GitHub", cloudformation.GitHub, "acme/engine", []string{"repo:acme/engine:*", "repo:acme@*/engine@*:*"}},
		{"GitHubByNumber", cloudformation.GitHub, "acme@12/engine@34", []string{"repo:acme@12/engine@34:*"}},
		{"AllRepositories", cloudformation.GitHub, "acme/*", []string{"repo:acme/*:*", "repo:acme@*/*@*:*"}},
		{"GitLab", cloudformation.GitLab, "acme/tools/engine", []string{"project_path:acme/tools/engine:*"}},
		{"Buildkite", cloudformation.Buildkite, "acme/engine", []string{"organization:acme:pipeline:engine:*"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := cloudformation.CI{Provider: test.provider, Project: test.project}.Subjects()
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestProjectsThatAreRefused(t *testing.T) {
	for _, test := range []struct{ name, provider, project, want string }{
		{"WhenItIsEverybodys", cloudformation.GitHub, "*/engine", "OWNER/REPOSITORY"},
		{"WhenTheOwnerIsLeftOpen", cloudformation.GitHub, "acme*/engine", "OWNER/REPOSITORY"},
		{"WhenItHasNoOwner", cloudformation.Buildkite, "engine", "ORGANIZATION/PIPELINE"},
		{"WhenTheGroupIsLeftOpen", cloudformation.GitLab, "*/engine", "GROUP/PROJECT"},
		{"WhenItWouldBeTwoSubjects", cloudformation.GitLab, "acme/a,acme/b", "GROUP/PROJECT"},
		{"WhenTheServiceIsUnknown", "jenkins", "acme/engine", "knows github, gitlab and buildkite"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := cloudformation.CI{Provider: test.provider, Project: test.project}.Subjects()
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, and says nothing of %q", err, test.want)
			}
		})
	}
}

// Whose tokens get the role. The tools of infra/cloudformation/check don't know the claims of tokens.
func TestTrust(t *testing.T) {
	const issuer = "token.actions.githubusercontent.com"
	c := clusters()["plain"]
	stacks := c.stacks(t)
	text := c.resources(t, stacks[len(stacks)-1])["Role"].Properties["AssumeRolePolicyDocument"].(string)
	trust := statements(t, []byte(text))
	if len(trust) != 1 || trust[0].Action != "sts:AssumeRoleWithWebIdentity" {
		t.Fatalf("the trust policy is %s", text)
	}
	for _, test := range []struct {
		name, subject, audience string
		want                    bool
	}{
		{"Branch", "repo:acme/engine:ref:refs/heads/main", "sts.amazonaws.com", true},
		{"PullRequest", "repo:acme/engine:pull_request", "sts.amazonaws.com", true},
		{"NumberedRepository", "repo:acme@12/engine@34:ref:refs/heads/main", "sts.amazonaws.com", true},
		{"WhenTheRepositoryBeginsAlike", "repo:acme/engine-2:ref:refs/heads/main", "sts.amazonaws.com", false},
		{"WhenTheOwnerBeginsAlike", "repo:acme-2/engine:ref:refs/heads/main", "sts.amazonaws.com", false},
		{"WhenTheOwnerIsAnother", "repo:evil@12/engine@34:ref:refs/heads/main", "sts.amazonaws.com", false},
		{"WhenTheRepositoryIsAnother", "repo:acme@12/other@34:ref:refs/heads/main", "sts.amazonaws.com", false},
		{"WhenTheTokenIsForAnotherService", "repo:acme/engine:ref:refs/heads/main", "https://github.com/acme", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := trust[0].Condition["StringEquals"][issuer+":aud"] == test.audience &&
				slices.ContainsFunc(list(trust[0].Condition["StringLike"][issuer+":sub"]), func(pattern string) bool { return like(pattern, test.subject) })
			if got != test.want {
				t.Errorf("it gets the role: %v; the trust policy is %s", got, text)
			}
		})
	}
}

// like is IAM's StringLike.
func like(pattern, text string) bool {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$").MatchString(text)
}
