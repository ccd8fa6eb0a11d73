package function

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/fleet"
	"github.com/bbf-build/bbf/infra/manager/state"
)

// refusal is an answer that isn't 200.
type refusal struct {
	status int
	body   api.Error
}

func (r *refusal) Error() string { return r.body.Message }

func refuse(status int, code, next, format string, args ...any) *refusal {
	return &refusal{status, api.Error{Code: code, Message: fmt.Sprintf(format, args...), Next: next}}
}

// refused is the answer that an error makes: what failed and why, and what to do.
func (f *Function) refused(ctx context.Context, err error) *refusal {
	var r *refusal
	if errors.As(err, &r) {
		return r
	}
	if errors.Is(err, state.ErrNotDeployed) || errors.Is(err, fleet.ErrNotSetUp) {
		return refuse(http.StatusConflict, "not_set_up", "bbf setup", "the cluster isn't set up to its end: %v", err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return refuse(http.StatusGatewayTimeout, "timeout", "run the same command again", "AWS didn't answer in time")
	}
	id := requestID(ctx)
	var said smithy.APIError
	if !errors.As(err, &said) {
		return refuse(http.StatusInternalServerError, "internal", "run the same command again", "the manager failed: %v (request %s in its log)", err, id)
	}
	code := said.ErrorCode()
	if _, ok := retry.DefaultThrottleErrorCodes[code]; ok {
		return refuse(http.StatusServiceUnavailable, "throttled", "wait a minute and run the same command again",
			"AWS limits how often this account calls it (%s), and did so several times in a row", code)
	}
	switch code {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation":
		return refuse(http.StatusInternalServerError, "denied", "bbf setup",
			"the manager's own role may not do what it has to: %v", err)
	}
	return refuse(http.StatusInternalServerError, "aws", "run the same command again", "AWS refused: %v (request %s in the manager's log)", err, id)
}
