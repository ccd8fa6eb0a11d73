//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/version"
)

// usageError is a call that can't be meant so: exit code 2.
type usageError struct{ error }

// errReported is a failure that the verb has told the user of already.
var errReported = errors.New("reported")

// errInterrupted is what ends a verb on Ctrl-C.
var errInterrupted = errors.New("interrupted")

// run is the command, apart from the process it runs in. It returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // who presses Ctrl-C again doesn't want to wait
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errReported):
		return 1
	case ctx.Err() != nil:
		err = errInterrupted
	}
	fmt.Fprintf(stderr, "bbf: %s\n", strings.TrimSpace(err.Error()))
	if next := cluster.Next(err); next != "" {
		fmt.Fprintf(stderr, "next: %s\n", next)
	}
	if errors.As(err, new(usageError)) {
		return 2
	}
	return 1
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "bbf",
		Short:         "Remote builds for Bazel, without a wrapper around it",
		Version:       version.Version,
		SilenceUsage:  true,
		SilenceErrors: true,

		SuggestionsMinimumDistance: 2,

		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		Args:              unknownVerb,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("bbf {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return cluster.WithNext(usageError{err}, cmd.CommandPath()+" --help")
	})
	root.AddCommand(newUp(), newDown(), newStatus(), newDoctor(), newEngine())
	return root
}

func unknownVerb(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := usageError{fmt.Errorf("there is no verb %q", args[0])}
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		return cluster.WithNext(err, "did you mean `bbf "+near[0]+"`?")
	}
	return cluster.WithNext(err, "bbf --help")
}

// noArgs is cobra.NoArgs with our exit code.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return cluster.WithNext(usageError{fmt.Errorf("%s takes no argument, but there is %q", cmd.CommandPath(), args[0])}, cmd.CommandPath()+" --help")
	}
	return nil
}
