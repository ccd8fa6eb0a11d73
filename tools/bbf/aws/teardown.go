//go:build unix

package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws"
	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
)

const teardownLong = `Undo setup: delete everything that the cluster consists of. What goes and what stays is shown first, and the cluster's name is asked
for. The bucket and the logs stay unless --purge is given. It may be interrupted at any moment and run again.`

func newTeardown() *cobra.Command {
	cmd := &cobra.Command{Use: "teardown", Short: "Delete what the cluster consists of", Long: teardownLong, Args: cli.NoArgs}
	var r aws.TeardownRequest
	output := cli.AddOutput(cmd)
	yes := cmd.Flags().Bool("yes", false, "don't ask")
	cmd.Flags().BoolVar(&r.Purge, "purge", false, "delete the bucket and the logs too")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		h, err := find(cmd.Context())
		if err != nil {
			return err
		}
		tell, done := newEvents(cmd.ErrOrStderr())
		r.Progress = tell
		r.Confirm = func(p *deploy.TeardownPlan) error {
			done()
			printTeardownPlan(cmd.ErrOrStderr(), p)
			if *yes {
				return nil
			}
			return cli.Confirm(cmd.InOrStdin(), cmd.ErrOrStderr(), "Delete all that goes?", p.Cluster)
		}
		res, err := h.cluster.Teardown(cmd.Context(), r)
		done()
		if err != nil {
			return err
		}
		if output.JSON() {
			return cli.WriteJSON(cmd.OutOrStdout(), res)
		}
		out := cmd.OutOrStdout()
		if len(res.Gone) == 0 {
			fmt.Fprintf(out, "nothing of cluster %s is there\n", res.Cluster)
		} else {
			fmt.Fprintf(out, "cluster %s is gone\n", res.Cluster)
		}
		printThings(out, "gone", res.Gone)
		printThings(out, "stays", res.Stays)
		fmt.Fprintf(out, "next: %s\n", nextAfterTeardown(res, r.Purge))
		return nil
	}
	return cmd
}

func nextAfterTeardown(r aws.TeardownResult, purged bool) string {
	if len(r.Stays) > 0 && !purged {
		return cluster.Command("teardown", "--purge") + " deletes what stays too"
	}
	return cluster.Command("setup") + " makes it anew"
}

func printTeardownPlan(w io.Writer, p *deploy.TeardownPlan) {
	fmt.Fprintf(w, "cluster %s in account %s, region %s\n", p.Cluster, p.AccountID, p.Region)
	for _, service := range []string{deploy.ServerService, deploy.WorkersService} {
		if n := p.Running[service]; n > 0 {
			fmt.Fprintf(w, "  stops     %d running tasks of %s\n", n, service)
		}
	}
	printThings(w, "goes", p.Goes)
	printThings(w, "stays", p.Stays)
}

func printThings(w io.Writer, what string, things []deploy.Thing) {
	for _, t := range things {
		detail := ""
		if t.Detail != "" {
			detail = " (" + t.Detail + ")"
		}
		fmt.Fprintf(w, "  %-8s  %s %s%s\n", what, t.Kind, t.Name, detail)
	}
}
