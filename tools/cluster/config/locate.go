package config

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/bbf-build/bbf/infra/schema"
)

// get returns the node at loc, a list of keys and indices; nil when there is none.
func (n *node) get(loc ...string) *node {
	for _, step := range loc {
		if n == nil {
			return nil
		}
		if n.items != nil {
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(n.items) {
				return nil
			}
			n = n.items[i]
		} else {
			n = n.fields[step]
		}
	}
	return n
}

// at is the place of loc, or of what is above it when it isn't there.
func (n *node) at(loc []string) place {
	for ; len(loc) > 0; loc = loc[:len(loc)-1] {
		if found := n.get(loc...); found != nil {
			return found.place
		}
	}
	return place{1, 1}
}

// path writes loc as people do.
func (n *node) path(loc []string) string {
	path := ""
	for i, step := range loc {
		if above := n.get(loc[:i]...); above != nil && above.items != nil {
			path += "[" + step + "]"
		} else {
			path = join(path, step)
		}
	}
	return path
}

// plain is the value as encoding/json would have it, without the fields that are wrong.
func (n *node) plain(path string, wrong map[string]bool) any {
	switch {
	case wrong[path] && path != "":
		return nil
	case n.items != nil:
		list := []any{}
		for i, item := range n.items {
			list = append(list, item.plain(fmt.Sprintf("%s[%d]", path, i), wrong))
		}
		return list
	case n.fields != nil:
		object := map[string]any{}
		for key, field := range n.fields {
			if below := join(path, key); !wrong[below] {
				object[key] = field.plain(below, wrong)
			}
		}
		return object
	}
	return n.value
}

// decode makes a configuration of what is right in the file, so that the checks can say more about it.
func (r *report) decode() (*schema.Config, error) {
	data, err := json.Marshal(r.root.plain("", r.wrong))
	if err != nil {
		return nil, err
	}
	config := new(schema.Config)
	if err := json.Unmarshal(data, config); err != nil {
		return nil, err
	}
	return config, nil
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// join is the path of a key below a path.
func join(path, key string) string {
	if !plainKey.MatchString(key) {
		key = quote(key)
	}
	return strings.TrimPrefix(path+"."+key, ".")
}
