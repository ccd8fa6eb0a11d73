package source

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// blobName is what a blob is called in an OCI archive; anything else of it is of no use.
var blobName = regexp.MustCompile(`^blobs/sha256/[0-9a-f]{64}$`)

// fromTar opens an OCI archive or what `docker save` writes; newer ones are both, and then the index tells about platforms.
func (f *Finder) fromTar(file string, want v1.Platform) (v1.Image, error) {
	if _, err := os.Stat(file); err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return openTar(file) }
	dir, err := f.unpackLayout(open)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if dir != "" {
		return fromLayout(dir, want)
	}
	tags, err := tarball.LoadManifest(open)
	if err != nil {
		return nil, fmt.Errorf("%s is neither an OCI archive nor of `docker save`: %w", file, err)
	}
	if len(tags) != 1 {
		return nil, fmt.Errorf("%s has %d images in it; save one alone", file, len(tags))
	}
	image, err := tarball.Image(open, nil)
	if err != nil {
		return nil, err
	}
	return f.compress(image)
}

// unpackLayout unpacks an OCI archive into the work folder; "" when it is none.
func (f *Finder) unpackLayout(open tarball.Opener) (string, error) {
	r, err := open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	dir, err := os.MkdirTemp(f.Work, "archive-*")
	if err != nil {
		return "", err
	}
	archive := tar.NewReader(r)
	isLayout := false
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", fmt.Errorf("no tar file: %w", err)
		}
		name := strings.TrimPrefix(path.Clean("/"+h.Name), "/")
		if h.Typeflag != tar.TypeReg || name != "index.json" && name != "oci-layout" && !blobName.MatchString(name) {
			continue
		}
		isLayout = isLayout || name == "index.json"
		if err := unpack(filepath.Join(dir, filepath.FromSlash(name)), archive); err != nil {
			return "", err
		}
	}
	if !isLayout {
		return "", os.RemoveAll(dir)
	}
	return dir, nil
}

func unpack(to string, r io.Reader) (err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = io.Copy(f, r)
	return err
}

// openTar opens a tar file, gzipped or not.
func openTar(file string) (io.ReadCloser, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	b := bufio.NewReader(f)
	if magic, _ := b.Peek(2); string(magic) != "\x1f\x8b" {
		return &opened{b, f}, nil
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &opened{z, f}, nil
}

type opened struct {
	io.Reader
	io.Closer
}
