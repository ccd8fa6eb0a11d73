//go:build unix

// Package cli is what bbf's programs have in common: one calls Run with its verbs. Results go to stdout, progress and errors to
// stderr; the exit code is 0 when the verb did what it says, 1 when it didn't, and 2 when it was called wrongly.
package cli

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

// UsageError is a call that can't be meant so: exit code 2.
type UsageError struct{ error }

// Usage makes an error a UsageError.
func Usage(err error) error { return UsageError{err} }

// ErrReported is a failure that the verb has told the user of already.
var ErrReported = errors.New("reported")

// errInterrupted is what ends a verb on Ctrl-C.
var errInterrupted = errors.New("interrupted")

// Run is a program with these verbs, apart from the process it runs in. It returns the exit code.
func Run(verbs []*cobra.Command, args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // who presses Ctrl-C again doesn't want to wait
	root := newRoot(verbs)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, ErrReported):
		return 1
	case ctx.Err() != nil:
		err = errInterrupted
	}
	fmt.Fprintf(stderr, "bbf: %s\n", strings.TrimSpace(err.Error()))
	if next := cluster.Next(err); next != "" {
		fmt.Fprintf(stderr, "next: %s\n", next)
	}
	if errors.As(err, new(UsageError)) {
		return 2
	}
	return 1
}

func newRoot(verbs []*cobra.Command) *cobra.Command {
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
		return cluster.WithNext(UsageError{err}, cmd.CommandPath()+" --help")
	})
	root.AddCommand(verbs...)
	return root
}

func unknownVerb(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := UsageError{fmt.Errorf("there is no verb %q", args[0])}
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		return cluster.WithNext(err, "did you mean `bbf "+near[0]+"`?")
	}
	return cluster.WithNext(err, "bbf --help")
}

// NoArgs is cobra.NoArgs with our exit code.
func NoArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return cluster.WithNext(UsageError{fmt.Errorf("%s takes no argument, but there is %q", cmd.CommandPath(), args[0])}, cmd.CommandPath()+" --help")
	}
	return nil
}
