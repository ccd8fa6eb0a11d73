# The steps of tools/dev/test, in the order that they run in. Each is a function that fails when something is wrong.
# shellcheck disable=SC2034 # tools/dev/test reads it
steps="format modules gazelle buildifier docs vet staticcheck templates unit race bazel e2e"

# What the tools cost to build is paid once a machine: go run keeps them in Go's cache.
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2
buildifier=github.com/bazelbuild/buildtools/buildifier@v0.0.0-20250930140053-2eb4fccefb52

step_format() {
  unformatted=$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l)
  echo "$unformatted"
  [ -z "$unformatted" ]
}

# What is generated from go.mod is up to date, and go.mod itself is tidy.
step_modules() {
  go mod tidy -diff
  go run ./tools/dev/gomodules -check
}

step_gazelle() { tools/dev/gazelle -mode=diff; }

step_buildifier() {
  git ls-files -co --exclude-standard | grep -E '(^|/)(BUILD|MODULE|WORKSPACE)(\.bazel|\.bzlmod)?$|\.bzl$' |
    xargs go run "$buildifier" -mode=check -lint=warn -warnings=-module-docstring,-function-docstring-args
}

# The pages that are generated are up to date.
step_docs() {
  go run ./tools/dev/configdoc -check
  go run ./tools/dev/costdoc -check
}

# What AWS's own rules and other people's tools say of the CloudFormation templates and the IAM policies.
step_templates() { infra/cloudformation/check; }

# Every platform that users run bbf on.
step_vet() {
  for os in linux darwin; do
    for arch in amd64 arm64; do
      GOOS=$os GOARCH=$arch CGO_ENABLED=0 go vet ./...
    done
  done
}

step_staticcheck() { go run "$staticcheck" ./...; }

step_unit() { go build ./... && go test ./...; }

# The engine is where goroutines share things.
step_race() { go test -race ./tools/engine/...; }

# The same for Bazel; the tests were run by then, so Bazel has to build them all and run them once in its own way.
step_bazel() { tools/dev/bazel test --noshow_progress --build_tests_only=false //...; }

step_e2e() { BBF_E2E_BAZEL=$PWD/tools/dev/bazel go test -count=1 -v -timeout=40m ./tools/dev/e2e; }
