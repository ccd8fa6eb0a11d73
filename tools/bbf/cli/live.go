//go:build unix

package cli

import (
	"fmt"
	"io"
	"slices"
)

// Live shows things that go through states: on a terminal those under way are a list at the bottom that changes in place, below those
// that have ended; elsewhere every change is a line.
type Live struct {
	w        io.Writer
	terminal bool
	names    []string          // under way, in the order seen
	lines    map[string]string // by name
	drawn    int               // lines of the list on the screen
}

// NewLive makes an empty list.
func NewLive(w io.Writer) *Live {
	return &Live{w: w, terminal: Terminal(w), lines: map[string]string{}}
}

// Show sets the line of a thing; ended takes it out of the list, for good.
func (l *Live) Show(name, line string, ended bool) {
	if l.lines[name] == line {
		return
	}
	if !l.terminal {
		l.lines[name] = line
		fmt.Fprintf(l.w, "bbf: %s\n", line)
		return
	}
	l.erase()
	if ended {
		delete(l.lines, name)
		l.names = slices.DeleteFunc(l.names, func(n string) bool { return n == name })
		fmt.Fprintf(l.w, "bbf: %s\n", line)
	} else {
		if _, ok := l.lines[name]; !ok {
			l.names = append(l.names, name)
		}
		l.lines[name] = line
	}
	l.draw()
}

// Done takes the list off the screen, before results are printed.
func (l *Live) Done() {
	if l.terminal {
		l.erase()
	}
	l.names, l.lines = nil, map[string]string{}
}

// most is how many lines the list has on the screen: more would scroll, and then it can't be redrawn.
const most = 12

func (l *Live) draw() {
	for _, name := range l.names[:min(len(l.names), most)] {
		fmt.Fprintf(l.w, "  … %.100s\n", l.lines[name])
		l.drawn++
	}
	if more := len(l.names) - most; more > 0 {
		fmt.Fprintf(l.w, "  … and %d more\n", more)
		l.drawn++
	}
}

func (l *Live) erase() {
	for range l.drawn {
		fmt.Fprint(l.w, "\x1b[A\x1b[2K")
	}
	l.drawn = 0
}
