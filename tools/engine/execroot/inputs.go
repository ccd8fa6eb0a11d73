package execroot

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

// inputState is an input of a plain exec root as it was before the action.
type inputState struct {
	path   string
	digest digest.Digest
	size   int64
	mode   os.FileMode
	mtime  time.Time
}

func (r *Root) remember(host string, f *file) error {
	st, err := os.Lstat(host)
	if err != nil {
		return err
	}
	r.inputs = append(r.inputs, inputState{host, f.digest, st.Size(), st.Mode(), st.ModTime()})
	return nil
}

// checkInputs finds inputs that the action changed in place: with overlays it can't, here it changed the store's own file. Such
// a blob is thrown out of the store. An input that was deleted or replaced by another file harms nobody.
func (r *Root) checkInputs() error {
	var changed []string
	for i := range r.inputs {
		in := &r.inputs[i]
		bad := false
		for _, path := range r.builder.storedAt(in.digest) {
			st, err := os.Lstat(path)
			if err != nil || st.Size() == in.size && st.ModTime().Equal(in.mtime) && st.Mode() == in.mode {
				continue
			}
			// The time alone proves nothing: the file may have been touched, or stored anew meanwhile.
			if holds(path, in.digest) {
				os.Chmod(path, st.Mode().Perm()&^0o222)
				continue
			}
			bad = true
			os.Remove(path)
		}
		if rel, err := filepath.Rel(r.upper, in.path); bad && err == nil && len(changed) < 10 {
			changed = append(changed, rel)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return status.Errorf(codes.FailedPrecondition, "the action changed its inputs %s: without overlay file systems that changes the cache too, so the damaged files were deleted from it", strings.Join(changed, ", "))
}

// holds says whether a file has the bytes of a digest.
func holds(path string, d digest.Digest) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return err == nil && n == d.Size && bytes.Equal(h.Sum(nil), d.Hash[:])
}

// storedAt are the files that the store has of a blob.
func (b *Builder) storedAt(d digest.Digest) []string {
	name := filepath.Join(d.Hex()[:2], fmt.Sprintf("%s-%d", d.Hex(), d.Size))
	return []string{filepath.Join(b.store.Dir(), "cas", name), filepath.Join(b.store.Dir(), "plain", name)}
}
