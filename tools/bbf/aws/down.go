//go:build unix

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws"
)

const downLong = `Take workers away until --to of them run, or take everything down. What then is still paid for is in docs/cost.md. The cache of a
cluster is in its workers: it goes with them.`

func newDown() *cobra.Command {
	cmd := &cobra.Command{Use: "down", Short: "Run fewer workers, or nothing", Long: downLong, Args: cli.NoArgs}
	var r aws.DownRequest
	output := cli.AddOutput(cmd)
	cmd.Flags().IntVar(&r.To, "to", 0, "so many workers stay, and the server with them; 0 takes everything down")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if r.To < 0 {
			return cli.Usage(fmt.Errorf("--to=%d: no number of workers", r.To))
		}
		h, err := find(cmd.Context())
		if err != nil {
			return err
		}
		tell, done := newEvents(cmd.ErrOrStderr())
		r.Progress = tell
		res, err := h.cluster.Down(cmd.Context(), r)
		done()
		if err != nil {
			return err
		}
		if output.JSON() {
			return cli.WriteJSON(cmd.OutOrStdout(), res)
		}
		out := cmd.OutOrStdout()
		if r.To > 0 {
			fmt.Fprintf(out, "bbf runs %d workers: %d tasks were stopped\nnext: %s\n", res.Workers.Desired, res.Stopped, cluster.Command("status"))
			return nil
		}
		fmt.Fprintf(out, "bbf is down: %d tasks were stopped\nnext: %s\n", res.Stopped, cluster.Command("up"))
		return nil
	}
	return cmd
}
