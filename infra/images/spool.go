package images

import (
	"fmt"
	"io"
	"os"
)

// spool is a file with many contents.
type spool struct {
	*os.File
	end      int64
	sections map[string]section // by name in the layer
}

type section struct {
	file         *os.File
	offset, size int64
}

func newSpool(work string) (*spool, error) {
	f, err := os.CreateTemp(work, "files-*")
	if err != nil {
		return nil, err
	}
	return &spool{File: f, sections: map[string]section{}}, nil
}

// largest is how many bytes are taken out of an image. Buildfarm and a Java have 400 MB; a sparse file of an image may have any size.
const largest = 4 << 30

func (s *spool) add(content io.Reader) (section, error) {
	n, err := io.Copy(s.File, io.LimitReader(content, largest-s.end+1))
	at := section{s.File, s.end, n}
	if s.end += n; err == nil && s.end > largest {
		err = fmt.Errorf("its files have more than %d bytes", int64(largest))
	}
	return at, err
}

func (s section) reader() *io.SectionReader { return io.NewSectionReader(s.file, s.offset, s.size) }

func (s section) open() (io.Reader, error) { return s.reader(), nil }
