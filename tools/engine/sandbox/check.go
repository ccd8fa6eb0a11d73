package sandbox

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// check looks for what would be a mistake of the caller's, and for what can't be handed to the kernel.
func (s *Spec) check() error {
	if len(s.Args) == 0 {
		return &StartError{Reason: "the command has no arguments"}
	}
	if s.Stdout == nil || s.Stderr == nil {
		return errors.New("a command needs files for stdout and stderr")
	}
	for i, arg := range s.Args {
		if strings.ContainsRune(arg, 0) {
			return &StartError{Program: s.Args[0], Reason: fmt.Sprintf("argument %d has a NUL byte", i)}
		}
	}
	for _, v := range s.Env {
		if strings.ContainsRune(v, 0) {
			return &StartError{Program: s.Args[0], Reason: fmt.Sprintf("the environment variable %q has a NUL byte", v)}
		}
	}
	if len(s.Root) == 0 || s.Root[0].At != "" {
		return errors.New("the first layer of an exec root has to be its root")
	}
	if !relative(s.Dir) {
		return &StartError{Program: s.Args[0], Reason: fmt.Sprintf("its working directory %q is not a path below the exec root", s.Dir)}
	}
	for _, l := range s.Root {
		if !relative(l.At) {
			return fmt.Errorf("the place of a layer, %q, is not a path below the exec root", l.At)
		}
	}
	return nil
}

// relative says whether p is clean and stays below where it starts; "" is that place itself.
func relative(p string) bool {
	return p == "" || p == path.Clean(p) && p != "." && p != ".." && !strings.HasPrefix(p, "../") && !path.IsAbs(p) && !strings.ContainsRune(p, 0)
}
