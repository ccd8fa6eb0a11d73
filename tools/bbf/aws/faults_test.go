//go:build linux

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/testing/standin"
)

// TestKilled kills bbf -9 at moments that are spread over what it does, and runs it again each time: the same command ends well.
func TestKilled(t *testing.T) {
	t.Parallel()
	k := newTeam(t)
	operator := k.operator()
	for _, args := range [][]string{{"setup"}, {"up", "--workers=2"}, {"down"}, {"teardown", "--yes"}} {
		t.Run("During_"+args[0], func(t *testing.T) {
			for wait := 100 * time.Millisecond; wait < 3*time.Second; wait = wait * 5 / 2 {
				k.killAfter(wait, k.command(operator, args...))
			}
			out, errs, err := k.bbf(operator, args...)
			if err != nil {
				t.Fatalf("%v\n%s%s", err, out, errs)
			}
			switch args[0] {
			case "up":
				k.is(api.StateUp, 1, 2)
			case "down":
				k.is(api.StateDown, 0, 0)
			case "teardown":
				k.nothingIsLeft()
			}
		})
	}
}

// TestTheManagerIsKilled in the middle of an up: the command that was under way, or the next, brings the cluster up.
func TestTheManagerIsKilled(t *testing.T) {
	t.Parallel()
	k := newTeam(t)
	operator := k.operator()
	k.must(operator, "setup")
	k.cloud.KillLambdaAt(t, "acme-manager", "ecs:UpdateService")
	if _, errs, err := k.bbf(operator, "up", "--workers=2"); err != nil {
		t.Log("the first up: ", errs)
		k.must(operator, "up", "--workers=2")
	}
	k.is(api.StateUp, 1, 2)
}

// TestTasksThatDoNotCome are told in words, and mended by the next up once what was wrong is mended.
func TestTasksThatDoNotCome(t *testing.T) {
	t.Parallel()
	k := newTeam(t)
	operator := k.operator()
	k.must(operator, "setup")
	for name, c := range map[string]struct {
		images map[string]standin.ImageCommand
		says   []string
	}{
		"WhenTheWorkersImageIsNotThere": {map[string]standin.ImageCommand{"/server:": forever, "/gateway:": forever, "/redis:": forever}, []string{"an image of the workers isn't in its registry", "bbf images"}},
		"WhenAWorkerExitsAtOnce": {map[string]standin.ImageCommand{"/worker:": {Argv: []string{"sh", "-c", "exit 3"}}, "example.com/": forever},
			[]string{"worker", "exit code 3"}},
	} {
		t.Run(name, func(t *testing.T) {
			k.cloud.SetImages(t, c.images)
			out, errs, err := k.bbf(operator, "up", "--workers=1")
			if err == nil {
				t.Fatal("it is up: ", out)
			}
			for _, word := range c.says {
				if !strings.Contains(errs, word) {
					t.Errorf("nothing about %q in:\n%s", word, errs)
				}
			}
			if !strings.Contains(errs, "next: ") {
				t.Error("no way on in: ", errs)
			}
			k.must(operator, "down")
			k.cloud.SetImages(t, map[string]standin.ImageCommand{"example.com/": forever})
			k.must(operator, "up", "--workers=1")
			k.is(api.StateUp, 1, 1)
			k.must(operator, "down")
		})
	}
}
