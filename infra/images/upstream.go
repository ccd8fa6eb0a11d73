package images

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/bbf-build/bbf/infra/images/rootfs"
)

// Upstream says where things lie in Buildfarm's images. The defaults are those of bazelbuild/buildfarm-server and -worker 2.17.0; see
// container/BUILD of github.com/buildfarm/buildfarm.
type Upstream struct {
	ServerJar string   // in the server's image
	WorkerJar string   // in the worker's image
	Wrappers  []string // execution wrappers that have to be in the worker's image; all come to lie in the folder Wrappers
	Optional  []string // and those that are taken if they are there: 2.17.0 has no delay.sh and no skip_sleep any more
	JRE       string   // folder of the Java runtime in the server's image; "" for what JAVA_HOME or else the PATH leads to

	// Authorities are files with the public certificate authorities, for the gateway; the first that the server's image has is taken.
	Authorities []string
}

// DefaultUpstream is for 2.17.0.
//
// The Java comes out of the server's image, which is Amazon's Corretto: it is built against an old C library and so runs in nearly every
// image. The worker's image has that of Ubuntu 24.04, which needs a C library as new.
func DefaultUpstream() Upstream {
	const app = "/app/build_buildfarm/"
	return Upstream{
		ServerJar:   app + "buildfarm-server_deploy.jar",
		WorkerJar:   app + "buildfarm-shard-worker_deploy.jar",
		Wrappers:    []string{app + "as-nobody", app + "linux-sandbox", app + "process-wrapper"},
		Optional:    []string{app + "cgexec-wrapper", app + "delay.sh", app + "skip_sleep", app + "skip_sleep_preload.so"},
		Authorities: []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"},
	}
}

// errLacks is about a file that should be in an image.
func errLacks(image, file, what string) error {
	return fmt.Errorf("image %s has no %s, where %s should be", image, file, what)
}

// regular finds a file that has to be there.
func regular(t *rootfs.Tree, image, name, what string) (rootfs.Entry, error) {
	e, err := t.Stat(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && e.Kind != rootfs.Regular {
		return e, errLacks(image, name, what)
	}
	if err != nil {
		return e, fmt.Errorf("image %s: %w", image, err)
	}
	return e, nil
}

// javaHome finds the Java runtime of an image.
func javaHome(t *rootfs.Tree, image string, config v1.Config, configured string) (string, error) {
	if configured == "" {
		configured = variable(config.Env, "JAVA_HOME")
	}
	if configured != "" {
		e, err := regular(t, image, path.Join(configured, "bin/java"), "Java")
		return path.Dir(path.Dir(e.Path)), err
	}
	for _, dir := range strings.Split(variable(config.Env, "PATH"), ":") {
		if e, err := t.Stat(path.Join("/", dir, "java")); err == nil && e.Kind == rootfs.Regular {
			return path.Dir(path.Dir(e.Path)), nil
		}
	}
	return "", fmt.Errorf("image %s has no Java: neither JAVA_HOME nor PATH of its configuration leads to one", image)
}

// variable returns the value of an environment variable.
func variable(env []string, name string) string {
	for _, v := range env {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}
