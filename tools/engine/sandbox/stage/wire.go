package stage

import (
	"encoding/binary"
	"errors"
)

// Setup is the first message to the stage: what every action sees.
type Setup struct {
	Root  string // the skeleton: a folder with a mount point for everything below
	Binds []Bind
}

// Bind shows one host path in the skeleton, read-only, with all that is mounted below it.
type Bind struct{ From, To string }

// Action is one command to run. With it come the files stdout, stderr and the socket for the Records, in this order.
type Action struct {
	Args, Env []string
	Dir       string
	Layers    []Layer
	Tmp       string
	Masks     []Mask
	Network   bool
}

// Layer is sandbox.Layer.
type Layer struct {
	At, Lower   string
	Under       []string
	Upper, Work string
}

// Mask hides one path of the action's view behind an empty file or folder.
type Mask struct {
	Path string
	Dir  bool
}

var errTruncated = errors.New("the message is truncated")

// Encode makes a message of s.
func (s *Setup) Encode() []byte {
	b := appendString(nil, s.Root)
	b = appendInt(b, len(s.Binds))
	for _, m := range s.Binds {
		b = appendString(appendString(b, m.From), m.To)
	}
	return b
}

func (s *Setup) decode(b []byte) error {
	d := decoder{b: b}
	s.Root = d.string()
	for range d.int() {
		s.Binds = append(s.Binds, Bind{d.string(), d.string()})
	}
	return d.err
}

// Encode makes a message of a.
func (a *Action) Encode() []byte {
	b := appendStrings(nil, a.Args)
	b = appendStrings(b, a.Env)
	b = appendString(appendString(b, a.Dir), a.Tmp)
	b = appendInt(b, len(a.Layers))
	for _, l := range a.Layers {
		b = appendStrings(appendStrings(b, []string{l.At, l.Lower, l.Upper, l.Work}), l.Under)
	}
	b = appendInt(b, len(a.Masks))
	for _, m := range a.Masks {
		b = appendBool(appendString(b, m.Path), m.Dir)
	}
	return appendBool(b, a.Network)
}

func (a *Action) decode(b []byte) error {
	d := decoder{b: b}
	a.Args, a.Env, a.Dir, a.Tmp = d.strings(), d.strings(), d.string(), d.string()
	for range d.int() {
		l := d.strings()
		if len(l) != 4 {
			return errTruncated
		}
		a.Layers = append(a.Layers, Layer{At: l[0], Lower: l[1], Upper: l[2], Work: l[3], Under: d.strings()})
	}
	for range d.int() {
		a.Masks = append(a.Masks, Mask{d.string(), d.bool()})
	}
	a.Network = d.bool()
	return d.err
}

func appendInt(b []byte, n int) []byte { return binary.LittleEndian.AppendUint32(b, uint32(n)) }

func appendString(b []byte, s string) []byte { return append(appendInt(b, len(s)), s...) }

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendStrings(b []byte, list []string) []byte {
	b = appendInt(b, len(list))
	for _, s := range list {
		b = appendString(b, s)
	}
	return b
}

// decoder reads what the append functions wrote. After an error it returns zero values.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) take(n int) []byte {
	if d.err != nil || n > len(d.b) {
		d.err = errTruncated
		return nil
	}
	taken := d.b[:n]
	d.b = d.b[n:]
	return taken
}

func (d *decoder) int() int {
	if b := d.take(4); b != nil {
		return int(binary.LittleEndian.Uint32(b))
	}
	return 0
}

func (d *decoder) string() string { return string(d.take(d.int())) }

func (d *decoder) bool() bool {
	b := d.take(1)
	return b != nil && b[0] == 1
}

func (d *decoder) strings() []string {
	var list []string
	for range d.int() {
		list = append(list, d.string())
		if d.err != nil {
			return nil
		}
	}
	return list
}

// The first byte of a message.
const (
	inline = iota // the rest is the message
	inFile        // the last file is the message
)

// Frame makes the bytes to send of a message; when it is too long for that, it goes in a file.
func Frame(message []byte) (frame []byte, needsFile bool) {
	if len(message) < MaxInline {
		return append([]byte{inline}, message...), false
	}
	return []byte{inFile}, true
}
