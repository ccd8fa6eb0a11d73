# The registry of files and the rc files that use it. Sourced by tools/dev/bazel, which says when.

# lay_out REGISTRY SHARE MODULE.bazel...: makes the registry answer for these modules.
lay_out() {
  out=$1 share=$2
  shift 2
  mkdir -p "$cache/bin"
  program=$cache/bin/registry-${out##*/}
  [ -x "$program" ] || (cd "$repo" && go build -o "$program.new" ./tools/dev/registry && mv "$program.new" "$program")
  "$program" "$out" "$share" "$@"
  write_rc modules <<RC
common --registry=file://$out
# A lock file made with this registry would be no use with another.
common --lockfile_mode=off
# Go modules, and the tools that fetch them, come through the caches of the machine's own Go: once, not once a workspace.
common --repo_env=GO_REPOSITORY_USE_HOST_CACHE=1
RC
  # Without a WORKSPACE file there is nothing to load but Bazel's built-in suffix, which downloads rules from their sites.
  write_rc no-workspace <<RC
common --noenable_workspace
RC
  # Bazel's sandbox puts an empty folder over /tmp, and with it over modules that lie there.
  write_rc tmp <<RC
common --noincompatible_sandbox_hermetic_tmp
RC
  for repository in \
    bazel_features=$share/tools/features \
    bazel_gazelle="$(echo "$out"/src/gazelle-v*)" \
    bazel_skylib=$share/tools/skylib \
    io_bazel_rules_go="$(echo "$out"/src/rules_go-v*)" \
    package_metadata="$out/src/package_metadata" \
    platforms=$share/tools/platforms \
    rules_cc=$share/rules/cc \
    rules_java=$share/rules/java \
    rules_license=$share/rules/license \
    rules_proto=$share/rules/proto \
    rules_python=$share/rules/python \
    rules_shell=$share/rules/shell; do
    echo "common --override_repository=$repository"
  done | write_rc workspace
}

# write_rc NAME: replaces REGISTRY/NAME.bazelrc with the standard input, at once.
write_rc() {
  cat >"$out/$1.bazelrc.new"
  mv "$out/$1.bazelrc.new" "$out/$1.bazelrc"
}
