package manager

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/refusal"
)

// Error is an answer that isn't 200: the manager's own, or one that Lambda gave before the manager saw the call.
type Error struct {
	Answer  api.Error
	HTTP    int
	Manager bool // said it
}

func (e *Error) Error() string { return e.Answer.Message }

// unreachable is a call without an answer.
type unreachable struct{ error }

func (u *unreachable) Unwrap() error { return u.error }

// Stale says whether a call failed in a way that it would if the URL is of a manager that isn't there any more.
func Stale(err error) bool {
	var e *Error
	if errors.As(err, &e) {
		return !e.Manager && (e.HTTP == http.StatusForbidden || e.HTTP == http.StatusNotFound)
	}
	return errors.As(err, new(*unreachable))
}

// maxSkew is how far off a clock may be for Lambda's signature check, less the time that a call takes.
const maxSkew = 4*time.Minute + 45*time.Second

// refused turns an answer into an error with words and, where there is one, the next command.
func refused(res *http.Response, body []byte, now time.Time) error {
	e := &Error{HTTP: res.StatusCode}
	if json.Unmarshal(body, &e.Answer) == nil && e.Answer.Code != "" {
		e.Manager = true
		if e.Answer.Next != "" {
			return cluster.WithNext(e, e.Answer.Next)
		}
		return e
	}
	e.Answer.Code, _, _ = strings.Cut(res.Header.Get("X-Amzn-Errortype"), ":")
	says := strings.TrimSpace(e.Answer.Message) // encoding/json takes "Message" for "message" too
	if says == "" {
		says = res.Status
	}
	switch what, next := refusal.Words(e.Answer.Code, says); {
	case res.StatusCode == http.StatusTooManyRequests:
		e.Answer.Message = "the manager is called too often (Lambda throttles it): " + says
		return cluster.WithNext(e, "wait a minute and run the same command again")
	case res.StatusCode == http.StatusForbidden && skewed(res, now) != 0:
		e.Answer.Message = fmt.Sprintf("the clock of this machine is %s, so AWS takes the call for an old one: %s", off(skewed(res, now)), says)
		return cluster.WithNext(e, "set the clock: sudo timedatectl set-ntp true")
	case res.StatusCode == http.StatusForbidden && (next == "" || strings.HasPrefix(what, "IAM refused")):
		e.Answer.Message = "IAM refused the call of the manager: it needs lambda:InvokeFunctionUrl and lambda:InvokeFunction on it: " + says
		return cluster.WithNext(e, "ask whoever gives out permissions for the reader or builder policy of docs/aws.md, or use another profile: AWS_PROFILE=NAME")
	case next != "":
		e.Answer.Message = what + ": " + says
		return cluster.WithNext(e, next)
	}
	e.Answer.Message = fmt.Sprintf("the manager failed (HTTP %d): %s", res.StatusCode, says)
	return cluster.WithNext(e, "run the same command again; "+cluster.Command("doctor")+" looks for the cause")
}

// skewed is by how much this machine's clock is ahead of AWS's, 0 when that is no problem.
func skewed(res *http.Response, now time.Time) time.Duration {
	theirs, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return 0
	}
	if d := now.Sub(theirs); d.Abs() > maxSkew {
		return d
	}
	return 0
}

func off(d time.Duration) string {
	if d < 0 {
		return (-d).Round(time.Second).String() + " behind"
	}
	return d.Round(time.Second).String() + " ahead"
}

// passing says whether the same call may succeed in a moment.
func passing(err error) bool {
	var e *Error
	if errors.As(err, &e) {
		switch e.HTTP {
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			return true
		case http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
			return !e.Manager // it tried again itself
		}
		return false
	}
	var dns *net.DNSError
	return errors.As(err, new(*unreachable)) && !(errors.As(err, &dns) && dns.IsNotFound)
}
