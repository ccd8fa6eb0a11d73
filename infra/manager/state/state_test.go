package state_test

import (
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
	"github.com/bbf-build/bbf/infra/schema"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// clock is one that stands until it is moved.
type clock struct{ now time.Time }

func open(t *testing.T) (*testcloud.Cloud, *state.Store, *clock) {
	c, k := testcloud.New(t), &clock{noon}
	return c, state.New(c, testcloud.Bucket, testcloud.Cluster, func() time.Time { return k.now }), k
}

func deploy(c *testcloud.Cloud, max int) {
	c.Save(state.ConfigKey(testcloud.Cluster), state.Deployed{Config: schema.Config{Cluster: "acme", Workers: schema.Workers{Max: max}}})
}
