package deploy_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
)

// The callers. The operator's credentials make the calls of all of them.
const (
	ann  = "arn:aws:iam::123456789012:user/ann"
	bob  = "arn:aws:iam::123456789012:user/bob"
	ops1 = "arn:aws:sts::123456789012:assumed-role/Ops/ann@example.com"
	ops2 = "arn:aws:sts::123456789012:assumed-role/Ops/bob@example.com"
)

// as is somebody's bbf: with a configuration of their own, which allows so many workers.
func (r *rig) as(arn string, most int) *rig {
	d, config := *r.Deployer, *r.Config
	config.Workers.Max, d.Caller.ARN, d.Config = most, arn, &config
	return &rig{Deployer: &d, cloud: r.cloud, manager: r.manager}
}

// deploys is a setup by somebody whose workspace remembers what it has seen.
func (r *rig) deploys(t *testing.T, seen string, more ...func(*deploy.SetupRequest)) (deploy.SetupResult, error) {
	t.Helper()
	request := deploy.SetupRequest{Manager: r.manager, Commands: healthy, Seen: seen}
	for _, change := range more {
		change(&request)
	}
	return r.Setup(t.Context(), request)
}

func force(r *deploy.SetupRequest) { r.Force = true }

// deployed checks whose configuration is deployed.
func (r *rig) deployed(t *testing.T, by string, most int) {
	t.Helper()
	if d, err := deploy.ReadDeployed(t.Context(), r.Bucket); err != nil || d.By != by || d.Config.Workers.Max != most {
		t.Errorf("deployed: %+v, %v; want that of %s with %d workers", d, err, by, most)
	}
}

func refused(t *testing.T, err error, says, next string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(cluster.Next(err), next) {
		t.Errorf("%v; next: %s; want it to say %q and %q", err, cluster.Next(err), says, next)
	}
}

func TestSeveralWhoDeploy(t *testing.T) {
	r := newRig(t)
	var first string // digest of what was deployed first
	var err error
	must := func(t *testing.T, by string, most int, seen string, more ...func(*deploy.SetupRequest)) string {
		t.Helper()
		res, err := r.as(by, most).deploys(t, seen, more...)
		if err != nil {
			t.Fatalf("%v; next: %s", err, cluster.Next(err))
		}
		r.deployed(t, by, most)
		return res.Digest
	}
	first = must(t, ops1, 10, "")

	t.Run("AnotherSessionOfTheSameRole", func(t *testing.T) { must(t, ops2, 11, "") })
	t.Run("SomebodyElseWhoHasSeenNothing", func(t *testing.T) {
		_, err = r.as(bob, 12).deploys(t, "")
		refused(t, err, "bbf.yaml differs from what "+ops2+" deployed on ", "--force")
		refused(t, err, ": workers.max 12 here, 11 there", "git pull")
		r.deployed(t, ops2, 11)
		must(t, bob, 12, "", force)
	})
	t.Run("SomebodyElseWhoHasSeenIt", func(t *testing.T) {
		d, err := deploy.ReadDeployed(t.Context(), r.Bucket)
		if err != nil {
			t.Fatal(err)
		}
		must(t, ann, 13, d.Digest)
	})
	t.Run("TheSameWhoHasSeenAnOlderOne", func(t *testing.T) {
		_, err = r.as(ann, 14).deploys(t, first)
		refused(t, err, "after this workspace was last in step with it: workers.max 14 here, 13 there", "--force")
		r.deployed(t, ann, 13)
	})
	t.Run("WhoeverHasTheSameFile", func(t *testing.T) {
		if res, err := r.as(bob, 13).deploys(t, first); err != nil || res.Changed || res.Digest == first {
			t.Errorf("%+v, %v", res, err)
		}
	})
	t.Run("WhileThePlanIsThoughtAbout", func(t *testing.T) {
		_, err := r.as(ann, 20).deploys(t, "", func(q *deploy.SetupRequest) {
			q.Confirm = func(*deploy.Plan) error { must(t, bob, 21, "", force); return nil }
		})
		refused(t, err, bob+" has deployed something else meanwhile, so nothing was changed: workers.max 20 here, 21 there", "--force")
		r.deployed(t, bob, 21)
	})
	t.Run("AtTheSameTime", func(t *testing.T) {
		_, err := r.atTheSameTime(t, func() { must(t, ann, 31, "", force) })
		refused(t, err, ann+" has set the cluster up at the same time, from another bbf.yaml, and some of it may be theirs now, some yours: workers.max 30 here, 31 there", "agree on one bbf.yaml")
		r.deployed(t, ann, 31)
	})
	t.Run("AtTheSameTimeFromTheSameFile", func(t *testing.T) {
		if res, err := r.atTheSameTime(t, func() { must(t, ann, 30, "", force) }); err != nil || res.Digest == "" {
			t.Errorf("%+v, %v", res, err)
		}
	})
}

// atTheSameTime is a setup by bob with 30 workers, during which another one ends just before it does.
func (r *rig) atTheSameTime(t *testing.T, other func()) (deploy.SetupResult, error) {
	var once sync.Once
	b := r.as(bob, 30)
	b.Progress = func(e progress.Event) {
		if e.Name == "configuration" {
			once.Do(other)
		}
	}
	return b.deploys(t, "", force)
}
