package cluster

import (
	"errors"

	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/config"
)

// CheckConfig refuses a workspace whose bbf.yaml has mistakes, or asks for another backend than local: building on the wrong cluster
// without a word would be worse.
func CheckConfig(root string) error {
	c, err := config.Load(root)
	if err != nil {
		return WithNext(err, "mend "+config.File+"; docs/config.md has every key")
	}
	if c == nil || c.Backend == schema.BackendLocal {
		return nil
	}
	return WithNext(errors.New(config.File+" asks for the backend "+c.Backend+", and this program has only the local one in it"),
		"bazel run @bbf//:up, which picks the right program")
}
