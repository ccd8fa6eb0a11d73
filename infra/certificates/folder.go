package certificates

import (
	"errors"
	"os"
	"path/filepath"
)

// The files of a machine's own, in a folder that nobody else may look into.
const (
	CertificateFile = "certificate.pem"
	KeyFile         = "key.pem"
	AuthoritiesFile = "authorities.pem"
)

// Save writes the three files. Each is replaced as a whole, the key first: who reads between two of them finds a key and a certificate that
// don't belong together, and has to read again.
func (b *Bundle) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return errors.Join(
		WriteFile(filepath.Join(dir, KeyFile), b.KeyPEM),
		WriteFile(filepath.Join(dir, CertificateFile), b.CertificatePEM),
		WriteFile(filepath.Join(dir, AuthoritiesFile), b.AuthoritiesPEM),
	)
}

// Load reads what Save wrote.
func Load(dir string) (*Bundle, error) {
	var read [3][]byte
	for i, name := range []string{CertificateFile, KeyFile, AuthoritiesFile} {
		var err error
		if read[i], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return Parse(read[0], read[1], read[2])
}

// WriteFile replaces a file, readable by its owner alone (0600), at once: it is never seen half.
func WriteFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
