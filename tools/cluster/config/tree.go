package config

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// document is the parser's node; the rest of this package sees only our own.
type document = ast.Node

// maxDepth is more than the schema has.
const maxDepth = 16

// node is a value of the file with its place.
type node struct {
	place  place // of its key, or of the value where there is no key
	value  any   // string, float64, bool or nil; unset in a map or list
	keys   []string
	fields map[string]*node // of a map
	items  []*node          // of a list; not nil in an empty one
}

// tree makes nodes of the text; nil when it was reported why not.
func (r *report) tree(text string) *node {
	body, ok := r.parse(text)
	if !ok {
		return nil
	}
	switch body.(type) {
	case *ast.MappingNode, *ast.AnchorNode, *ast.TagNode, *ast.AliasNode:
	case *ast.SequenceNode:
		r.addAt(placeOf(body), "", "the file is a list; it has to be keys and values, such as `backend: local`")
		return nil
	default:
		at := placeOf(body)
		r.addAt(at, "", "the file has to be keys and values, such as `backend: local`%s", spacing(text, at.line))
		return nil
	}
	root := r.node(body, "", place{1, 1}, 0)
	if len(root.keys) == 0 && len(r.mistakes) == 0 {
		r.addAt(place{1, 1}, "", "the file is empty; write `backend: local` into it, or remove it")
		return nil
	}
	return root
}

// node makes one node and what is below it. YAML's shorthands are refused: nobody should have to expand them in the head.
func (r *report) node(n ast.Node, path string, at place, depth int) *node {
	out := &node{place: at}
	if depth > maxDepth {
		r.addAt(at, path, "this is nested too deep")
		return out
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		out.fields = map[string]*node{}
		for _, v := range n.Values {
			r.field(out, v, path, depth)
		}
	case *ast.SequenceNode:
		out.items = []*node{}
		for i, v := range n.Values {
			out.items = append(out.items, r.node(v, fmt.Sprintf("%s[%d]", path, i), placeOf(v), depth+1))
		}
	case *ast.AnchorNode:
		r.addAt(at, path, "has an anchor (&), which is not read here; write the value alone")
		return r.node(n.Value, path, at, depth+1)
	case *ast.TagNode:
		r.addAt(at, path, "has a tag (%s), which is not read here; write the value alone", quote(n.GetToken().Value))
		return r.node(n.Value, path, at, depth+1)
	case *ast.AliasNode:
		r.addAt(at, path, "is an alias (*), which is not read here; write the value itself, in quotes if it begins with *")
	case *ast.NullNode:
	case *ast.BoolNode:
		out.value = n.Value
	case *ast.IntegerNode, *ast.FloatNode:
		out.value = number(n.GetToken().Value)
	case *ast.LiteralNode:
		out.value = n.Value.Value
	case *ast.StringNode:
		out.value = n.Value
		if n.Token.Type == token.StringType { // without quotes
			out.value = number(n.Value) // the parser's own numbers end at 64 bits
		}
	case nil:
	default:
		out.value = n.GetToken().Value
	}
	return out
}

// field adds a key and its value to a map.
func (r *report) field(parent *node, v *ast.MappingValueNode, path string, depth int) {
	at := placeOf(v.Key)
	key := v.Key.GetToken().Value
	below := join(path, key)
	switch v.Key.(type) {
	case *ast.MergeKeyNode:
		r.addAt(at, below, "merges other keys, which is not read here; write the keys themselves")
		return
	case *ast.MappingKeyNode, *ast.AnchorNode, *ast.TagNode, *ast.AliasNode:
		r.addAt(at, below, "this is no plain key")
		return
	}
	if first := parent.fields[key]; first != nil {
		r.addAt(at, below, "is there twice; the first is in line %d", first.place.line)
		return
	}
	parent.fields[key] = r.node(v.Value, below, at, depth+1)
	parent.keys = append(parent.keys, key)
}

var decimal = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*)?(\.[0-9]*)?$`)

// number takes what everybody reads as the same number. Others (010 is eight in YAML, and 1_000 a thousand) are text, which the
// schema then refuses.
func number(s string) any {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !decimal.MatchString(s) {
		return s
	}
	return f
}

func isDirective(n ast.Node) bool {
	_, ok := n.(*ast.DirectiveNode)
	return ok
}

// placeOf is where a node begins. A map's own token is the first colon in it.
func placeOf(n ast.Node) place {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return placeOf(m.Values[0].Key)
	}
	if t := n.GetToken(); t != nil {
		return place{t.Position.Line, t.Position.Column}
	}
	return place{1, 1}
}
