//go:build unix

package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster"
)

func newStatus() *cobra.Command {
	cmd := &cobra.Command{Use: "status", Short: "Show what runs, since when, and what it costs", Args: cli.NoArgs}
	output := cli.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		h, err := find(cmd.Context())
		if err != nil {
			return err
		}
		s, err := h.cluster.Status(cmd.Context())
		if err != nil {
			return err
		}
		now := time.Now()
		if output.JSON() {
			return cli.WriteJSON(cmd.OutOrStdout(), struct {
				api.Status
				Cost *bill `json:"cost"`
			}{s, newBill(hourly(h.config.AWS.Region, s), s.Since, now)})
		}
		printStatus(cmd.OutOrStdout(), h.config.AWS.Region, s, now)
		return nil
	}
	return cmd
}

func printStatus(w io.Writer, region string, s api.Status, now time.Time) {
	fmt.Fprintf(w, "bbf is %s: cluster %s\n", s.State, s.Cluster)
	if s.Problem != "" {
		fmt.Fprintf(w, "  problem   %s\n", s.Problem)
	}
	if s.State != api.StateDown {
		printFacts(w, region, s, now)
	}
	printService(w, "server", s.Server, now)
	printService(w, "workers", s.Workers, now)
	fmt.Fprintf(w, "  you       %s, %s\n", s.Caller.ARN, s.Caller.Role)
	next := cluster.Command("down")
	if s.State == api.StateDown {
		next = cluster.Command("up")
	}
	fmt.Fprintf(w, "next: %s\n", next)
}

// shown is how many tasks that are well `status` lists: of 200 nobody reads them all.
const shown = 10

func printService(w io.Writer, name string, s api.Service, now time.Time) {
	stopped := max(0, s.Desired-s.Running-s.Pending)
	fmt.Fprintf(w, "  %-9s %d running, %d pending, %d stopped, of %d wanted\n", name, s.Running, s.Pending, stopped, s.Desired)
	well := 0
	for _, t := range s.Tasks {
		if t.State == api.TaskRunning {
			if well++; well > shown {
				continue
			}
		}
		fmt.Fprintf(w, "            %-8.8s  %-8s  %-12s  %s\n", t.ID, t.State, t.Zone, cli.Ago(now.Sub(t.Since)))
	}
	if well > shown {
		fmt.Fprintf(w, "            and %d more that run\n", well-shown)
	}
	for _, f := range s.Failures {
		fmt.Fprintf(w, "            failed    %-8.8s  %s ago: %s\n", f.Task, cli.Ago(now.Sub(f.At)), f.Reason)
	}
}
