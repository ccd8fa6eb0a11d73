package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/tools/doctor"
)

// IAM is what is called of IAM. It needs iam:SimulatePrincipalPolicy and iam:GetRole on the caller.
type IAM interface {
	SimulatePrincipalPolicy(context.Context, *iam.SimulatePrincipalPolicyInput, ...func(*iam.Options)) (*iam.SimulatePrincipalPolicyOutput, error)
	GetRole(context.Context, *iam.GetRoleInput, ...func(*iam.Options)) (*iam.GetRoleOutput, error)
}

// shown is how many permissions are named: who lacks more lacks the policies.
const shown = 8

// permissions asks IAM which of the operator's permissions the caller lacks. Only who sets the cluster up needs them all: up, status and
// down need to call the manager and nothing else, so lacking some is no failure.
func permissions(ctx context.Context, p Patient, who caller) doctor.Finding {
	source, why := principal(ctx, p.IAM, who)
	if source == "" {
		return why
	}
	var policies [][]byte
	for _, kind := range cloudformation.PolicyKinds {
		if kind != cloudformation.PolicyReader && kind != cloudformation.PolicyBuilder {
			policies = append(policies, cloudformation.Policy(kind, p.Config, who.account))
		}
	}
	grants, err := grantsOf(policies...)
	if err != nil {
		return warn("not checked: "+err.Error(), "tell the makers of bbf")
	}
	var missing []string
	n := 0
	for _, g := range grants {
		lacking, err := simulate(ctx, p.IAM, source, g)
		switch {
		case denied(err):
			return warn("not checked: you may not ask IAM what you may do (iam:SimulatePrincipalPolicy)", "ask for it, or attach the operator's policies of docs/aws.md and try setup")
		case code(err) == "NoSuchEntity":
			return warn("not checked: IAM doesn't find "+source, "allow iam:GetRole, so that the role's path can be found")
		case err != nil:
			return unchecked(err, "iam:SimulatePrincipalPolicy")
		}
		missing = append(missing, lacking...)
		n += len(g.actions)
	}
	slices.Sort(missing)
	missing = slices.Compact(missing)
	if len(missing) == 0 {
		return ok(fmt.Sprintf("you have all %d permissions that setup and teardown need", n))
	}
	some, more := missing, ""
	if len(missing) > shown {
		some, more = missing[:shown], ", …"
	}
	return warn(fmt.Sprintf("setup and teardown need %d permissions that you lack: %s%s", len(missing), strings.Join(some, ", "), more),
		"attach the operator's policies of docs/aws.md; up, status and down don't need it")
}

// simulate returns the actions of the grant that IAM would refuse.
func simulate(ctx context.Context, api IAM, source string, g grant) (lacking []string, err error) {
	pages := iam.NewSimulatePrincipalPolicyPaginator(api, &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: &source, ActionNames: g.actions, ResourceArns: g.resources, ContextEntries: g.context})
	seen := map[string]bool{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.EvaluationResults {
			action := aws.ToString(r.EvalActionName)
			if r.EvalDecision != types.PolicyEvaluationDecisionTypeAllowed && !seen[action] {
				seen[action] = true
				lacking = append(lacking, action)
			}
		}
	}
	return lacking, nil
}

// principal returns the ARN that IAM can simulate: a user's or a role's. A session's ARN has the name of its role without the path,
// and only IAM knows the path.
func principal(ctx context.Context, api IAM, who caller) (source string, why doctor.Finding) {
	a, err := arn.Parse(who.arn)
	if err != nil {
		return "", warn("not checked: "+who.arn+" is no ARN", "try again")
	}
	kind, name, _ := strings.Cut(a.Resource, "/")
	switch {
	case a.Resource == "root":
		return "", warn("you are the account's root user, who may do everything", "use a role: nothing that bbf does needs root")
	case a.Service == "iam" && kind == "user":
		return who.arn, why
	case kind != "assumed-role":
		return "", warn("not checked: IAM can't simulate "+who.arn, "use a user or a role")
	}
	role, _, _ := strings.Cut(name, "/")
	out, err := api.GetRole(ctx, &iam.GetRoleInput{RoleName: &role})
	if err == nil && out.Role != nil {
		return aws.ToString(out.Role.Arn), why
	}
	return fmt.Sprintf("arn:%s:iam::%s:role/%s", a.Partition, a.AccountID, role), why // right unless the role has a path
}
