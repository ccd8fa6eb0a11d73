package cluster

import (
	"errors"
	"os"
	"strings"
)

// hinted is an error with the next thing to do.
type hinted struct {
	error
	next string
}

func (h *hinted) Unwrap() error { return h.error }

// WithNext adds the next thing to do to an error, for the user to read below it.
func WithNext(err error, next string) error {
	return &hinted{err, next}
}

// Next returns what WithNext added, the outermost first; "" when nothing did.
func Next(err error) string {
	var h *hinted
	if errors.As(err, &h) {
		return h.next
	}
	return ""
}

// Command writes a verb the way the user would type it: through Bazel when Bazel started us.
func Command(verb string, args ...string) string {
	words := []string{"bbf", verb}
	if os.Getenv("BUILD_WORKSPACE_DIRECTORY") != "" {
		words = []string{"bazel run @bbf//:" + verb}
		if len(args) > 0 {
			words = append(words, "--")
		}
	}
	return strings.Join(append(words, args...), " ")
}
