package certificates

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"time"
)

// Revoked is the list of identities that are refused before their certificates end, as it lies in the cluster's bucket at
// bbf/CLUSTER/certificates/revoked.json. The zero list revokes nothing.
type Revoked struct {
	Names   []string `json:"names,omitempty"`   // of identities, as bbf://CLUSTER/ROLE/NAME or the NAME alone, which stands for all roles
	Serials []string `json:"serials,omitempty"` // of certificates, in hexadecimal; colons and leading zeros don't matter
	// AuthoritiesBefore asks for authorities in the place of those made before. It is the manager who goes by it, and only he.
	AuthoritiesBefore time.Time `json:"authoritiesBefore,omitzero"`
}

// ErrRevoked is within the error of a handshake with somebody revoked.
var ErrRevoked = errors.New("is revoked")

// ParseRevoked reads the list, strictly: an entry that can't match anybody would be one that wrongly seems to work.
func ParseRevoked(data []byte) (Revoked, error) {
	var r Revoked
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return Revoked{}, err
	}
	if _, err := d.Token(); err != io.EOF {
		return Revoked{}, errors.New("there is something behind the list")
	}
	for _, n := range r.Names {
		var err error
		if strings.HasPrefix(n, scheme+"://") {
			_, err = ParseIdentity(n)
		} else {
			err = Identity{"any", RoleReader, n}.Check()
		}
		if err != nil {
			return Revoked{}, fmt.Errorf("names: %w", err)
		}
	}
	for i, s := range r.Serials {
		n, err := parseSerial(s)
		if err != nil {
			return Revoked{}, fmt.Errorf("serials: %w", err)
		}
		r.Serials[i] = n.Text(16)
	}
	return r, nil
}

// Check says whether a certificate, or whom it is for, is revoked.
func (r *Revoked) Check(leaf *x509.Certificate) error {
	if len(r.Names) == 0 && len(r.Serials) == 0 {
		return nil
	}
	id, err := Of(leaf)
	if err != nil {
		return err
	}
	if s := leaf.SerialNumber.Text(16); slices.Contains(r.Serials, s) {
		return fmt.Errorf("the certificate %s of %s %w", s, id, ErrRevoked)
	}
	return r.CheckIdentity(id)
}

// CheckIdentity says whether somebody is revoked.
func (r *Revoked) CheckIdentity(id Identity) error {
	if slices.Contains(r.Names, id.Name) || slices.Contains(r.Names, id.String()) {
		return fmt.Errorf("%s %w", id, ErrRevoked)
	}
	return nil
}

func parseSerial(s string) (*big.Int, error) {
	n, ok := new(big.Int).SetString(strings.ReplaceAll(s, ":", ""), 16)
	if !ok || n.Sign() <= 0 || len(s) > 80 {
		return nil, fmt.Errorf("%q is no serial number in hexadecimal", s)
	}
	return n, nil
}
