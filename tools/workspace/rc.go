package workspace

import (
	"fmt"
	"strings"
)

// Marker is the first line of every rc that bbf wrote; a file without it is somebody else's and is left alone.
const Marker = "# Written by bbf. Don't edit: `up` and `down` replace this file."

// Config is the name behind --config= that the rc defines.
const Config = "bbf"

// RC is what .bbf/bazelrc is made of.
type RC struct {
	Endpoint string // unix:/path or grpc://host:port; "" gives the inert form, with which builds run locally
	Bazel    Bazel  // decides on flags; the zero value gives what 7, 8 and 9 all know
	Platform string // label of the execution and host platform; "" leaves Bazel's own
	Slots    int    // actions that the engine runs at once
	Retries  int    // of a call that failed because of the connection; 0 is 1
	TLS      *TLS   // of an endpoint grpcs://…; nil leaves Bazel's own
}

// TLS is what Bazel shows to a server and trusts. The files are PEM, named by absolute paths: Bazel's server runs somewhere else.
type TLS struct {
	Authorities string // file
	Certificate string // file, of the client
	Key         string // file, PKCS#8
}

func (t *TLS) flags() []string {
	if t == nil {
		return nil
	}
	return []string{"--tls_certificate=" + t.Authorities, "--tls_client_certificate=" + t.Certificate, "--tls_client_key=" + t.Key}
}

// Bytes writes the rc. Without an endpoint it holds only those of the same lines that have nothing to do with
// remote execution, so that a build with the same --config has the same configuration and the same action keys
// whether the engine runs or not, and Bazel keeps its analysis when it goes up or down.
func (r RC) Bytes() ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", Marker)
	if r.Endpoint == "" {
		fmt.Fprintf(&b, "# bbf is down: builds with --config=%s run on this machine, without it.\n", Config)
	} else {
		fmt.Fprintf(&b, "# bbf is up: use it with `bazel build --config=%s //...`\n", Config)
	}
	for _, flag := range append(r.always(), r.remote()...) {
		quoted, err := Quote(flag)
		if err != nil {
			return nil, fmt.Errorf("the flag %.20q… can't be written into .bbf/bazelrc: %w", flag, err)
		}
		fmt.Fprintf(&b, "common:%s %s\n", Config, quoted)
	}
	return []byte(b.String()), nil
}

// always are the flags that stay after `down`. Only flags that every command of Bazel 7, 8 and 9 knows or skips:
// `common` skips what a command lacks, but what no command knows is an error.
func (r RC) always() []string {
	flags := []string{"--incompatible_strict_action_env"} // the default from 9.0
	if r.Platform != "" {
		flags = append(flags, "--extra_execution_platforms="+r.Platform, "--host_platform="+r.Platform)
	}
	// Recovers when an output was evicted that Bazel had left in the cache: also the way back to local builds after
	// `down`, which need such outputs too. 0 by default in 7.
	flags = append(flags, "--experimental_remote_cache_eviction_retries=5")
	return flags
}

func (r RC) remote() []string {
	if r.Endpoint == "" {
		return nil
	}
	flags := []string{
		"--remote_executor=" + r.Endpoint,
		"--remote_download_outputs=toplevel",
		fmt.Sprintf("--jobs=%d", Jobs(r.Slots)),
		// A large blob on a busy disk takes longer than the minute that is the default.
		"--remote_timeout=600s",
		// Where the engine vanished (killed, or the machine restarted) Bazel shall say so at once; retries, which stand in
		// one another there, would hang it for minutes. No --remote_local_fallback: it would hide a full disk, and run
		// actions without a sandbox. A cluster elsewhere, whose server moves, gets more.
		fmt.Sprintf("--remote_retries=%d", max(1, r.Retries)),
		// What ran outside the engine's sandbox may have read undeclared files: it has no place in the cache.
		"--noremote_upload_local_results",
	}
	flags = append(flags, r.TLS.flags()...)
	if r.Bazel.AtLeast(9, 1) { // in 8 it races, in 7 it is refused together with Skymeld
		flags = append(flags, "--rewind_lost_inputs")
	}
	return flags
}

// Jobs says how many actions Bazel should have under way for an engine with so many slots on the same machine.
// More than slots, so that the next ones are hashed and uploaded, and cached ones answered, while the slots are
// busy; not hundreds, since every one of Bazel's threads competes with the actions for the same cores.
func Jobs(slots int) int {
	return min(max(8, 4*slots), 400)
}

// Inert turns an rc of ours into its inert form without knowing what it was made from. It reports false for a
// file that isn't ours.
func Inert(rc []byte) ([]byte, bool) {
	text := string(rc)
	if !strings.HasPrefix(text, Marker+"\n") {
		return nil, false
	}
	var r RC
	for line := range strings.Lines(text) {
		_, flag, _ := strings.Cut(strings.TrimSpace(line), " ")
		if label, ok := strings.CutPrefix(Unquote(flag), "--host_platform="); ok {
			r.Platform = label
		}
	}
	out, err := r.Bytes()
	return out, err == nil
}

// EndpointOf returns the endpoint that an rc of ours points to; "" when it is inert or not ours.
func EndpointOf(rc []byte) string {
	if !strings.HasPrefix(string(rc), Marker+"\n") {
		return ""
	}
	for line := range strings.Lines(string(rc)) {
		_, flag, _ := strings.Cut(strings.TrimSpace(line), " ")
		if endpoint, ok := strings.CutPrefix(Unquote(flag), "--remote_executor="); ok {
			return endpoint
		}
	}
	return ""
}
