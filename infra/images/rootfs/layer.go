package rootfs

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// readLayer reads a layer to its end, and fails if it isn't the one that the image's configuration names.
func (t *Tree) readLayer(ctx context.Context, i int, read func(*tar.Reader) error) error {
	want := t.diffIDs[i]
	if want.Algorithm != "sha256" {
		return fmt.Errorf("its digest %s is no sha256", want)
	}
	r, err := t.layers[i].Uncompressed()
	if err != nil {
		return err
	}
	defer r.Close()
	s := &summed{ctx, r, sha256.New()}
	if err := read(tar.NewReader(s)); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, s); err != nil { // what the tar's reader has left
		return err
	}
	if got := hex.EncodeToString(s.sum.Sum(nil)); got != want.Hex {
		return fmt.Errorf("its content has the digest sha256:%s, and the image's configuration says %s", got, want)
	}
	return nil
}

// summed is a reader that keeps a digest of what was read. It stops when ctx ends.
type summed struct {
	ctx context.Context
	r   io.Reader
	sum hash.Hash
}

func (s *summed) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.r.Read(p)
	s.sum.Write(p[:n])
	return n, err
}
