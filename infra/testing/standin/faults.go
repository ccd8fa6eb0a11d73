package standin

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Fault makes the next creation of a stack's resource fail, once. An empty stack or logical id stands for any.
func (c *Cloud) Fault(t testing.TB, stack, logicalID, reason string) {
	t.Helper()
	c.faultOn(t, "create", stack, logicalID, reason)
}

// FaultOnUpdate is Fault for the next change of the resource.
func (c *Cloud) FaultOnUpdate(t testing.TB, stack, logicalID, reason string) {
	t.Helper()
	c.faultOn(t, "update", stack, logicalID, reason)
}

// FaultOnDelete is Fault for the next deletion of the resource.
func (c *Cloud) FaultOnDelete(t testing.TB, stack, logicalID, reason string) {
	t.Helper()
	c.faultOn(t, "delete", stack, logicalID, reason)
}

func (c *Cloud) faultOn(t testing.TB, operation, stack, logicalID, reason string) {
	t.Helper()
	fault := map[string]any{"op": operation, "reason": reason}
	if stack != "" {
		fault["stack"] = stack
	}
	if logicalID != "" {
		fault["logical_id"] = logicalID
	}
	c.control(t, http.MethodPost, "fault", fault, nil)
}

// FailCalls makes the next calls of an action fail with an error code, such as ThrottlingException.
func (c *Cloud) FailCalls(t testing.TB, action, code string, times int) {
	t.Helper()
	fault := map[string]any{"action": action, "code": code, "times": times}
	c.control(t, http.MethodPost, "fault", fault, nil)
}

// ClearFaults forgets all faults that did not happen yet.
func (c *Cloud) ClearFaults(t testing.TB) {
	t.Helper()
	c.control(t, http.MethodDelete, "fault", nil, nil)
}

// KillLambda kills the processes of a function that run now, waits until they are gone, and returns how many there were.
// The next call starts a new one.
func (c *Cloud) KillLambda(t testing.TB, function string) int {
	t.Helper()
	var reply struct{ Killed int }
	c.control(t, http.MethodPost, "kill-lambda", map[string]any{"function": function}, &reply)
	return reply.Killed
}

// KillLambdaAt kills a function's process when it next makes a call of an action: the call was carried out, and the
// function does not hear of it.
func (c *Cloud) KillLambdaAt(t testing.TB, function, action string) {
	t.Helper()
	c.control(t, http.MethodPost, "fault", map[string]any{"kill_lambda": function, "action": action}, nil)
}

// ExpireSession makes the session of temporary keys end now.
func (c *Cloud) ExpireSession(t testing.TB, keys aws.Credentials) {
	t.Helper()
	c.control(t, http.MethodPost, "expire-session", map[string]any{"access_key": keys.AccessKeyID}, nil)
}
