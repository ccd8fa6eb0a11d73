package standin

import (
	"net/http"
	"slices"
	"testing"
)

// Request is an API call that somebody made, in the order of their ends.
type Request struct {
	Time    float64 `json:"time"`    // seconds since 1970
	Caller  string  `json:"caller"`  // an ARN, or "anonymous"
	Service string  `json:"service"` // "ecs"
	Status  int     `json:"status"`  // of HTTP
	Error   string  `json:"error"`   // why the caller was not believed: "SignatureDoesNotMatch", …
	Checks  []Check `json:"checks"`  // at least one
}

// Check is one question put to IAM; most requests have one.
type Check struct {
	Action   string `json:"action"`   // "ecs:UpdateService"
	Resource string `json:"resource"` // an ARN or "*"
	Allowed  bool   `json:"allowed"`
}

// Actions returns the actions of the requests, sorted, each once.
func Actions(requests []Request) []string {
	var actions []string
	for _, r := range requests {
		for _, c := range r.Checks {
			actions = append(actions, c.Action)
		}
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

// Requests returns every API call since the start or the last ClearRequests. Calls that CloudFormation makes on
// somebody's behalf are not among them; what ECS asks of ECR and Logs with an execution role's rights is.
func (c *Cloud) Requests(t testing.TB) []Request {
	t.Helper()
	var requests []Request
	c.control(t, http.MethodGet, "requests", nil, &requests)
	return requests
}

// ClearRequests forgets the requests so far.
func (c *Cloud) ClearRequests(t testing.TB) {
	t.Helper()
	c.control(t, http.MethodDelete, "requests", nil, nil)
}
