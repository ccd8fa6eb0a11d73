package fleet_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/manager/fleet"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

func want(workers int, redeploy bool) fleet.Want {
	return fleet.Want{Workers: workers, Retention: 14, Redeploy: func(*fleet.Service) bool { return redeploy }}
}

func up(t *testing.T, f *fleet.Fleet, w fleet.Want) (*fleet.Services, error) {
	t.Helper()
	now, err := f.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return now, f.Up(t.Context(), now, w)
}

func desired(t *testing.T, c *testcloud.Cloud, server, workers int32) {
	t.Helper()
	if s, w := c.Services[testcloud.Server].DesiredCount, c.Services[testcloud.Workers].DesiredCount; s != server || w != workers {
		t.Errorf("server %d, workers %d are wanted; should be %d and %d", s, w, server, workers)
	}
}

func TestUp(t *testing.T) {
	t.Run("FromZero", func(t *testing.T) {
		c, f := start(t)
		now, err := up(t, f, want(3, true))
		if err != nil || now.Server.DesiredCount != 1 || now.Workers.DesiredCount != 3 {
			t.Errorf("got %+v, %v", now, err)
		}
		desired(t, c, 1, 3)
		order := []string{"DescribeServices", "CreateLogGroup", "UpdateService server", "UpdateService workers", "DescribeServices"}
		if calls := c.Calls(); !slices.Equal(calls, order) {
			t.Errorf("calls %v, want %v", calls, order)
		}
	})
	t.Run("WhenAllIsAsWanted", func(t *testing.T) {
		c, f := start(t)
		wanted(c, 1, 3)
		if _, err := up(t, f, want(3, false)); err != nil {
			t.Error(err)
		}
		if calls := c.Calls(); slices.ContainsFunc(calls, func(s string) bool { return s != "DescribeServices" }) {
			t.Errorf("calls %v", calls)
		}
	})
	t.Run("WhenAllIsAsWantedButItIsForced", func(t *testing.T) {
		c, f := start(t)
		wanted(c, 1, 3)
		if _, err := up(t, f, want(3, true)); err != nil || c.Forced[testcloud.Server] != 1 || c.Forced[testcloud.Workers] != 1 {
			t.Errorf("%v, %v", c.Forced, err)
		}
	})
	t.Run("WhenTheLogGroupIsGone", func(t *testing.T) {
		c, f := start(t)
		c.Edit(func() { clear(c.Logs) })
		if _, err := up(t, f, want(1, false)); err != nil || c.Logs[testcloud.LogGroup] != 14 {
			t.Errorf("groups %v, %v", c.Logs, err)
		}
	})
	t.Run("WhenTheLogGroupCantBeMade", func(t *testing.T) {
		c, f := start(t)
		c.Fail("CreateLogGroup", testcloud.Refused("AccessDeniedException"))
		if _, err := up(t, f, want(1, false)); err == nil {
			t.Error("no error, though every task would fail")
		}
		desired(t, c, 0, 0)
	})
	t.Run("WhenTheWorkersFailAndItIsRunAgain", func(t *testing.T) {
		c, f := start(t)
		c.Fail("UpdateService workers", testcloud.Refused("ServerException"))
		if _, err := up(t, f, want(2, false)); err == nil {
			t.Error("no error")
		}
		desired(t, c, 1, 0)
		if _, err := up(t, f, want(2, false)); err != nil {
			t.Error(err)
		}
		desired(t, c, 1, 2)
	})
	t.Run("WhenAServiceGoesAway", func(t *testing.T) {
		c, f := start(t)
		c.Fail("UpdateService server", &types.ServiceNotActiveException{})
		if _, err := up(t, f, want(2, false)); !errors.Is(err, fleet.ErrNotSetUp) {
			t.Errorf("got %v", err)
		}
	})
}

func TestDown(t *testing.T) {
	for _, c := range []struct {
		name            string
		to              int
		server, workers int32
		updates         []string
	}{
		{"ToNothing", 0, 0, 0, []string{"UpdateService workers", "UpdateService server"}},
		{"ToFewer", 2, 1, 2, []string{"UpdateService workers"}},
		{"ToAsMany", 5, 1, 5, nil},
		{"NeverToMore", 9, 1, 5, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud, f := start(t)
			wanted(cloud, 1, 5)
			now, err := f.Services(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Down(t.Context(), now, c.to); err != nil {
				t.Error(err)
			}
			desired(t, cloud, c.server, c.workers)
			updates := slices.DeleteFunc(cloud.Calls(), func(s string) bool { return s == "DescribeServices" })
			if !slices.Equal(updates, c.updates) {
				t.Errorf("calls %v, want %v", updates, c.updates)
			}
		})
	}
}
