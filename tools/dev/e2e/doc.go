// Package e2e builds whole workspaces through bbf with a real Bazel, the way a user does: up, build, test, down.
//
// Its tests run when $BBF_E2E_BAZEL names the Bazel to use:
//
//	BBF_E2E_BAZEL=$PWD/tools/dev/bazel go test -v ./tools/dev/e2e
//
// Every workspace is built in a copy under the user's cache folder, with a home and a bbf cache of its own. Bazel's output
// bases stay there, so that a second run compiles little.
package e2e
