//go:build unix

package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/tools/doctor"
)

// Examine prints the findings that examine tells, as they come, and sums them up. It is ErrReported when one of them is a failure.
func Examine(cmd *cobra.Command, asJSON bool, examine func(tell func(doctor.Finding))) error {
	var findings []doctor.Finding
	examine(func(f doctor.Finding) {
		findings = append(findings, f)
		if !asJSON {
			printFinding(cmd.OutOrStdout(), f)
		}
	})
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	return conclude(cmd.OutOrStdout(), findings, asJSON)
}

func printFinding(w io.Writer, f doctor.Finding) {
	fmt.Fprintf(w, "%-4s  %-18s  %s\n", f.Verdict, f.Check, f.Detail)
	if f.Mend != "" {
		fmt.Fprintf(w, "%-4s  %-18s  to mend: %s\n", "", "", f.Mend)
	}
}

// conclude sums up, and makes the exit code 1 when something failed.
func conclude(w io.Writer, findings []doctor.Finding, asJSON bool) error {
	count := map[doctor.Verdict]int{}
	for _, f := range findings {
		count[f.Verdict]++
	}
	if asJSON {
		if err := WriteJSON(w, struct {
			Healthy bool             `json:"healthy"`
			Checks  []doctor.Finding `json:"checks"`
		}{count[doctor.Fail] == 0, findings}); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(w, "%d checks: %d ok, %d to look at, %d failed\n", len(findings), count[doctor.OK], count[doctor.Warn], count[doctor.Fail])
	}
	if count[doctor.Fail] > 0 {
		return ErrReported
	}
	return nil
}
