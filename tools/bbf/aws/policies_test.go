//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/testing/standin"
	"github.com/bbf-build/bbf/tools/cluster/config"
)

// TestPoliciesAllowWhatIsCalledAndNothingElse lives the whole life of a cluster with the documented policies, and compares each with what its
// holder called. What CloudFormation calls in the operator's name isn't in the log: infra/cloudformation/check holds those policies against
// what the resource types say they need.
func TestPoliciesAllowWhatIsCalledAndNothingElse(t *testing.T) {
	t.Parallel()
	k := newTeamIn(t, standin.Start(t, standin.Options{Images: map[string]standin.ImageCommand{".dkr.ecr.": forever},
		Env: map[string]string{"AWSSIM_HEALTH_INTERVAL": "0.1", "AWSSIM_FARGATE_VCPUS": "100"}}))
	// Without images of its own a cluster has them in ECR, as most will.
	k.write(config.File, regexp.MustCompile(`(?m)^images: .*\n`).ReplaceAllString(k.read(config.File), ""))
	roles := k.wholeLife()

	const gateway = "by the gateway, which isn't there yet"
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
	const drift = "never: CloudFormation wants it of who looks for drift"
	const push = "by the registry's own protocol in `images`, which the stand-in doesn't hold against IAM"
	operator := k.policy(cloudformation.PolicyOperator)
	for _, p := range []struct {
		who    string
		caller string // a pattern of the ARNs
		policy string
		others map[string]string // what it allows besides, and when that is called
	}{
		{"Operator", `user/operator|assumed-role/operators/.*`, operator, map[string]string{
			"cloudformation:BatchDescribeTypeConfigurations": drift,
			"ecr:BatchCheckLayerAvailability":                push,
			"ecr:BatchGetImage":                              push,
			"ecr:CompleteLayerUpload":                        push,
			"ecr:GetAuthorizationToken":                      "in `images`: TestImages",
			"ecr:GetDownloadUrlForLayer":                     push,
			"ecr:InitiateLayerUpload":                        push,
			"ecr:PutImage":                                   push,
			"ecr:UploadLayerPart":                            push,
			"cloudformation:ContinueUpdateRollback":          "when the way back from a failed change has failed too",
			"cloudformation:DetectStackResourceDrift":        drift,
			"cloudformation:TagResource":                     "never: CloudFormation wants it of who makes a stack with tags",
			"s3:GetBucketVersioning":                         "when the bucket has other things in it",
		}},
		{"Builder", `user/builder`, k.policy(cloudformation.PolicyBuilder), nil},
		{"Reader", `user/reader`, k.policy(cloudformation.PolicyReader), nil},
		{"Job", `assumed-role/bbf-acme-eu-central-1-github/acme-1`, roles["github"], nil},
		{"Manager", `assumed-role/bbf-acme-eu-central-1-manager/acme-manager`, roles["manager"], map[string]string{
			"s3:ListBucket":        "never: S3 says only to who may list that an object isn't there",
			"logs:CreateLogStream": "by Lambda, for the manager's log",
			"logs:PutLogEvents":    "by Lambda, for the manager's log",
		}},
		{"StartOfTasks", `assumed-role/bbf-acme-eu-central-1-execution/.*`, roles["execution"], nil},
		{"Server", `assumed-role/bbf-acme-eu-central-1-server/.*`, roles["server"], map[string]string{
			"ecs:DescribeServices": gateway, "ecs:DescribeTasks": gateway, "ecs:ListTasks": gateway, "ecs:UpdateService": gateway, "s3:PutObject": gateway}},
		{"Worker", `assumed-role/bbf-acme-eu-central-1-worker/.*`, roles["worker"], map[string]string{"ecs:DescribeTasks": gateway, "ecs:ListTasks": gateway}},
	} {
		t.Run(p.who, func(t *testing.T) {
			allowed, called := actions(t, p.policy), k.in(t).called(p.caller)
			for _, a := range called {
				// The only one of all that needs no permission.
				if !slices.Contains(allowed, a) && a != "sts:GetCallerIdentity" {
					t.Errorf("%s is called, and the policy doesn't have it", a)
				}
				if when, is := p.others[a]; is {
					t.Errorf("%s is called, and not only %s", a, when)
				}
			}
			for _, a := range allowed {
				if !slices.Contains(called, a) && p.others[a] == "" {
					t.Errorf("the policy allows %s, which is never called", a)
				}
			}
			for a := range p.others {
				if !slices.Contains(allowed, a) {
					t.Errorf("the policy doesn't allow %s, and needs no reason for it", a)
				}
			}
		})
	}
}

