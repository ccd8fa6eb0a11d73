package execroot_test

import (
	"strings"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/bbf-build/bbf/tools/engine/execroot"
)

//lint:file-ignore SA1019 Clients of API 2.0 use the fields that later versions call deprecated.

func TestParseOutputs(t *testing.T) {
	for name, c := range map[string]struct {
		command *repb.Command
		want    string // part of the message; empty: no error
	}{
		"WhenThereAreNone":             {&repb.Command{}, ""},
		"WhenPathsAreGood":             {&repb.Command{OutputPaths: []string{"a", "b/c", "b/c/d"}}, ""},
		"WhenTheOlderOnesAreIgnored":   {&repb.Command{OutputPaths: []string{"a"}, OutputFiles: []string{"/bad"}}, ""},
		"WhenTheWholeDirectoryIsMeant": {&repb.Command{OutputDirectories: []string{""}}, ""},
		"WhenDirectoriesAreNested":     {&repb.Command{OutputDirectories: []string{"a", "a/b"}, OutputFiles: []string{"a/c"}}, ""},
		"WhenAPathIsAbsolute":          {&repb.Command{OutputPaths: []string{"a", "/b"}}, "output_paths[1]"},
		"WhenAPathGoesUp":              {&repb.Command{OutputFiles: []string{"../b"}}, "output_files[0]"},
		"WhenAPathGoesUpLater":         {&repb.Command{OutputDirectories: []string{"a/../../b"}}, "output_directories[0]"},
		"WhenAPathIsEmpty":             {&repb.Command{OutputPaths: []string{""}}, "clean"},
		"WhenAPathIsUnclean":           {&repb.Command{OutputPaths: []string{"a/./b"}}, "clean"},
		"WhenAPathEndsInASlash":        {&repb.Command{OutputDirectories: []string{"a/"}}, "clean"},
		"WhenAPathHasANul":             {&repb.Command{OutputPaths: []string{"a\x00"}}, "clean"},
		"WhenANameIsTooLong":           {&repb.Command{OutputPaths: []string{strings.Repeat("n", 256)}}, "clean"},
		"WhenAPathIsThereTwice":        {&repb.Command{OutputPaths: []string{"a", "a"}}, "twice"},
		"WhenAFileIsADirectoryToo":     {&repb.Command{OutputFiles: []string{"a"}, OutputDirectories: []string{"a"}}, "output_directories[0]"},
		"WhenAnOutputIsBelowAFile":     {&repb.Command{OutputFiles: []string{"a", "a/b"}}, `"a" is to be a file`},
		"WhenAPropertyIsUnknown":       {&repb.Command{OutputNodeProperties: []string{"mtime", "owner"}}, "output_node_properties[1]"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := execroot.ParseOutputs(c.command)
			if c.want == "" && err != nil || c.want != "" && (status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), c.want)) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
		})
	}
}
