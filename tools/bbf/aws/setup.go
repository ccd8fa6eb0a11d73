//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/infra/ec2"
	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws"
	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/doctor"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

const setupLong = `Make what the cluster of bbf.yaml consists of, or change it to what bbf.yaml says now: a bucket, the manager's code and four
CloudFormation stacks. What would change is shown first, and asked about. Nothing runs afterwards that did not run before.
It may be interrupted at any moment and run again. It needs rights to make IAM roles: docs/aws.md has the policy.`

// managerVariable is set by `bazel run @bbf//:setup` to where Bazel has built the manager.
const managerVariable = "BBF_MANAGER"

func newSetup() *cobra.Command {
	cmd := &cobra.Command{Use: "setup", Short: "Make what the cluster consists of, or change it", Long: setupLong, Args: cli.NoArgs}
	output := cli.AddOutput(cmd)
	yes := cmd.Flags().Bool("yes", false, "don't ask")
	force := cmd.Flags().Bool("force", false, "deploy over what somebody else has deployed meanwhile")
	manager := cmd.Flags().String("manager", os.Getenv(managerVariable), "`file` of the manager's program for Linux; bazel run @bbf//:setup knows it")
	commands := cmd.Flags().StringArray("command", nil, "`CONTAINER=ARG,ARG…`: run this instead of what the image says; for tests")
	_ = cmd.Flags().MarkHidden("command")
	policy := cmd.Flags().String("policy", "", "print an IAM policy and change nothing: `KIND` is operator, stacks, network (an operator needs these three), builder or reader")
	account := cmd.Flags().String("account", "", "`ID` of the account that --policy is for (default: yours)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		h, err := find(cmd.Context())
		if err != nil {
			return err
		}
		if *policy != "" {
			return printPolicy(cmd.Context(), h, *policy, *account, cmd.OutOrStdout())
		}
		if *manager == "" {
			return cluster.WithNext(errors.New("setup uploads the manager's program, and doesn't know where that is"), "bazel run @bbf//:setup, or --manager=FILE")
		}
		r := aws.SetupRequest{SetupRequest: deploy.SetupRequest{Manager: *manager, Force: *force, Commands: parseCommands(*commands)}}
		r.Check = func(ctx context.Context) error { return doctor.CheckNetwork(ctx, h.config, ec2.New(h.sdk)) }
		tell, done := newEvents(cmd.ErrOrStderr())
		r.Progress = tell
		r.Confirm = func(p *deploy.Plan) error {
			done()
			printPlan(cmd.ErrOrStderr(), p)
			if *yes {
				return nil
			}
			return cli.Confirm(cmd.InOrStdin(), cmd.ErrOrStderr(), "Change this?", "yes")
		}
		res, err := h.cluster.Setup(cmd.Context(), r)
		done()
		if err != nil {
			return err
		}
		if output.JSON() {
			return cli.WriteJSON(cmd.OutOrStdout(), res)
		}
		printSetup(cmd.OutOrStdout(), res)
		return nil
	}
	return cmd
}

func parseCommands(flags []string) map[string][]string {
	commands := map[string][]string{}
	for _, f := range flags {
		name, args, _ := strings.Cut(f, "=")
		commands[name] = strings.Split(args, ",")
	}
	return commands
}

func printPlan(w io.Writer, p *deploy.Plan) {
	fmt.Fprintf(w, "cluster %s in account %s, region %s\n", p.Cluster, p.AccountID, p.Region)
	if p.MakesBucket {
		fmt.Fprintf(w, "  add       bucket %s\n", p.Bucket)
	}
	if p.DeployedAt != nil {
		for _, d := range p.Differences {
			fmt.Fprintf(w, "  setting   %s: %s, was %s (deployed by %s on %s)\n", d.Field, d.Here, d.Deployed, p.DeployedBy, deploy.Day(*p.DeployedAt))
		}
	}
	for _, s := range p.Stacks {
		fmt.Fprintf(w, "  %-8s  stack %s%s\n", s.Action, s.Stack, counted(s))
		if s.Action == stacks.ActionUpdate {
			for _, c := range s.Changes {
				fmt.Fprintf(w, "            %-13s %s (%s) %s\n", c.Action, c.Resource, c.Type, strings.Join(c.Properties, ", "))
			}
		}
	}
	for _, n := range p.Notes {
		fmt.Fprintf(w, "note: %s\n", n)
	}
}

func counted(p *stacks.Plan) string {
	if p.Action != stacks.ActionCreate {
		return ""
	}
	return fmt.Sprintf(": %d resources", len(p.Changes))
}

func printSetup(w io.Writer, r aws.SetupResult) {
	if r.Changed {
		fmt.Fprintf(w, "bbf is set up: cluster %s in %s\n", r.Cluster, r.Region)
	} else {
		fmt.Fprintf(w, "bbf is set up already: cluster %s in %s is as bbf.yaml says\n", r.Cluster, r.Region)
	}
	names := make([]string, 0, len(r.Stacks))
	for name := range r.Stacks {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(w, "  stack     %s: %s\n", name, done[r.Stacks[name]])
	}
	fmt.Fprintf(w, "  bucket    %s\n  manager   %s\n", r.Bucket, r.FunctionURL)
	for _, n := range r.Notes {
		fmt.Fprintf(w, "note: %s\n", n)
	}
	fmt.Fprintf(w, "next: %s\n", cluster.Command("up"))
}

var done = map[string]string{stacks.ActionCreate: "made", stacks.ActionUpdate: "changed", stacks.ActionNone: "as it was"}
