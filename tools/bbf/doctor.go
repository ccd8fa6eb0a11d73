//go:build unix

package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/doctor"
	"github.com/bbf-build/bbf/tools/engine/sandbox"
	"github.com/bbf-build/bbf/tools/workspace"
)

const doctorLong = `Check everything that usually goes wrong: Bazel's version, the rc and its import, the engine and its sockets, the
sandbox, disk space, the clock, what leaks into actions, and whether actions really are executed. For whatever isn't
well it says what to do. The exit code is 1 when a check failed.`

func newDoctor() *cobra.Command {
	cmd := &cobra.Command{Use: "doctor", Short: "Look for everything that usually goes wrong", Long: doctorLong, Args: cli.NoArgs}
	deep := cmd.Flags().Bool("deep", false, "also build a small target with Bazel, in a scratch workspace")
	output := cli.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		p, err := patient(cmd)
		if err != nil {
			return err
		}
		return cli.Examine(cmd, output.JSON(), func(tell func(doctor.Finding)) {
			doctor.Examine(cmd.Context(), p, tell)
			if *deep && cmd.Context().Err() == nil {
				tell(doctor.Deep(cmd.Context(), p))
			}
		})
	}
	return cmd
}

func patient(cmd *cobra.Command) (doctor.Patient, error) {
	w, err := cli.FindWorkspace()
	if err != nil && !errors.As(err, new(*workspace.NotFoundError)) {
		return doctor.Patient{}, err
	}
	b, paths, err := findBackend()
	if err != nil {
		return doctor.Patient{}, err
	}
	s, err := b.Status(cmd.Context())
	if err != nil {
		return doctor.Patient{}, err
	}
	exe, _ := os.Executable() // only one of the places where Bazel's version may be found
	return doctor.Patient{Workspace: w, Exe: exe, Paths: paths, Backend: b, Status: s, Sandbox: trySandbox}, nil
}

// trySandbox finds out what an engine would find out at its start.
func trySandbox() (namespaces, overlay bool, reason string) {
	dir, err := os.MkdirTemp("", "bbf-doctor-*")
	if err != nil {
		return false, false, err.Error()
	}
	defer os.RemoveAll(dir)
	runner, facts := sandbox.New(sandbox.Options{Scratch: dir})
	if err := runner.Close(); err != nil {
		return facts.Namespaces, facts.Overlay, err.Error()
	}
	return facts.Namespaces, facts.Overlay, facts.Reason
}
