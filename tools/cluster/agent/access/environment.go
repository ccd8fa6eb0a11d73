package access

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// Environment is what the shell that `up` was called in says about AWS: all of its variables AWS_…, which choose a profile, name files, or hold
// keys; and the key for a CFSSL server. So each cluster has the credentials that its `up` had, and another `up` brings others.
type Environment map[string]string

// cfsslKey is the variable with the key for the profile of a CFSSL server, in hexadecimal.
const cfsslKey = "BBF_CFSSL_KEY"

// EnvironmentOf takes it from a process's environment.
func EnvironmentOf(environ []string) Environment {
	e := Environment{}
	for _, kv := range environ {
		if name, value, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "AWS_") || name == cfsslKey {
			e[name] = value
		}
	}
	return e
}

// secrets are not written to disk.
var secrets = []string{"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN", cfsslKey}

// WithoutSecrets is what may be written to disk, and whether anything is missing from it.
func (e Environment) WithoutSecrets() (public Environment, missing bool) {
	public = maps.Clone(e)
	maps.DeleteFunc(public, func(name, _ string) bool { return slices.Contains(secrets, name) })
	return public, len(public) < len(e)
}

// Profile is the profile that is chosen, "" for the default one or where keys are given instead.
func (e Environment) Profile() string {
	if e.keys() {
		return ""
	}
	if p := e["AWS_PROFILE"]; p != "" {
		return p
	}
	return e["AWS_DEFAULT_PROFILE"]
}

func (e Environment) keys() bool { return e["AWS_ACCESS_KEY_ID"] != "" || e["AWS_ACCESS_KEY"] != "" }

// process is the environment of the process, from which the SDK reads: there is no other way to hand it one.
var process sync.Mutex

// Load is the SDK's own way to a configuration, with this environment in the place of the process's.
func (e Environment) Load(ctx context.Context, region string) (aws.Config, error) {
	process.Lock()
	defer process.Unlock()
	before := EnvironmentOf(os.Environ())
	e.replace(before)
	defer before.replace(e)
	return config.LoadDefaultConfig(ctx, config.WithRegion(region))
}

// replace puts the environment in the place of another one, which the process has.
func (e Environment) replace(other Environment) {
	for name := range other {
		os.Unsetenv(name)
	}
	for name, value := range e {
		os.Setenv(name, value) // fails only for names that no environment has
	}
}
