//go:build linux

package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster/aws"
)

// TestTheLifeOfACluster is what an operator does with nothing but the documented policies, from an empty account back to one.
func TestTheLifeOfACluster(t *testing.T) {
	t.Parallel() // they mostly wait
	k := newTeam(t)
	operator := k.operator()
	out := k.must(operator, "setup")
	if !strings.Contains(out, "bbf is set up: cluster acme in eu-central-1") || !strings.Contains(out, "acme-workers: made") {
		t.Fatal(out)
	}
	if out = k.must(operator, "setup"); !strings.Contains(out, "set up already") {
		t.Fatal("the second time: ", out)
	}
	k.is(api.StateDown, 0, 0)

	var up aws.UpResult
	k.json(operator, &up, "up", "--workers=3")
	if !up.Started || up.Endpoint == "" || up.Workers.Running != 3 {
		t.Fatalf("%+v", up)
	}
	k.is(api.StateUp, 1, 3)
	k.json(operator, &up, "up", "--workers=5")
	k.is(api.StateUp, 1, 5)
	k.must(operator, "down", "--to=2")
	k.is(api.StateUp, 1, 2)
	if out = k.must(operator, "setup"); !strings.Contains(out, "set up already") {
		t.Fatal("while it runs: ", out)
	}
	k.is(api.StateUp, 1, 2)
	k.must(operator, "down")
	k.is(api.StateDown, 0, 0)

	if out = k.must(operator, "teardown", "--yes"); !strings.Contains(out, "stays     bucket acme-builds") {
		t.Fatal(out)
	}
	k.nothingIsLeft()
	if out = k.must(operator, "teardown", "--yes", "--purge"); !strings.Contains(out, "gone      bucket acme-builds") {
		t.Fatal(out)
	}
	if out = k.must(operator, "teardown", "--yes"); !strings.Contains(out, "nothing of cluster acme is there") {
		t.Fatal("the second time: ", out)
	}
}

// is checks what `status` says.
func (k *team) is(state string, servers, workers int) {
	k.Helper()
	var s api.Status
	k.json(k.cloud.Root(), &s, "status")
	if s.State != state || s.Server.Running != servers || s.Workers.Running != workers || len(s.Workers.Tasks) != workers {
		k.Fatalf("want %s with %d and %d tasks, got %+v", state, servers, workers, s)
	}
}

// nothingIsLeft looks with the root user's eyes.
func (k *team) nothingIsLeft() {
	k.Helper()
	cfg := k.cloud.RootConfig(k.Context())
	all, err := cloudformation.NewFromConfig(cfg).DescribeStacks(k.Context(), &cloudformation.DescribeStacksInput{})
	if err != nil {
		k.Fatal(err)
	}
	for _, s := range all.Stacks {
		if s.StackStatus != cfntypes.StackStatusDeleteComplete {
			k.Error("left over: stack ", *s.StackName, s.StackStatus)
		}
	}
	roles, err := iam.NewFromConfig(cfg).ListRoles(k.Context(), &iam.ListRolesInput{})
	if err != nil {
		k.Fatal(err)
	}
	for _, r := range roles.Roles {
		if strings.Contains(*r.RoleName, "acme") {
			k.Error("left over: role ", *r.RoleName)
		}
	}
	clusters, err := ecs.NewFromConfig(cfg).ListClusters(k.Context(), &ecs.ListClustersInput{})
	if err != nil {
		k.Fatal(err)
	}
	if i := slices.IndexFunc(clusters.ClusterArns, func(arn string) bool { return strings.HasSuffix(arn, "/acme") }); i >= 0 {
		k.Error("left over: ", clusters.ClusterArns[i])
	}
}
