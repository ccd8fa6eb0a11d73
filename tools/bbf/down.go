//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/workspace"
)

const downLong = `Stop the engine. Actions that run have a few seconds to end. Builds with --config=bbf run locally then, in all
workspaces that were pointed at the engine. The cache stays for the next time.`

func newDown() *cobra.Command {
	cmd := &cobra.Command{Use: "down", Short: "Stop it; builds run locally then", Long: downLong, Args: cli.NoArgs}
	purge := cmd.Flags().Bool("purge", false, "empty the cache too")
	output := cli.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return down(cmd.Context(), *purge, output.JSON(), cmd.OutOrStdout(), cmd.ErrOrStderr())
	}
	return cmd
}

// downResult is the JSON of `down`.
type downResult struct {
	Stopped    bool     `json:"stopped"` // false when nothing ran
	Workspaces []string `json:"workspaces"`
	Purged     int64    `json:"purgedBytes"`
	Next       string   `json:"next"`
}

func down(ctx context.Context, purge, asJSON bool, stdout, stderr io.Writer) error {
	w, err := cli.FindWorkspace()
	if err != nil && !errors.As(err, new(*workspace.NotFoundError)) {
		return err
	}
	b, _, err := findBackend()
	if err != nil {
		return err
	}
	out := downResult{Workspaces: []string{}, Next: cluster.Command("up")}
	tell, done := cli.NewProgress(stderr)
	res, err := b.Down(ctx, cluster.DownRequest{Purge: purge, Progress: tell, Commit: func(r cluster.DownResult) (err error) {
		out.Workspaces, err = disarm(w, r)
		return err
	}})
	done()
	if err != nil {
		return err
	}
	out.Stopped, out.Purged = res.WasUp, res.Purged
	if asJSON {
		return cli.WriteJSON(stdout, out)
	}
	if out.Stopped {
		fmt.Fprintln(stdout, "bbf is down: the engine was stopped")
	} else {
		fmt.Fprintln(stdout, "bbf is down: no engine was running")
	}
	for _, root := range out.Workspaces {
		fmt.Fprintf(stdout, "  builds with --config=%s run locally now in %s\n", workspace.Config, root)
	}
	if purge {
		fmt.Fprintf(stdout, "  the cache was emptied: %s\n", cli.Bytes(out.Purged))
	}
	fmt.Fprintf(stdout, "next: %s\n", out.Next)
	return nil
}

// disarm makes the rc of every workspace that points to the engine inert, this one's whatever it points to, and
// returns where there was something to do. A workspace that can't be written doesn't keep the others from it.
func disarm(here workspace.Workspace, r cluster.DownResult) ([]string, error) {
	changed, errs := []string{}, []error{}
	do := func(w workspace.Workspace, endpoint string) {
		did, err := w.MakeInert(endpoint)
		if did {
			changed = append(changed, w.Root)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	if here.Root != "" {
		do(here, "")
	}
	for _, root := range slices.DeleteFunc(r.Workspaces, func(root string) bool { return root == here.Root }) {
		do(workspace.Workspace{Root: root}, r.Endpoint)
	}
	return changed, errors.Join(errs...)
}