// wholeLife is everything that people, jobs and the manager do in the life of a cluster. It returns the policies of its roles.
func (k *team) wholeLife() map[string]string {
	k.Helper()
	operator := k.operator()
	builder := k.cloud.User(k.T, "builder", k.policy(cloudformation.PolicyBuilder))
	reader := k.cloud.User(k.T, "reader", k.policy(cloudformation.PolicyReader))
	k.must(operator, "setup")
	k.must(operator, "setup") // finds nothing to change
	var made ciResult
	k.json(operator, &made, forWidgets...)

	k.elsewhere().must(operator, "status")
	k.deleteLogGroup() // the manager makes it anew
	k.must(operator, "up")
	k.must(operator, "status")
	if out := k.must(operator, "doctor"); !strings.Contains(out, "11 checks: 11 ok") {
		k.Error(out)
	}
	role := k.cloud.Role(k.T, "operators", "", k.policy(cloudformation.PolicyOperator), k.policy(cloudformation.PolicyStacks), k.policy(cloudformation.PolicyNetwork))
	k.must(k.cloud.AssumeRole(k.T, k.cloud.Root(), role, "ann"), "doctor")

	k.elsewhere().must(builder, "up", "--workers=3")
	k.elsewhere().must(reader, "status")
	token := k.cloud.Issuer(k.T, issuer).Token(k.T, map[string]any{"sub": "repo:acme/widgets:pull_request", "aud": "sts.amazonaws.com"})
	k.elsewhere().withToken(made.Role, token).must(sdk.Credentials{}, "up")
	k.must(operator, "down")

	k.must(operator, "up")
	roles := map[string]string{}
	for _, name := range []string{"manager", "execution", "server", "worker", "github"} {
		roles[name] = k.rolePolicy(name)
	}
	k.must(operator, "teardown", "--yes") // while it is up
	k.must(operator, "teardown", "--yes", "--purge")
	return roles
}

// elsewhere is the same workspace as somebody else has it, who doesn't know yet where the manager is.
func (k *team) elsewhere() *team {
	k.Helper()
	if err := os.Remove(filepath.Join(k.dir, ".bbf", "aws.json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		k.Fatal(err)
	}
	return k
}

func (k *team) deleteLogGroup() {
	k.Helper()
	client := cloudwatchlogs.NewFromConfig(k.cloud.RootConfig(k.Context()))
	if _, err := client.DeleteLogGroup(k.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &k.config.AWS.LogGroup}); err != nil {
		k.Fatal(err)
	}
}

func (k *team) policy(kind cloudformation.PolicyKind) string {
	return string(cloudformation.Policy(kind, k.config, k.cloud.AccountID))
}

// rolePolicy is the only policy of one of the cluster's roles.
func (k *team) rolePolicy(name string) string {
	k.Helper()
	client := iam.NewFromConfig(k.cloud.RootConfig(k.Context()))
	role := "bbf-acme-eu-central-1-" + name
	names, err := client.ListRolePolicies(k.Context(), &iam.ListRolePoliciesInput{RoleName: &role})
	if err != nil || len(names.PolicyNames) != 1 {
		k.Fatalf("%s: %+v, %v", role, names, err)
	}
	out, err := client.GetRolePolicy(k.Context(), &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &names.PolicyNames[0]})
	if err != nil {
		k.Fatal(err)
	}
	document, err := url.QueryUnescape(*out.PolicyDocument)
	if err != nil {
		k.Fatal(err)
	}
	return document
}

// called are the actions of the calls that some callers made, each once. None of them may have been refused.
func (k *team) called(callers string) []string {
	k.Helper()
	pattern := regexp.MustCompile(`^arn:aws:(iam|sts)::123456789012:(` + callers + `)$`)
	var theirs []standin.Request
	for _, r := range k.cloud.Requests(k.T) {
		if !pattern.MatchString(r.Caller) {
			continue
		}
		theirs = append(theirs, r)
		// Of a bucket that isn't there S3 says so, whoever asks.
		if len(r.Checks) == 0 && r.Status != http.StatusNotFound {
			k.Errorf("a call of %s wasn't checked: %+v", r.Caller, r)
		}
		for _, c := range r.Checks {
			if !c.Allowed {
				k.Errorf("%s may not %s on %s", r.Caller, c.Action, c.Resource)
			}
		}
	}
	return standin.Actions(theirs)
}

// actions are those that a policy allows.
func actions(t *testing.T, policy string) []string {
	t.Helper()
	var document struct {
		Statement []struct{ Action any }
	}
	if err := json.Unmarshal([]byte(policy), &document); err != nil {
		t.Fatalf("%v in %s", err, policy)
	}
	var all []string
	for _, s := range document.Statement {
		switch a := s.Action.(type) {
		case string:
			all = append(all, a)
		case []any:
			for _, one := range a {
				all = append(all, one.(string))
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
