//go:build unix

package main

import (
	"io"
	"strings"

	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster/aws"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
)

// newEvents shows what goes on: resources and tasks that are under way as a live list on a terminal, and as lines elsewhere.
func newEvents(stderr io.Writer) (tell progress.Func, done func()) {
	live := cli.NewLive(stderr)
	return func(e aws.Event) {
		line := e.Name + ": " + strings.ToLower(strings.ReplaceAll(e.State, "_", " "))
		if e.Detail != "" {
			line += " (" + e.Detail + ")"
		}
		live.Show(e.Kind+e.Name, line, ended(e))
	}, live.Done
}

// ended tells whether nothing more is to be expected of what an event is about.
func ended(e aws.Event) bool {
	switch e.Kind {
	case progress.KindTask:
		return e.State == "running" || e.State == aws.TaskStopped
	case progress.KindService:
		return false
	case progress.KindStep:
		return true
	}
	return !strings.HasSuffix(e.State, "_IN_PROGRESS")
}
