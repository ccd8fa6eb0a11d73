package doctor_test

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	base "github.com/bbf-build/bbf/tools/doctor"
)

func TestPermissions(t *testing.T) {
	for _, c := range []struct {
		name         string
		change       func(*cloud)
		verdict      base.Verdict
		detail, mend string
	}{
		{"WhenYouHaveThem", func(*cloud) {}, base.OK, "you have all", ""},
		{"WhenYouLackOne", func(h *cloud) { h.deny = []string{"iam:PassRole"} }, base.Warn, "need 1 permissions that you lack: iam:PassRole", "operator's policies"},
		{"WhenYouMayNotSimulate", func(h *cloud) { h.iamErr = refusal("AccessDenied") }, base.Warn, "may not ask IAM", "ask for it"},
		{"WhenTheRoleIsNotFound", func(h *cloud) {
			h.arn = "arn:aws:sts::111122223333:assumed-role/x/ann"
			h.iamErr = refusal("NoSuchEntity")
		}, base.Warn, "doesn't find arn:aws:iam::111122223333:role/x", "iam:GetRole"},
		{"WhenYouAreRoot", func(h *cloud) { h.arn = "arn:aws:iam::111122223333:root" }, base.Warn, "root user", "use a role"},
		{"WhenYouAreFederated", func(h *cloud) { h.arn = "arn:aws:sts::111122223333:federated-user/ann" }, base.Warn, "can't simulate", "use a user or a role"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := healthy()
			c.change(h)
			expect(t, h.finding(t, "permissions"), c.verdict, c.detail, c.mend)
		})
	}
	t.Run("WhenTheCallerIsASession", func(t *testing.T) {
		h := healthy()
		h.arn = "arn:aws:sts::111122223333:assumed-role/team/ann"
		expect(t, h.finding(t, "permissions"), base.OK, "", "")
		if got := aws.ToString(h.simulated[0].PolicySourceArn); got != "arn:aws:iam::111122223333:role/people/team" {
			t.Errorf("simulated %s, which isn't the role with its path", got)
		}
	})
	t.Run("WhenAStatementHasResourcesAndConditions", func(t *testing.T) {
		h := healthy()
		h.finding(t, "permissions")
		asked := map[string]*iam.SimulatePrincipalPolicyInput{}
		for _, q := range h.simulated {
			for _, action := range q.ActionNames {
				asked[action] = q
			}
		}
		q := asked["lambda:InvokeFunctionUrl"]
		if q == nil || !reflect.DeepEqual(q.ResourceArns, []string{"arn:aws:lambda:eu-west-1:111122223333:function:acme-manager"}) || len(q.ContextEntries) != 1 ||
			aws.ToString(q.ContextEntries[0].ContextKeyName) != "lambda:FunctionUrlAuthType" || q.ContextEntries[0].ContextKeyValues[0] != "AWS_IAM" {
			t.Errorf("asked %+v", q)
		}
		if asked["iam:PassRole"] == nil || asked["cloudformation:CreateChangeSet"] == nil {
			t.Error("the rights that CloudFormation uses, or those of the operator, weren't asked for")
		}
	})
}
