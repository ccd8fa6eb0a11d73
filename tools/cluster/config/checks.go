package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/config/format"
)

// check reports what is wrong between fields. The configuration has its defaults; what is wrong alone is left out of it, so every
// check first asks whether the fields that it is about are right.
func (r *report) check(c *schema.Config) {
	r.backend()
	r.size("server", c.Server.CPU, c.Server.Memory)
	r.size("workers", c.Workers.CPU, c.Workers.Memory)
	r.counts(c.Workers)
	r.addresses(c)
	r.stacks(c.AWS.Stacks)
	r.tags(c.AWS.Tags)
	r.access(c.Access)
	r.durations(c)
	r.privateCA(c)
}

// fine says whether none of the fields, written with dots, has a mistake.
func (r *report) fine(paths ...string) bool {
	return !slices.ContainsFunc(paths, func(p string) bool { return r.wrong[p] })
}

// written says whether a field is in the file.
func (r *report) written(path string) bool { return r.root.get(strings.Split(path, ".")...) != nil }

// at reports a mistake of a field, at the place of the first of these that is written.
func (r *report) at(path string, also []string, format string, args ...any) {
	where := path
	for _, p := range append([]string{path}, also...) {
		if r.written(p) {
			where = p
			break
		}
	}
	r.addAt(r.root.at(strings.Split(where, ".")), path, format, args...)
}

// backend: whoever describes a cluster on AWS doesn't want to build on this machine without being told.
func (r *report) backend() {
	if r.written("aws") && !r.written("backend") {
		r.at("backend", []string{"aws"}, "is missing, and without it builds stay on this machine; write backend: aws, or backend: local")
	}
}

func (r *report) size(part string, cpu float64, memory int) {
	size, offered := schema.SizeOf(cpu)
	if !offered || !r.fine(part, part+".cpu", part+".memory") || slices.Contains(size.Memory(), memory) {
		return
	}
	near := size.Min
	for _, m := range size.Memory() {
		if abs(m-memory) <= abs(near-memory) { // of two that are as near, the larger
			near = m
		}
	}
	what := show(float64(memory))
	if !r.written(part + ".memory") {
		what = "the default " + what
	}
	r.at(part+".memory", []string{part + ".cpu"}, "%s is not offered by Fargate for %g vCPU; the nearest is %d", what, cpu, near)
}

func (r *report) counts(w schema.Workers) {
	const low, high, asked = "workers.min", "workers.max", "workers.default"
	if r.fine("workers", low, high) && w.Min > w.Max {
		r.at(low, nil, "%d is more than max, %s; the most is %d", w.Min, r.orDefault(high, w.Max), w.Max)
		return
	}
	if !r.fine("workers", low, high, asked) || !r.written(asked) {
		return
	}
	switch {
	case w.Default < w.Min:
		r.at(asked, nil, "%d is less than min; the least is %d", w.Default, w.Min)
	case w.Default > w.Max:
		r.at(asked, nil, "%d is more than max, %s; the most is %d", w.Default, r.orDefault(high, w.Max), w.Max)
	}
}

// orDefault explains a number that the user never wrote.
func (r *report) orDefault(path string, n int) string {
	if r.written(path) {
		return fmt.Sprintf("which is %d", n)
	}
	return fmt.Sprintf("which is %d unless it is written", n)
}

func (r *report) stacks(s schema.Stacks) {
	owner := map[string]string{}
	for _, stack := range []struct{ key, name string }{
		{"infra", s.Infra}, {"manager", s.Manager}, {"server", s.Server}, {"workers", s.Workers},
	} {
		path := "aws.stacks." + stack.key
		other := owner[stack.name]
		switch {
		case stack.name == "" || !r.fine("cluster", "aws", "aws.stacks", path):
		case other == "":
			owner[stack.name] = stack.key
		case !r.written(path): // its default was there first
			r.at("aws.stacks."+other, nil, "%s is the name of the stack %s too", quote(stack.name), stack.key)
		default:
			r.at(path, nil, "%s is the name of the stack %s too", quote(stack.name), other)
		}
	}
}

// tags checks the keys; the values are the schema's. (It could check keys too, but jsonschema 6.0.3 gets their places wrong.)
func (r *report) tags(tags map[string]string) {
	for key := range tags {
		if err := format.TagKey(key); err != nil {
			r.add([]string{"aws", "tags", key}, "the key %v", err)
		}
	}
}

func (r *report) durations(c *schema.Config) {
	const idle, issued, acmpca = "idle", "auth.issued.validity", "auth.acmpca.validity"
	all := map[string]schema.Duration{idle: c.Idle}
	if c.Auth.Issued != nil {
		all[issued] = c.Auth.Issued.Validity
	}
	if c.Auth.ACMPCA != nil {
		all[acmpca] = c.Auth.ACMPCA.Validity
	}
	for path, d := range all {
		loc := strings.Split(path, ".")
		if r.written(path) && r.fine(path) {
			if words := outside(d, fieldAt(loc)); words != "" {
				r.add(loc, "%s", words)
			}
		}
	}
}

func abs(n int) int { return max(n, -n) }
