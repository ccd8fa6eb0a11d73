//go:build unix

package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/engine"
)

func newStatus() *cobra.Command {
	cmd := &cobra.Command{Use: "status", Short: "Show what runs, since when, and what it does", Args: cli.NoArgs}
	output := cli.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		b, _, err := findBackend()
		if err != nil {
			return err
		}
		s, err := b.Status(cmd.Context())
		if err != nil {
			return err
		}
		if output.JSON() {
			return cli.WriteJSON(cmd.OutOrStdout(), s)
		}
		printStatus(cmd.OutOrStdout(), s, time.Now())
		return nil
	}
	return cmd
}

func printStatus(w io.Writer, s cluster.Status, now time.Time) {
	if s.State != cluster.StateUp {
		fmt.Fprintln(w, "bbf is down")
		if s.Problem != "" {
			fmt.Fprintf(w, "  %s\n", s.Problem)
		}
		fmt.Fprintf(w, "next: %s\n", cluster.Command("up"))
		return
	}
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-9s %s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(w, "bbf is up: engine %s, pid %d, since %s (%s)\n", s.Version, s.PID, s.Started.Local().Format("2006-01-02 15:04:05"), cli.Ago(now.Sub(s.Started)))
	if s.Problem != "" {
		line("problem", "%s; next: %s", s.Problem, cluster.Command("up"))
	}
	line("endpoint", "%s", s.Endpoint)
	if s.Listen != "" {
		line("", "%s", s.Listen)
	}
	line("sandbox", "%s", sandboxText(s.Sandbox))
	if s.Sandbox.Reason != "" {
		line("", "%s", s.Sandbox.Reason)
	}
	line("actions", "%d running in %d slots, %d queued; %d executed, %d of them failed", len(s.Running), s.Slots, s.Queued, s.Executed, s.Failed)
	for _, r := range s.Running {
		line("", "%7s  %s", cli.Ago(now.Sub(r.Since)), running(r))
	}
	c := s.Cache
	line("cache", "%s of %s, %d blobs, %d evicted, in %s", cli.Bytes(c.Bytes), cli.Bytes(c.MaxBytes), c.Blobs, c.Evicted, c.Dir)
	line("hits", "%s", hitRate(s.Hits))
	if s.Resident > 0 {
		line("memory", "%s", cli.Bytes(s.Resident))
	}
}

func running(r engine.Running) string {
	switch {
	case r.Mnemonic != "" && r.Target != "":
		return r.Mnemonic + " " + r.Target
	case r.Mnemonic+r.Target != "":
		return r.Mnemonic + r.Target
	}
	return r.Action
}

func hitRate(h engine.Hits) string {
	all := h.ActionHits + h.ActionMisses
	if all == 0 {
		return "no look-ups yet"
	}
	return fmt.Sprintf("%.1f%% (%d of %d look-ups)", 100*float64(h.ActionHits)/float64(all), h.ActionHits, all)
}

func sandboxText(s engine.Sandbox) string {
	return s.Kind + ", inputs by " + s.Inputs
}
