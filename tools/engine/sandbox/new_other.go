//go:build !linux

package sandbox

import "runtime"

func newRunner(o Options) (Runner, Facts) {
	reason := "there are no namespaces on " + runtime.GOOS
	if o.Disable {
		reason = "the sandbox is turned off"
	}
	return newProcesses(), Facts{Reason: reason}
}
