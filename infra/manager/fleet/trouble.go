package fleet

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/bbf-build/bbf/infra/manager/api"
)

// remembered is for how long ECS shows stopped tasks.
const remembered = time.Hour

// failing says that the service's tasks fail again and again.
func (s *Service) failing(since time.Time) bool {
	if s.DesiredCount == 0 {
		return false
	}
	return s.Failed() || s.primary().FailedTasks > 1 || strings.Contains(s.trouble(since), "unable to consistently start")
}

// trouble is the last event since a moment that tells of something wrong, if the service hasn't been well after it.
func (s *Service) trouble(since time.Time) string {
	for _, e := range s.Events { // the newest first
		said := aws.ToString(e.Message)
		if aws.ToTime(e.CreatedAt).Before(since) || strings.Contains(said, "has reached a steady state") {
			return ""
		}
		if containsAny(strings.ToLower(said), []string{"unable to", "failed", "throttled", "error"}) {
			return said
		}
	}
	return ""
}

// suspicious says that a look at stopped tasks may tell something: one is stopping, or has failed, or had to be replaced.
func (s *Service) suspicious(q Question) bool {
	d := s.primary()
	switch {
	case s.alive() > int(s.DesiredCount):
		return true
	case s.DesiredCount == 0:
		return false
	case s.Failed(), d.FailedTasks > 0, s.trouble(q.Since) != "":
		return true
	case d.RolloutState != "COMPLETED":
		return false
	case s.RunningCount < s.DesiredCount:
		return true
	}
	for _, e := range s.Events {
		at := aws.ToTime(e.CreatedAt)
		if strings.Contains(aws.ToString(e.Message), "has started") && at.After(aws.ToTime(d.UpdatedAt)) && q.Now.Sub(at) < remembered {
			return true
		}
	}
	return false
}

// problem says what is wrong with a service, in words; "" when nothing is.
func (f *Fleet) problem(s *Service, failures []api.Failure, since time.Time) string {
	if s.DesiredCount == 0 {
		return ""
	}
	cause := ""
	if len(failures) > 0 {
		cause = failures[0].Reason
	}
	event := s.trouble(since)
	switch {
	case s.Failed():
		if cause == "" {
			cause = f.event(aws.ToString(s.primary().RolloutStateReason), s)
		}
		return cause + ". ECS has given up; `bbf up` makes it try again"
	case s.RunningCount >= s.DesiredCount:
		return ""
	case event != "" && (cause == "" || containsAny(event, []string{"place a task", "launch a task"})):
		return f.event(event, s)
	}
	return cause
}

// event says in words what an event says.
func (f *Fleet) event(said string, s *Service) string {
	room := "workers"
	if aws.ToString(s.ServiceName) == f.names.Server {
		room = "server"
	}
	words := explain(said)
	if words == "" {
		return said
	}
	return strings.NewReplacer("{image}", "of the "+room, "{room}", room, "{logs}", f.names.LogGroup).Replace(words) + quote(said)
}
