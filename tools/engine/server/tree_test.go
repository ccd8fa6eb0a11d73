package server_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
)

func (c *client) getTree(req *repb.GetTreeRequest) ([]*repb.GetTreeResponse, error) {
	c.Helper()
	stream, err := c.blobs.GetTree(c.Context(), req)
	if err != nil {
		c.Fatal(err)
	}
	var all []*repb.GetTreeResponse
	for {
		r, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
}

// directory stores a directory with these subdirectories, named by number, and a file that tells it from others.
func (c *client) directory(mark string, subs ...digest.Digest) digest.Digest {
	dir := &repb.Directory{Files: []*repb.FileNode{{Name: mark, Digest: digest.Empty.Proto()}}}
	for i, d := range subs {
		dir.Directories = append(dir.Directories, &repb.DirectoryNode{Name: fmt.Sprint(i), Digest: d.Proto()})
	}
	return c.message(dir)
}

func marks(pages []*repb.GetTreeResponse) (all []string) {
	for _, p := range pages {
		for _, d := range p.Directories {
			all = append(all, d.Files[0].Name)
		}
	}
	return all
}

func TestGetTree(t *testing.T) {
	k := start(t, 1<<30)
	leaf := k.directory("leaf")
	a, b := k.directory("a", leaf), k.directory("b", leaf, leaf)
	root := k.directory("root", a, b)

	check := func(t *testing.T, pages []*repb.GetTreeResponse, want string) {
		t.Helper()
		if got := fmt.Sprint(marks(pages)); got != want || pages[len(pages)-1].NextPageToken != "" {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	t.Run("WhenItIsOnePage", func(t *testing.T) {
		pages, err := k.getTree(&repb.GetTreeRequest{RootDigest: root.Proto()})
		if err != nil || len(pages) != 1 {
			t.Fatal(pages, err)
		}
		check(t, pages, "[root a b leaf]")
	})
	t.Run("WhenThePagesAreSmall", func(t *testing.T) {
		for size := int32(1); size <= 4; size++ {
			pages, err := k.getTree(&repb.GetTreeRequest{RootDigest: root.Proto(), PageSize: size})
			if err != nil || len(pages) != int(3/size)+1 {
				t.Fatal(len(pages), err)
			}
			check(t, pages, "[root a b leaf]")
			for i, p := range pages[:len(pages)-1] {
				rest, err := k.getTree(&repb.GetTreeRequest{RootDigest: root.Proto(), PageSize: size, PageToken: p.NextPageToken})
				if err != nil || len(p.Directories) != int(size) {
					t.Fatal(err)
				}
				check(t, append(pages[:i+1:i+1], rest...), "[root a b leaf]")
			}
		}
	})
	t.Run("WhenItIsEmpty", func(t *testing.T) {
		pages, err := k.getTree(&repb.GetTreeRequest{RootDigest: digest.Empty.Proto()})
		if err != nil || len(pages) != 1 || len(pages[0].Directories) != 1 {
			t.Fatal(pages, err)
		}
	})
	t.Run("WhenAChildIsMissing", func(t *testing.T) {
		partial := k.directory("partial", digest.Of([]byte("nowhere")), leaf)
		pages, err := k.getTree(&repb.GetTreeRequest{RootDigest: partial.Proto()})
		if err != nil {
			t.Fatal(err)
		}
		check(t, pages, "[partial leaf]")
	})
	t.Run("WhenManyPathsLeadToAFew", func(t *testing.T) {
		d := leaf
		for i := range 100 { // 2^100 paths
			d = k.directory(fmt.Sprint(i), d, d)
		}
		pages, err := k.getTree(&repb.GetTreeRequest{RootDigest: d.Proto()})
		if err != nil || len(marks(pages)) != 101 {
			t.Fatal(len(marks(pages)), err)
		}
	})
	t.Run("WhenItIsLarge", func(t *testing.T) {
		var subs []digest.Digest
		for i := range 2500 {
			subs = append(subs, k.directory(fmt.Sprint("sub", i)))
		}
		pages, err := k.getTree(&repb.GetTreeRequest{RootDigest: k.directory("large", subs...).Proto()})
		if err != nil || len(pages) < 3 || len(marks(pages)) != 2501 {
			t.Fatal(len(pages), err)
		}
	})
	for name, c := range map[string]struct {
		req   *repb.GetTreeRequest
		want  codes.Code
		field string
	}{
		"WhenTheRootIsMissing":   {&repb.GetTreeRequest{RootDigest: digest.Of([]byte("no")).Proto()}, codes.NotFound, "root_digest"},
		"WhenThereIsNoRoot":      {&repb.GetTreeRequest{}, codes.InvalidArgument, "root_digest"},
		"WhenItIsNoDirectory":    {&repb.GetTreeRequest{RootDigest: k.put([]byte("text")).Proto()}, codes.InvalidArgument, "root_digest"},
		"WhenItIsTooLarge":       {&repb.GetTreeRequest{RootDigest: &repb.Digest{Hash: root.Hex(), SizeBytes: 4 << 30}}, codes.InvalidArgument, "root_digest"},
		"WhenThePageIsNegative":  {&repb.GetTreeRequest{RootDigest: root.Proto(), PageSize: -1}, codes.InvalidArgument, "page_size"},
		"WhenTheTokenIsNonsense": {&repb.GetTreeRequest{RootDigest: root.Proto(), PageToken: "x"}, codes.InvalidArgument, "page_token"},
		"WhenTheTokenIsAnothers": {&repb.GetTreeRequest{RootDigest: root.Proto(), PageToken: leaf.Hex()[:16] + ":1"}, codes.InvalidArgument, "page_token"},
		"WhenTheTokenIsTooFar":   {&repb.GetTreeRequest{RootDigest: root.Proto(), PageToken: root.Hex()[:16] + ":5"}, codes.InvalidArgument, "page_token"},
		"WhenAChildHasNoDigest": {&repb.GetTreeRequest{RootDigest: k.message(&repb.Directory{Directories: []*repb.DirectoryNode{{Name: "child"}}}).Proto()},
			codes.InvalidArgument, `"child"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := k.getTree(c.req)
			k.refused(err, c.want, c.field)
		})
	}
}
