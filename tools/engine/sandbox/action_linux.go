package sandbox

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/bbf-build/bbf/tools/engine/sandbox/stage"
)

// action makes the stage's request of a Spec.
func (n *namespaces) action(s Spec) (*stage.Action, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	a := &stage.Action{Args: s.Args, Env: s.Env, Dir: s.Dir, Tmp: s.Tmp, Network: s.Network}
	for i, l := range s.Root {
		for _, path := range append([]string{l.Lower, l.Upper, l.Work}, l.Under...) {
			if path != "" && (!filepath.IsAbs(path) || strings.ContainsRune(path, 0)) {
				return nil, fmt.Errorf("layer %d: %q is not an absolute path", i, path)
			}
		}
		a.Layers = append(a.Layers, stage.Layer(l))
	}
	hidden := n.hide
	if n.hidden != nil {
		hidden = append(append([]string{}, hidden...), n.hidden()...)
	}
	a.Masks = n.view.masks(hidden)
	return a, nil
}
