package rootfs_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/bbf-build/bbf/infra/images/imagetest"
	"github.com/bbf-build/bbf/infra/images/rootfs"
)

type entries = []imagetest.Entry

var (
	file     = imagetest.File
	dir      = imagetest.Directory
	symlink  = imagetest.Symlink
	hardlink = imagetest.Hardlink
)

func read(t *testing.T, layers ...entries) *rootfs.Tree {
	t.Helper()
	tree, err := tryRead(t, layers...)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func tryRead(t testing.TB, layers ...entries) (*rootfs.Tree, error) {
	t.Helper()
	var all []v1.Layer
	for _, l := range layers {
		all = append(all, imagetest.Layer(t, l...))
	}
	return rootfs.Read(t.Context(), imagetest.Image(t, "amd64", v1.Config{}, all...))
}

// list writes all that there is, one name each: a directory ends with /, a link has its target, a file its content.
func list(t *testing.T, tree *rootfs.Tree) string {
	t.Helper()
	var lines []string
	var files []rootfs.Entry
	var below func(string)
	below = func(d string) {
		all, err := tree.ReadDir(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			switch e.Kind {
			case rootfs.Directory:
				lines = append(lines, e.Path+"/")
				below(e.Path)
			case rootfs.Symlink:
				lines = append(lines, e.Path+">"+e.Target)
			case rootfs.Regular:
				files = append(files, e)
			default:
				lines = append(lines, e.Path+"?")
			}
		}
	}
	below("/")
	err := tree.Contents(t.Context(), files, func(indices []int, content io.Reader) error {
		data, err := io.ReadAll(content)
		for _, i := range indices {
			if int64(len(data)) != files[i].Size {
				t.Errorf("%s has %d bytes, and its size is %d", files[i].Path, len(data), files[i].Size)
			}
			lines = append(lines, files[i].Path+"="+string(data))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return strings.Join(lines, " ")
}

func TestLayersOnEachOther(t *testing.T) {
	for situation, c := range map[string]struct {
		layers []entries
		want   string
	}{
		"WhenThereIsNoLayer":                  {nil, ""},
		"WhenTheUpperHasAnotherContent":       {[]entries{{file("a", "1")}, {file("./a", "2")}}, "/a=2"},
		"WhenADirectoryIsNamedAgain":          {[]entries{{dir("d"), file("d/a", "1")}, {dir("d"), file("d/b", "2")}}, "/d/ /d/a=1 /d/b=2"},
		"WhenAFileReplacesADirectory":         {[]entries{{file("d/a", "1")}, {file("d", "2")}}, "/d=2"},
		"WhenALinkReplacesADirectory":         {[]entries{{file("d/a", "1"), dir("e")}, {symlink("d", "e")}}, "/d>e /e/"},
		"WhenDirectoriesAreNotNamed":          {[]entries{{file("x/y/z", "1")}}, "/x/ /x/y/ /x/y/z=1"},
		"WhenANameIsWhitedOut":                {[]entries{{file("d/a", "1"), file("d/b", "2")}, {file("d/.wh.a", "")}}, "/d/ /d/b=2"},
		"WhenADirectoryIsWhitedOut":           {[]entries{{file("d/e/a", "1")}, {file(".wh.d", "")}}, ""},
		"WhenItIsWhitedOutAndMadeAgain":       {[]entries{{file("d/a", "1"), file("d/b", "1")}, {file("d/a", "2"), file(".wh.d", "")}}, "/d/ /d/a=2"},
		"WhenADirectoryIsOpaque":              {[]entries{{file("d/a", "1"), file("d/e/c", "1")}, {file("d/b", "2"), file("d/.wh..wh..opq", ""), file("d/e/f", "2")}}, "/d/ /d/b=2 /d/e/ /d/e/f=2"},
		"WhenWhatIsNotThereIsWhitedOut":       {[]entries{{file("x/.wh.y", ""), file("a", "1")}}, "/a=1"},
		"WhenAHardLinkStays":                  {[]entries{{file("a", "1"), hardlink("b", "a")}, {file(".wh.a", "")}}, "/b=1"},
		"WhenAHardLinkIsToALowerLayer":        {[]entries{{file("a", "1")}, {hardlink("b", "/a"), file("a", "2")}}, "/a=2 /b=1"},
		"WhenAHardLinkIsToASymlink":           {[]entries{{file("a", "1"), symlink("l", "a"), hardlink("b", "l")}}, "/a=1 /b>a /l>a"},
		"WhenNamesLeadUpwards":                {[]entries{{file("../../etc/passwd", "1"), file("a/../b", "2"), hardlink("c", "../../etc/passwd")}}, "/b=2 /c=1 /etc/ /etc/passwd=1"},
		"WhenANameIsAbsolute":                 {[]entries{{file("/a", "1")}}, "/a=1"},
		"WhenTheWayIsThroughALink":            {[]entries{{dir("usr/lib"), symlink("lib", "usr/lib")}, {file("lib/a", "1")}}, "/lib>usr/lib /usr/ /usr/lib/ /usr/lib/a=1"},
		"WhenTheWayIsThroughALinkThatEscapes": {[]entries{{dir("d"), symlink("d/up", "../../../../d")}, {file("d/up/a", "1")}}, "/d/ /d/a=1 /d/up>../../../../d"},
		"WhenTheWayIsThroughAnAbsoluteLink":   {[]entries{{dir("d"), dir("e/f"), symlink("e/f/l", "/d")}, {file("e/f/l/a", "1")}}, "/d/ /d/a=1 /e/ /e/f/ /e/f/l>/d"},
	} {
		t.Run(situation, func(t *testing.T) {
			if got := list(t, read(t, c.layers...)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestLayersThatAreRefused(t *testing.T) {
	for situation, c := range map[string]struct {
		layer entries
		says  string
	}{
		"WhenAHardLinkLeadsNowhere":     {entries{hardlink("b", "a")}, "layer 1 of 1: b: is a hard link to a"},
		"WhenAHardLinkIsToADirectory":   {entries{dir("d"), hardlink("b", "d")}, "to the directory d"},
		"WhenTheWayIsThroughAFile":      {entries{file("a", ""), file("a/b", "")}, "/a/ is no directory"},
		"WhenTheWayIsThroughADeadLink":  {entries{symlink("l", "gone"), file("l/b", "")}, "/l/ leads nowhere"},
		"WhenLinksGoRoundInCircles":     {entries{symlink("l", "m"), symlink("m", "l"), file("l/b", "")}, "too many symbolic links"},
		"WhenANameIsLongerThanAnyCanBe": {entries{file(strings.Repeat("a/", 3000), "")}, "more than 4096 bytes"},
	} {
		t.Run(situation, func(t *testing.T) {
			if _, err := tryRead(t, c.layer); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestStat(t *testing.T) {
	tree := read(t, entries{file("usr/lib/jvm/21/bin/java", "elf"), symlink("usr/bin/java", "/etc/alternatives/java"),
		symlink("etc/alternatives/java", "../../../../usr/lib/jvm/21/bin/java"), symlink("bin", "usr/bin")})
	e, err := tree.Stat("/bin/java")
	if err != nil || e.Path != "/usr/lib/jvm/21/bin/java" || e.Kind != rootfs.Regular || e.Size != 3 || e.Mode != 0o755 {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err := tree.Lstat("/bin/java"); err != nil || e.Path != "/usr/bin/java" || e.Target != "/etc/alternatives/java" {
		t.Errorf("%+v, %v", e, err)
	}
	for _, name := range []string{"/gone", "/usr/lib/jvm/21/bin/java/x"} {
		if _, err := tree.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestALayerThatIsNotWhatTheConfigurationSays(t *testing.T) {
	image := imagetest.Image(t, "amd64", v1.Config{}, imagetest.Layer(t, file("a", "1")))
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.RootFS.DiffIDs[0].Hex = strings.Repeat("0", 64)
	if image, err = mutate.ConfigFile(image, config); err != nil {
		t.Fatal(err)
	}
	if _, err := rootfs.Read(t.Context(), image); err == nil || !strings.Contains(err.Error(), "the image's configuration says") {
		t.Errorf("got %v", err)
	}
}

func TestReadStopsWhenNobodyWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	image := imagetest.Image(t, "amd64", v1.Config{}, imagetest.Layer(t, file("a", "1")))
	if _, err := rootfs.Read(ctx, image); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
