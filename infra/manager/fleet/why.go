package fleet

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// told says that a task stopped because fewer are wanted, or another replaces it: that is no failure.
func told(t types.Task) bool {
	reason := strings.ToLower(aws.ToString(t.StoppedReason))
	switch t.StopCode {
	case types.TaskStopCodeUserInitiated:
		return true
	case types.TaskStopCodeServiceSchedulerInitiated:
		return !strings.Contains(reason, "health check")
	}
	return strings.HasPrefix(reason, "scaling activity")
}

// why says in words why a task stopped and what to do, with ECS's own words behind.
func (f *Fleet) why(t types.Task) string {
	said := aws.ToString(t.StoppedReason)
	culprit := culprit(t)
	if r := aws.ToString(culprit.Reason); r != "" && !strings.Contains(said, r) {
		said = strings.TrimSpace(said + " " + r)
	}
	words := explain(said + " " + string(t.StopCode))
	if words == "" && culprit.ExitCode != nil {
		return f.fill(fmt.Sprintf("its container %s %s; see its log", aws.ToString(culprit.Name), ended(*culprit.ExitCode)), t, culprit)
	}
	if words == "" {
		return f.fill("it stopped; see its log", t, culprit) + quote(said)
	}
	return f.fill(words, t, culprit) + quote(said)
}

// fill puts in what the words leave open.
func (f *Fleet) fill(words string, t types.Task, c types.Container) string {
	group, _ := strings.CutPrefix(aws.ToString(t.Group), "service:")
	room := "workers"
	if group == f.names.Server {
		room = "server"
	}
	image := aws.ToString(c.Image)
	if image == "" {
		image = "of the " + room
	}
	log := fmt.Sprintf("its log, the stream …/%s/%s in the group %s", aws.ToString(c.Name), id(t), f.names.LogGroup)
	return strings.NewReplacer("{image}", image, "{room}", room, "{logs}", f.names.LogGroup, "its log", log).Replace(words)
}

// culprit is the container that a task stopped for: with it all others are stopped too, and they end with the signals' codes.
func culprit(t types.Task) types.Container {
	var worst types.Container
	for _, c := range t.Containers {
		if worst.Name == nil || guilt(c) > guilt(worst) {
			worst = c
		}
	}
	return worst
}

func guilt(c types.Container) int {
	switch {
	case c.Reason != nil:
		return 5
	case c.HealthStatus == types.HealthStatusUnhealthy:
		return 4
	case c.ExitCode == nil:
		return 0
	}
	switch *c.ExitCode {
	case terminated:
		return 0
	case 0:
		return 1
	case killed:
		return 2
	}
	return 3
}

// Exit codes of who was ended by a signal: 128 and the signal's number.
const (
	killed     = 137 // SIGKILL
	crashed    = 139 // SIGSEGV
	terminated = 143 // SIGTERM
)

func ended(code int32) string {
	switch code {
	case 0:
		return "ended by itself, and is to run for ever"
	case 126:
		return "couldn't start: its command is no program (exit code 126)"
	case 127:
		return "couldn't start: its command isn't in the image (exit code 127)"
	case killed:
		return "was killed (exit code 137), most often for its memory"
	case crashed:
		return "crashed (exit code 139)"
	case terminated:
		return "was stopped from outside (exit code 143)"
	}
	return fmt.Sprintf("ended with exit code %d", code)
}

// quote is ECS's own words, cut where they get long.
func quote(said string) string {
	if said == "" {
		return ""
	}
	if r := []rune(said); len(r) > 300 {
		said = string(r[:300]) + "…"
	}
	return " (ECS: " + said + ")"
}
