//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/local"
	"github.com/bbf-build/bbf/tools/workspace"
)

const upLong = `Start the engine on this machine, or join the one that runs; wait until it has really executed an action; and
point this workspace at it: .bbf/bazelrc is written, and .bazelrc imports it. From then on
	bazel build --config=bbf //...
builds with it. Calling it again does no harm. All workspaces of a user share one engine.`

func newUp() *cobra.Command {
	cmd := &cobra.Command{Use: "up", Short: "Start what builds run on, and point this workspace at it", Long: upLong, Args: cli.NoArgs}
	var r cluster.UpRequest
	var cache cli.Size
	output := cli.AddOutput(cmd)
	cmd.Flags().StringVar(&r.Listen, "listen", "", "also listen on this `address` of the loopback device (127.0.0.1:PORT), for clients that can't use the socket")
	cmd.Flags().Var(&cache, "cache-size", "let the cache grow to this size, like 20G; the least recently used goes first")
	cmd.Flags().IntVar(&r.Slots, "slots", 0, "run so many actions at once (default: as many as there are cores)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		r.CacheSize = int64(cache)
		return up(cmd.Context(), r, output.JSON(), cmd.OutOrStdout(), cmd.ErrOrStderr())
	}
	return cmd
}

// upResult is the JSON of `up`.
type upResult struct {
	cluster.Status
	Workspace     string   `json:"workspace"`
	Started       bool     `json:"started"`
	ProbeSeconds  float64  `json:"probeSeconds"`
	ImportAdded   bool     `json:"importAdded"`  // to .bazelrc, just now
	FilesChanged  bool     `json:"filesChanged"` // of .bbf/, just now
	BazelVersion  string   `json:"bazelVersion"`
	Notes         []string `json:"notes"`
	NextCommand   string   `json:"next"`
	TookSeconds   float64  `json:"tookSeconds"`
	platformKnown bool
}

func up(ctx context.Context, r cluster.UpRequest, asJSON bool, stdout, stderr io.Writer) error {
	start := time.Now()
	if r.Slots < 0 || r.Slots > 10_000 {
		return cli.Usage(fmt.Errorf("--slots=%d: no number of actions that could run at once", r.Slots))
	}
	w, err := cli.FindWorkspace()
	if err != nil {
		return err
	}
	b, _, err := findBackend()
	if err != nil {
		return err
	}
	out := upResult{Workspace: w.Root, NextCommand: "bazel build --config=" + workspace.Config + " //...", platformKnown: w.KnowsBBF()}
	r.Workspace = w.Root
	r.Commit = func(res cluster.UpResult) error { return point(ctx, w, res.Status, &out) }
	tell, done := cli.NewProgress(stderr)
	r.Progress = tell
	res, err := b.Up(ctx, r)
	done()
	if err != nil {
		return err
	}
	out.Status, out.Started, out.Notes = res.Status, res.Started, append([]string{}, res.Notes...)
	out.ProbeSeconds, out.TookSeconds = res.Probe.Seconds(), time.Since(start).Seconds()
	if !out.platformKnown {
		out.Notes = append(out.Notes, `the workspace doesn't know bbf, so builds use Bazel's own platform: add bazel_dep(name = "bbf", …) to MODULE.bazel for ours`)
	}
	if asJSON {
		return cli.WriteJSON(stdout, out)
	}
	printUp(stdout, out)
	return nil
}

// point writes the workspace's files, the rc that points to the engine last of all.
func point(ctx context.Context, w workspace.Workspace, s cluster.Status, out *upResult) (err error) {
	exe, _ := os.Executable() // only one of the places where Bazel's version may be found
	bazel := workspace.FindBazel(ctx, w, exe)
	out.BazelVersion = bazel.String()
	rc := workspace.RC{Endpoint: s.Endpoint, Bazel: bazel, Slots: s.Slots}
	if out.platformKnown {
		rc.Platform = "@bbf//:platform"
	}
	if out.ImportAdded, err = w.EnsureImport(); err != nil {
		return err
	}
	out.FilesChanged, err = w.Write(rc, workspace.Cluster{Schema: 1, Backend: local.Name, Cluster: local.Name, ExecProperties: map[string]string{}})
	if err == nil {
		err = w.KeepProgram(exe)
	}
	return err
}

func printUp(w io.Writer, r upResult) {
	what := "runs already"
	if r.Started {
		what = "is up"
	}
	s := r.Status
	fmt.Fprintf(w, "bbf %s: engine %s, pid %d, %d slots, sandbox: %s\n", what, s.Version, s.PID, s.Slots, sandboxText(s.Sandbox))
	if s.Sandbox.Reason != "" {
		fmt.Fprintf(w, "            %s\n", s.Sandbox.Reason)
	}
	fmt.Fprintf(w, "  endpoint  %s\n", s.Endpoint)
	if s.Listen != "" {
		fmt.Fprintf(w, "            %s (every user of this machine can reach it)\n", s.Listen)
	}
	fmt.Fprintf(w, "  probe     an action was executed in %s\n", cli.Seconds(r.ProbeSeconds))
	fmt.Fprintf(w, "  workspace %s\n", r.Workspace)
	if r.ImportAdded {
		fmt.Fprintf(w, "  .bazelrc  added the line: %s\n", workspace.ImportLine)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(w, "note: %s\n", n)
	}
	fmt.Fprintf(w, "next: %s\n", r.NextCommand)
}
