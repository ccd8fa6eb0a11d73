package workspace

import "strings"

// Leak is a flag in an rc file that lets something of the user's machine into the actions' environment, so that
// other machines, and other shells of the same one, don't share their results.
type Leak struct {
	File string
	Line int // from 1
	Flag string
	Why  string
}

// Leaks looks through the rc files that Bazel reads for the workspace: its own, the user's and the system's, and
// what they import.
func Leaks(w Workspace) (leaks []Leak) {
	eachFlag(w, func(file string, line int, flag string) {
		if why := whyLeak(flag); why != "" {
			leaks = append(leaks, Leak{file, line, flag, why})
		}
	})
	return leaks
}

// Registries returns the flags of the workspace's rc files that say where modules come from.
func Registries(w Workspace) (flags []string) {
	eachFlag(w, func(_ string, _ int, flag string) {
		if strings.HasPrefix(flag, "--registry=") {
			flags = append(flags, strings.ReplaceAll(flag, "%workspace%", w.Root))
		}
	})
	return flags
}

func whyLeak(flag string) string {
	flag = strings.NewReplacer(`"`, "", `'`, "").Replace(flag)
	if flag == "--noincompatible_strict_action_env" || flag == "--incompatible_strict_action_env=false" || flag == "--incompatible_strict_action_env=0" {
		return "actions see the PATH of the shell that Bazel was called from"
	}
	for _, option := range []string{"--action_env=", "--host_action_env=", "--test_env="} {
		name, isEnv := strings.CutPrefix(flag, option)
		if !isEnv {
			continue
		}
		name, _, fixed := strings.Cut(name, "=")
		if fixed || option == "--test_env=" && name != "PATH" {
			return "" // a value that is the same everywhere, or one of the test's own
		}
		return "actions see the " + name + " of the shell that Bazel was called from"
	}
	return ""
}
