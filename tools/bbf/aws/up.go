//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws"
	"github.com/bbf-build/bbf/tools/workspace"
)

const upLong = `Bring the cluster up and wait until it runs. Without --workers as many workers run as before, or the default of bbf.yaml when none
did. Calling it again, or by several people at once, does no harm. Ctrl-C ends the waiting only: the cluster goes on starting.
Nobody has to take it down: without builds it does that itself after ` + "`idle`" + ` of bbf.yaml.`

func newUp() *cobra.Command {
	cmd := &cobra.Command{Use: "up", Short: "Bring the cluster up", Long: upLong, Args: cli.NoArgs}
	var r aws.UpRequest
	output := cli.AddOutput(cmd)
	workers := cmd.Flags().Int("workers", 0, "so many workers")
	cmd.Flags().BoolVar(&r.Force, "force", false, "replace everything that runs by new tasks")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		h, err := find(cmd.Context())
		if err != nil {
			return err
		}
		n := h.config.Workers.Default
		if cmd.Flags().Changed("workers") {
			if *workers < h.config.Workers.Min || *workers > h.config.Workers.Max {
				return cli.Usage(fmt.Errorf("--workers=%d: bbf.yaml allows %d to %d (workers.min, workers.max)", *workers, h.config.Workers.Min, h.config.Workers.Max))
			}
			n, r.Workers = *workers, workers
		}
		hour := planned(h.config, n)
		fmt.Fprintf(cmd.ErrOrStderr(), "bbf: an hour of %s will cost %s\n", taskCount(n), hour)
		tell, done := newEvents(cmd.ErrOrStderr())
		r.Progress = tell
		res, err := h.cluster.Up(cmd.Context(), r)
		done()
		if err != nil {
			return err
		}
		if err := point(cmd.Context(), h); err != nil {
			return err
		}
		if output.JSON() {
			return cli.WriteJSON(cmd.OutOrStdout(), struct {
				aws.UpResult
				Cost *bill `json:"cost"`
			}{res, newBill(hourly(h.config.AWS.Region, res.Status), nil, time.Now())})
		}
		printUp(cmd.OutOrStdout(), h.config.AWS.Region, res)
		return nil
	}
	return cmd
}

// point makes --config=bbf known to the workspace. The way from Bazel to the cluster, with its certificates, isn't in this version: builds with
// the config run on this machine.
func point(ctx context.Context, h here) error {
	exe, _ := os.Executable() // only one of the places where Bazel's version may be found
	if _, err := h.workspace.EnsureImport(); err != nil {
		return err
	}
	rc := workspace.RC{Bazel: workspace.FindBazel(ctx, h.workspace, exe)}
	c := workspace.Cluster{Schema: 1, Backend: aws.Name, Cluster: h.config.Cluster, ExecProperties: map[string]string{}}
	if _, err := h.workspace.Write(rc, c); err != nil {
		return err
	}
	return h.workspace.KeepProgram(exe)
}

func taskCount(workers int) string {
	if workers == 1 {
		return "the server and 1 worker"
	}
	return fmt.Sprintf("the server and %d workers", workers)
}

func printUp(w io.Writer, region string, r aws.UpResult) {
	what := "runs already"
	if r.Started {
		what = "is up"
	}
	fmt.Fprintf(w, "bbf %s: cluster %s, %d of %d workers, after %s\n", what, r.Cluster, r.Workers.Running, r.Workers.Desired, cli.Seconds(r.TookSeconds))
	printFacts(w, region, r.Status, time.Now())
	for _, n := range r.Notes {
		fmt.Fprintf(w, "note: %s\n", n)
	}
	fmt.Fprintln(w, "note: this version of bbf has no way for Bazel to the cluster yet: builds with --config=bbf run on this machine")
	fmt.Fprintf(w, "next: %s\n", cluster.Command("status"))
}

// printFacts is what `up` and `status` have in common.
func printFacts(w io.Writer, region string, s api.Status, now time.Time) {
	if s.Endpoint != "" {
		fmt.Fprintf(w, "  endpoint  %s\n", s.Endpoint)
	}
	if s.Since != nil {
		fmt.Fprintf(w, "  since     %s (%s), by %s\n", s.Since.Local().Format("2006-01-02 15:04:05"), cli.Ago(now.Sub(*s.Since)), s.By)
	}
	hour := hourly(region, s)
	fmt.Fprintf(w, "  cost      %s an hour", hour)
	if s.Since != nil && hour.USD() > 0 {
		fmt.Fprintf(w, ", %s since then if all of it ran all the time", hour.For(now.Sub(*s.Since)))
	}
	fmt.Fprintln(w)
}
