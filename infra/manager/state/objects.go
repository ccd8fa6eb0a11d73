// Package state is what a cluster keeps in its bucket, below bbf/CLUSTER/: the deployed configuration, when and by whom it was brought up,
// and when somebody last built. This file is the format; who writes what is said with each type.
package state

import (
	"time"

	"github.com/bbf-build/bbf/infra/schema"
)

// ConfigKey is the key of the deployed configuration, a Deployed.
func ConfigKey(cluster string) string { return prefix(cluster) + "config.json" }

// UpKey is the key of an Up.
func UpKey(cluster string) string { return prefix(cluster) + "state/up.json" }

// ActivityKey is the key of an Activity.
func ActivityKey(cluster string) string { return prefix(cluster) + "state/activity.json" }

func prefix(cluster string) string { return "bbf/" + cluster + "/" }

// Deployed is what `bbf setup` writes when it has ended well.
type Deployed struct {
	Config  schema.Config `json:"config"`  // with all defaults filled in
	Version string        `json:"version"` // of bbf
	By      string        `json:"by"`      // ARN of who ran setup
	At      time.Time     `json:"at"`
}

// Up is what the manager writes before it brings the cluster up, and whenever it is asked to again.
type Up struct {
	At      time.Time `json:"at"`      // when it was brought up from zero
	By      string    `json:"by"`      // ARN of who did that
	Workers int       `json:"workers"` // how many were asked for last
	Asked   time.Time `json:"asked"`   // when up was asked for last, by anybody
}

// Activity is what the gateway writes every few minutes while calls are open.
type Activity struct {
	At time.Time `json:"at"`
}
