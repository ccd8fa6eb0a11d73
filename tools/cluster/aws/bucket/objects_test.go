package bucket_test

import (
	"errors"
	"testing"

	"github.com/bbf-build/bbf/infra/testing/standin"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
)

func twoWhoReplaceOneObject(t *testing.T, c *standin.Cloud) {
	b, _ := newBucket(c, "two-who-replace")
	if _, err := b.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	replace := func(etag, text string) error {
		return b.Replace(t.Context(), "bbf/acme/x", etag, "text/plain", []byte(text))
	}
	etag := ""
	for _, when := range []string{"ThatIsNew", "ThatIsThere"} {
		t.Run(when, func(t *testing.T) {
			if err := replace(etag, when); err != nil {
				t.Errorf("the first: %v", err)
			}
			if err := replace(etag, "too late"); !errors.Is(err, bucket.ErrChanged) {
				t.Errorf("the second: %v", err)
			}
			var data []byte
			var err error
			if data, etag, err = b.Get(t.Context(), "bbf/acme/x"); err != nil || string(data) != when {
				t.Errorf("%q is stored, %v", data, err)
			}
		})
	}
	t.Run("ThatIsGone", func(t *testing.T) {
		if _, err := b.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := replace(etag, "too late"); !errors.Is(err, bucket.ErrChanged) {
			t.Errorf("%v", err)
		}
	})
}
