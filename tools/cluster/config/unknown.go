package config

import (
	"strings"
	"sync"

	"github.com/bbf-build/bbf/infra/schema"
)

// unknown reports a key that the object at loc doesn't have, with the one that is meant: a key of this object that is written
// nearly so, a key of this name elsewhere, or whatever comes nearest.
func (r *report) unknown(loc []string, key string) {
	f := fieldAt(loc)
	var here []string
	for _, p := range f.Properties {
		here = append(here, p.Key)
	}
	loc = append(loc[:len(loc):len(loc)], key)
	near := nearest(key, here)
	switch elsewhere := homes()[fold(key)]; {
	case near != "" && distance(fold(key), fold(near)) <= 1:
		r.add(loc, "is unknown; did you mean %s?", near)
	case len(elsewhere) > 0:
		r.add(loc, "doesn't belong here; did you mean %s?", strings.Join(elsewhere, " or "))
	case near != "":
		r.add(loc, "is unknown; did you mean %s?", near)
	default:
		r.add(loc, "is unknown; the keys here are %s", keys(f))
	}
}

// homes are the paths of all keys, by folded key.
var homes = sync.OnceValue(func() map[string][]string {
	all := map[string][]string{}
	var walk func(path string, f *schema.Field)
	walk = func(path string, f *schema.Field) {
		for _, p := range f.Properties {
			below := join(path, p.Key)
			all[fold(p.Key)] = append(all[fold(p.Key)], below)
			walk(below, p.Field)
		}
		if f.Items != nil {
			walk(path+"[]", f.Items)
		}
	}
	walk("", schema.Root())
	return all
})
