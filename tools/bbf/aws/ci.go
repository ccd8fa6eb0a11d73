//go:build unix

package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws"
	"github.com/bbf-build/bbf/tools/cluster/aws/ci"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

const ciLong = `Let the jobs of one repository use the cluster, without any key: a CloudFormation stack with a role that trusts the tokens of the CI
service for that repository, and the workflow file that brings the cluster up, builds with --config=bbf and leaves the rest to
` + "`idle`" + `. docs/ci.md has more.`

func newCI() *cobra.Command {
	cmd := &cobra.Command{Use: "ci", Short: "Let CI jobs use the cluster, and write their workflow", Long: ciLong, Args: cli.NoArgs}
	var jobs cloudformation.CI
	w := ci.Workflow{}
	output := cli.AddOutput(cmd)
	yes := cmd.Flags().Bool("yes", false, "don't ask")
	cmd.Flags().StringVar(&jobs.Provider, "provider", "", "github, gitlab or buildkite")
	cmd.Flags().StringVar(&jobs.Project, "repository", "", "`OWNER/REPOSITORY`, GROUP/PROJECT or ORGANIZATION/PIPELINE")
	cmd.Flags().StringVar(&jobs.Host, "host", "", "`host` of a GitLab of your own")
	cmd.Flags().StringVar(&w.Targets, "targets", "", "what is built and tested (default //...)")
	cmd.Flags().StringVar(&w.Branch, "branch", "", "the `branch` whose pushes are built (default main)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if jobs.Provider == "" || jobs.Project == "" {
			return cluster.WithNext(cli.Usage(errors.New("which CI service, and which repository?")),
				cluster.Command("ci", "--provider=github", "--repository=OWNER/REPOSITORY"))
		}
		h, err := find(cmd.Context())
		if err != nil {
			return err
		}
		tell, done := newEvents(cmd.ErrOrStderr())
		role, err := h.cluster.CI(cmd.Context(), aws.CIRequest{Jobs: jobs, Progress: tell, Confirm: func(p *stacks.Plan) error {
			done()
			if p.Removes != "" {
				fmt.Fprintf(cmd.ErrOrStderr(), "  remove    the failed stack %s, which is %s\n", p.Stack, p.Removes)
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "  %-8s  stack %s%s\n", p.Action, p.Stack, counted(p))
			if *yes {
				return nil
			}
			return cli.Confirm(cmd.InOrStdin(), cmd.ErrOrStderr(), "Let jobs of "+jobs.Project+" use the cluster?", "yes")
		}})
		done()
		if err != nil {
			return err
		}
		w.Config, w.CI, w.RoleARN = h.config, jobs, role
		path, changed, err := w.Write(h.workspace.Root)
		if err != nil {
			return err
		}
		if output.JSON() {
			return cli.WriteJSON(cmd.OutOrStdout(), struct {
				Role    string `json:"role"`
				File    string `json:"file"`
				Changed bool   `json:"changed"`
				Next    string `json:"next"`
			}{role, path, changed, w.Next()})
		}
		fmt.Fprintf(cmd.OutOrStdout(), "jobs of %s may use the cluster\n  role      %s\n  workflow  %s\nnext: %s\n", jobs.Project, role, path, w.Next())
		return nil
	}
	return cmd
}
