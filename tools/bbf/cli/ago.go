//go:build unix

package cli

import (
	"fmt"
	"time"
)

// Ago writes a duration with one or two units, as people say it.
func Ago(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%dms", max(0, d.Milliseconds()))
	case d < time.Minute:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm%ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh%dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours())/24)
}

// Seconds writes a number of seconds like Ago.
func Seconds(s float64) string { return Ago(time.Duration(s * float64(time.Second))) }
