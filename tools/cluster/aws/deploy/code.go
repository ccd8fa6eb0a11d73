package deploy

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"os"
)

// maxCode is what Lambda takes, zipped, from a bucket: 250 MB unzipped. Ours is far below; more is not the manager.
const maxCode = 100 << 20

// Code makes of the manager's binary what Lambda's runtime provided.al2023 runs: a zip with an executable called bootstrap. The same
// binary is always the same zip, so that its digest says whether there is something to deploy.
func Code(binary string) ([]byte, error) {
	f, err := os.Open(binary)
	if err != nil {
		return nil, fmt.Errorf("the manager's program: %w", err)
	}
	defer f.Close()
	if err := isProgram(f); err != nil {
		return nil, fmt.Errorf("the manager's program %s: %w", binary, err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	h := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate} // without a time
	h.SetMode(0o755)
	w, err := z.CreateHeader(h)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(w, f); err != nil {
		return nil, fmt.Errorf("the manager's program %s: %w", binary, err)
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// isProgram refuses what Lambda would only find out at the first call: anything but a Linux program.
func isProgram(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	magic := make([]byte, 4)
	if _, err := f.ReadAt(magic, 0); err != nil || string(magic) != "\x7fELF" || info.Size() > maxCode {
		return fmt.Errorf("is no program for Linux")
	}
	return nil
}
