package stacks_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

func (c *cloud) drift(t *testing.T) {
	s := stack("drifting")
	if _, _, err := c.deploy(t, s); err != nil {
		t.Fatal(err)
	}
	api := c.API.(stacks.DriftAPI)
	if found, err := c.Client.Drift(t.Context(), api, s.Name); err != nil || len(found) > 0 {
		t.Errorf("of a fresh stack: %+v, %v", found, err)
	}
	logs := cloudwatchlogs.NewFromConfig(c.Config(c.Root()))
	if _, err := logs.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &s.Name, RetentionInDays: aws.Int32(30)}); err != nil {
		t.Fatal(err)
	}
	found, err := c.Client.Drift(t.Context(), api, s.Name)
	if err != nil || len(found) != 1 || found[0].Resource != "Logs" || !slices.Contains(found[0].Properties, "/RetentionInDays") {
		t.Errorf("after a change by hand: %+v, %v", found, err)
	}
}
