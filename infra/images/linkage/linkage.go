// Package linkage finds out whether programs of one image will run in another, before anybody has started one there: whether it has the
// program loader, the shared libraries and the versions of the C library that they were linked against. See
// https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html
package linkage

import (
	"debug/elf"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/bbf-build/bbf/infra/images/rootfs"
)

// Checker looks at programs that are to run in an image.
type Checker struct {
	Image   string // to name in errors
	Tree    *rootfs.Tree
	Private string // folder whose libraries find each other

	needs   []need
	private map[string]bool // names of the libraries below Private
}

// need is one program or library.
type need struct {
	name      string
	loader    string
	libraries []string
	versions  []string // of libc.so.6
}

// ofWindows are parts of Java that need libraries for screens and sound, which nothing here has.
var ofWindows = []string{"libawt", "libfontmanager", "libfreetype", "libjawt", "libjsound", "libsplashscreen", "liblcms", "libmlib_image", "libjavajpeg"}

// Add adds a file; those that are no ELF don't count.
func (c *Checker) Add(name string, r io.ReaderAt) {
	if c.private == nil {
		c.private = map[string]bool{}
	}
	f, err := elf.NewFile(r)
	if err != nil {
		return // a jar, a script, a text
	}
	base := path.Base(name)
	if strings.HasPrefix(name, c.Private+"/") {
		c.private[base] = true
	}
	if slices.ContainsFunc(ofWindows, func(p string) bool { return strings.HasPrefix(base, p) }) {
		return
	}
	n := need{name: name, loader: loader(f)}
	n.libraries, _ = f.ImportedLibraries() // none: linked statically
	n.versions = versionsOf(f)
	c.needs = append(c.needs, n)
}

func loader(f *elf.File) string {
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP || p.Filesz > 4096 {
			continue
		}
		if data, err := io.ReadAll(p.Open()); err == nil {
			return strings.TrimRight(string(data), "\x00")
		}
	}
	return ""
}

// versionsOf are the versions of the C library that a program needs, such as GLIBC_2.34.
func versionsOf(f *elf.File) []string {
	needs, err := f.DynamicVersionNeeds()
	if err != nil {
		return nil
	}
	var versions []string
	for _, n := range needs {
		if n.Name != libc {
			continue
		}
		for _, v := range n.Needs {
			if v.Flags&elf.VER_FLG_WEAK == 0 {
				versions = append(versions, v.Dep)
			}
		}
	}
	return versions
}

// libc is the C library of the programs that this is about.
const libc = "libc.so.6"
