package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// ConfigFile is the team's configuration at the root of the workspace. Without it the backend is local.
const ConfigFile = "bbf.yaml"

var backendLine = regexp.MustCompile(`(?m)^backend:[ \t]*["']?([A-Za-z0-9_-]*)`)

// CheckConfig refuses a workspace whose bbf.yaml asks for another backend than local, which is all that this
// version has: building on the wrong cluster without a word would be worse.
func CheckConfig(root string) error {
	data, err := os.ReadFile(filepath.Join(root, ConfigFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	m := backendLine.FindSubmatch(data)
	if m == nil || string(m[1]) == "local" {
		return nil
	}
	return WithNext(fmt.Errorf("%s asks for the backend %q, which is not in this version of bbf", ConfigFile, m[1]),
		"write `backend: local` into it to build on this machine")
}
