package digest_test

import (
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestNew(t *testing.T) {
	good := strings.Repeat("0a", 32)
	for name, c := range map[string]struct {
		hash string
		size int64
		want string // part of the message; empty: no error
	}{
		"WhenItIsRight":           {good, 5, ""},
		"WhenTheHashIsShort":      {good[:62], 5, "62 characters"},
		"WhenTheHashIsEmpty":      {"", 0, "0 characters"},
		"WhenTheHashIsUpperCase":  {strings.ToUpper(good), 5, "lower-case"},
		"WhenTheHashIsAPath":      {strings.Repeat("../", 21) + "x", 5, "lower-case"},
		"WhenTheSizeIsNegative":   {good, -1, "negative size"},
		"WhenTheHashHasANulByte":  {"\x00" + good[1:], 5, "lower-case"},
		"WhenTheHashIsOtherWidth": {good + "00", 5, "66 characters"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := digest.New(c.hash, c.size)
			if c.want == "" {
				if err != nil || d.Hex() != c.hash || d.Size != c.size {
					t.Fatalf("got %v, %v", d, err)
				}
				return
			}
			if status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want InvalidArgument with %q", err, c.want)
			}
		})
	}
}

func TestEmpty(t *testing.T) {
	if got := digest.Empty.String(); got != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/0" {
		t.Fatal(got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(digest.Of([]byte("x")).String())
	f.Add("a/b")
	f.Add("/-1")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := digest.Parse(s)
		if err != nil {
			return
		}
		again, err := digest.Parse(d.String())
		if err != nil || again != d {
			t.Fatalf("%q: %v became %v, %v", s, d, again, err)
		}
	})
}
