package layer

import (
	"archive/tar"
	"fmt"
	"io"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Write makes the layer, as a file in a folder that has to stay for as long as the layer is used.
func (b *Builder) Write(folder string, mediaType types.MediaType) (v1.Layer, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	return store(folder, mediaType, b.writeTar)
}

// Compress makes a layer of a tar that is there already.
func Compress(folder string, archive io.Reader, mediaType types.MediaType) (v1.Layer, error) {
	return store(folder, mediaType, func(w io.Writer) error {
		_, err := io.Copy(w, archive)
		return err
	})
}

func (b *Builder) writeTar(w io.Writer) error {
	archive := tar.NewWriter(w)
	for _, name := range b.sorted() {
		if err := write(archive, name, b.entries[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return archive.Close()
}

func write(archive *tar.Writer, name string, e entry) error {
	h := &tar.Header{Name: name, Mode: e.mode, ModTime: time.Unix(0, 0), Typeflag: tar.TypeReg, Size: e.size}
	switch {
	case e.target != "":
		h.Typeflag, h.Linkname = tar.TypeSymlink, e.target
	case e.open == nil:
		h.Typeflag, h.Name = tar.TypeDir, name+"/"
	}
	if err := archive.WriteHeader(h); err != nil || e.open == nil {
		return err
	}
	r, err := e.open()
	if err != nil {
		return err
	}
	_, err = io.Copy(archive, r)
	return err
}
