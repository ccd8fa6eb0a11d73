package doctor_test

import (
	"testing"

	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
	base "github.com/bbf-build/bbf/tools/doctor"
)

func TestDrift(t *testing.T) {
	const service, group = "AWS::ECS::Service", "AWS::EC2::SecurityGroup"
	for _, c := range []struct {
		name         string
		change       func(*cloud)
		verdict      base.Verdict
		detail, mend string
	}{
		{"WhenThereIsNone", func(*cloud) {}, base.OK, "nothing has been changed", ""},
		{"WhenTheClusterIsUp", func(h *cloud) {
			h.drift["acme-workers"] = []stacks.Drift{{Resource: "Service", Type: service, Properties: []string{"/DesiredCount"}}}
		}, base.OK, "nothing has been changed", ""},
		{"WhenTheManagerMadeTheLogGroup", func(h *cloud) {
			h.drift["acme-infra"] = []stacks.Drift{{Resource: "Logs", Type: "AWS::Logs::LogGroup", Properties: []string{"/Tags/0"}}}
		}, base.OK, "nothing has been changed", ""},
		{"WhenAServiceIsChanged", func(h *cloud) {
			h.drift["acme-workers"] = []stacks.Drift{{Resource: "Service", Type: service, Properties: []string{"/DesiredCount", "/EnableExecuteCommand"}}}
		}, base.Warn, "acme-workers/Service (AWS::ECS::Service) has another /EnableExecuteCommand", "--stack-name=acme-workers"},
		{"WhenSomethingIsGone", func(h *cloud) {
			h.drift["acme-infra"] = []stacks.Drift{{Resource: "Tasks", Type: group, Deleted: true}}
		}, base.Warn, "acme-infra/Tasks (AWS::EC2::SecurityGroup) is gone", "teardown"},
		{"WhenNothingIsSetUp", func(h *cloud) { clear(h.stacks) }, base.Warn, "isn't set up", "setup"},
		{"WhenYouMayNotLook", func(h *cloud) { h.driftErr = refusal("AccessDenied") }, base.Warn, "you lack the permission cloudformation:DetectStackDrift", "ask for"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := healthy()
			h.drift = map[string][]stacks.Drift{}
			c.change(h)
			expect(t, h.finding(t, "drift"), c.verdict, c.detail, c.mend)
		})
	}
}
