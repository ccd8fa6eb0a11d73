package sandbox

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bbf-build/bbf/tools/engine/sandbox/stage"
)

// masks returns what has to be covered in an action's view so that none of the host's paths is seen. A path that does
// not exist needs none, and one above a folder of the system (a workspace in "/") can't have one.
func (v *view) masks(paths []string) []stage.Mask {
	var masks []stage.Mask
	for _, path := range paths {
		path, err := filepath.EvalSymlinks(path)
		if err != nil || !filepath.IsAbs(path) {
			continue
		}
		st, err := os.Lstat(path)
		if err != nil {
			continue
		}
		for _, b := range v.binds {
			if within(path, b.From) && (path != b.From || b.To == "/opt" || b.To == "/snap") {
				masks = append(masks, stage.Mask{Path: b.To + strings.TrimPrefix(path, b.From), Dir: st.IsDir()})
			}
		}
	}
	slices.SortFunc(masks, func(a, b stage.Mask) int { return strings.Compare(a.Path, b.Path) })
	var outer []stage.Mask
	for _, m := range masks {
		if !slices.ContainsFunc(outer, func(o stage.Mask) bool { return within(m.Path, o.Path) }) {
			outer = append(outer, m)
		}
	}
	return outer
}
