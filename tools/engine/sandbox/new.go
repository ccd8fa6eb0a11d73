package sandbox

import "log/slog"

// New finds out what this machine allows and returns the best Runner for it.
func New(o Options) (Runner, Facts) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return newRunner(o)
}
