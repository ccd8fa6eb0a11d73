package linkage_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/bbf-build/bbf/infra/images/imagetest"
	"github.com/bbf-build/bbf/infra/images/linkage"
	"github.com/bbf-build/bbf/infra/images/rootfs"
)

// compile links something small; the C library here has one function, and versions as a real one.
func compile(t *testing.T, dir, output, source string, args ...string) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler here to make programs with")
	}
	out := filepath.Join(dir, output)
	cmd := exec.Command(cc, append([]string{"-x", "c", "-", "-x", "none", "-nostdlib", "-fPIC", "-o", out}, args...)...)
	cmd.Stdin = strings.NewReader(source)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// libc makes a C library that goes up to 2.17 or, with a function more, to 2.34.
func libc(t *testing.T, newer bool) (dir, content string) {
	dir = t.TempDir()
	versions, source := "GLIBC_2.17 { global: old; local: *; };\n", "int old(void) { return 1; }\n"
	if newer {
		versions += "GLIBC_2.34 { global: fresh; } GLIBC_2.17;\n"
		source += "int fresh(void) { return 2; }\n"
	}
	script := filepath.Join(dir, "versions")
	if err := os.WriteFile(script, []byte(versions), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, compile(t, dir, "libc.so.6", source, "-shared", "-Wl,-soname,libc.so.6", "-Wl,--version-script="+script)
}

func TestCheck(t *testing.T) {
	dir, newC := libc(t, true)
	_, oldC := libc(t, false)
	const loader = "/lib64/ld-test.so.2"
	java := compile(t, dir, "java", "int fresh(void); void _start(void) { fresh(); }", filepath.Join(dir, "libc.so.6"), "-Wl,--dynamic-linker="+loader, "-pie")
	odd := compile(t, dir, "libodd.so", "int odd(void) { return 1; }", "-shared", "-Wl,-soname,libodd.so")
	user := compile(t, dir, "libuser.so", "int odd(void); int user(void) { return odd(); }", "-shared", filepath.Join(dir, "libodd.so"))
	file := imagetest.File
	for situation, c := range map[string]struct {
		image []imagetest.Entry
		ours  map[string]string
		says  string
	}{
		"WhenAllIsThere":           {[]imagetest.Entry{file("lib64/ld-test.so.2", ""), file("usr/lib64/libc.so.6", newC)}, map[string]string{"/opt/bbf/jre/bin/java": java}, ""},
		"WhenItIsBehindLinks":      {[]imagetest.Entry{imagetest.Symlink("lib64", "usr/lib64"), file("usr/lib64/ld-test.so.2", ""), file("usr/lib64/libc-2.34.so", newC), imagetest.Symlink("usr/lib64/libc.so.6", "libc-2.34.so")}, map[string]string{"/opt/bbf/jre/bin/java": java}, ""},
		"WhenThereIsNoGlibc":       {[]imagetest.Entry{file("lib/ld-musl-x86_64.so.1", "")}, map[string]string{"/opt/bbf/jre/bin/java": java}, "image base:1 has no /lib64/ld-test.so.2, the program loader of glibc, which /opt/bbf/jre/bin/java needs"},
		"WhenGlibcIsTooOld":        {[]imagetest.Entry{file("lib64/ld-test.so.2", ""), file("lib64/libc.so.6", oldC)}, map[string]string{"/opt/bbf/jre/bin/java": java}, "image base:1 has a glibc up to GLIBC_2.17, and /opt/bbf/jre/bin/java needs GLIBC_2.34"},
		"WhenTheLibraryIsOurs":     {nil, map[string]string{"/opt/bbf/jre/lib/libuser.so": user, "/opt/bbf/jre/lib/libodd.so": odd}, ""},
		"WhenTheLibraryIsTheirs":   {[]imagetest.Entry{file("lib/libodd.so", odd)}, map[string]string{"/opt/bbf/jre/lib/libuser.so": user}, ""},
		"WhenALibraryIsNotThere":   {nil, map[string]string{"/opt/bbf/jre/lib/libuser.so": user}, "image base:1 has no libodd.so, which /opt/bbf/jre/lib/libuser.so needs"},
		"WhenItIsOnlyForScreens":   {nil, map[string]string{"/opt/bbf/jre/lib/libawt_xawt.so": user}, ""},
		"WhenOursIsOutOfItsReach":  {nil, map[string]string{"/opt/bbf/wrappers/delay": user, "/opt/bbf/wrappers/libodd.so": odd}, "image base:1 has no libodd.so"},
		"WhenItIsNoProgramAtAll":   {nil, map[string]string{"/opt/bbf/buildfarm/worker.jar": "PK", "/opt/bbf/empty": ""}, ""},
		"WhenTheirLibcIsNoLibrary": {[]imagetest.Entry{file("lib/libc.so.6", "a linker's script")}, map[string]string{"/opt/bbf/jre/bin/java": java}, "/lib/libc.so.6 is no library"},
	} {
		t.Run(situation, func(t *testing.T) {
			tree, err := rootfs.Read(t.Context(), imagetest.Image(t, "amd64", v1.Config{}, imagetest.Layer(t, c.image...)))
			if err != nil {
				t.Fatal(err)
			}
			checker := linkage.Checker{Image: "base:1", Tree: tree, Private: "/opt/bbf/jre"}
			for name, content := range c.ours {
				checker.Add(name, bytes.NewReader([]byte(content)))
			}
			err = checker.Check(t.Context())
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("got %v", err)
			}
		})
	}
}
