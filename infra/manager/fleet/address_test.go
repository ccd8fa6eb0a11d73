package fleet_test

import (
	"slices"
	"testing"

	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

func TestEndpoint(t *testing.T) {
	cloud, f := start(t)
	wanted(cloud, 1, 0)
	if got := status(t, f, false).Endpoint; got != "" {
		t.Errorf("got %q before anything runs", got)
	}
	cloud.Edit(func() { cloud.Settle(testcloud.Server) })
	cloud.Calls()
	for _, want := range [][]string{
		{"DescribeServices", "ListTasks RUNNING", "DescribeTasks", "DescribeNetworkInterfaces"},
		{"DescribeServices", "ListTasks RUNNING", "DescribeTasks"}, // the address is remembered
	} {
		if got := status(t, f, false).Endpoint; got != "grpcs://"+testcloud.PublicIP+":8980" {
			t.Errorf("got %q", got)
		}
		if calls := cloud.Calls(); !slices.Equal(calls, want) {
			t.Errorf("calls %v, want %v", calls, want)
		}
	}
	cloud.Edit(func() { cloud.Task("other"); cloud.Settle(testcloud.Server) }) // another task, so perhaps another address
	status(t, f, false)
	if calls := cloud.Calls(); !slices.Contains(calls, "DescribeNetworkInterfaces") {
		t.Errorf("the new task's address wasn't looked up: %v", calls)
	}
}
