package certificates

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// NewKey makes a private key, ECDSA P-256, which all TLS libraries know (Bazel's doesn't know Ed25519). The PEM is PKCS#8, the only kind
// that Bazel's --tls_client_key reads.
func NewKey() (crypto.Signer, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// ParseKey reads a private key in PKCS#8.
func ParseKey(keyPEM []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(keyPEM)
	switch {
	case block == nil:
		return nil, errors.New("the private key is no PEM")
	case block.Type != "PRIVATE KEY":
		return nil, fmt.Errorf("the private key is PEM of a %s, and has to be PKCS#8, of a PRIVATE KEY", block.Type)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a %T can't sign", key)
	}
	return signer, nil
}

// signable says whether a certificate is signed for a key: of the two kinds that are short, fast and have no parameters to get wrong.
func signable(public any) error {
	switch key := public.(type) {
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return nil
		}
		return fmt.Errorf("its key is ECDSA %s; take ECDSA P-256 or Ed25519", key.Curve.Params().Name)
	case ed25519.PublicKey:
		return nil
	}
	return fmt.Errorf("its key is %s; take ECDSA P-256 or Ed25519", kind(public))
}

// strong says whether the key of the other side's certificate is good enough. Authorities that aren't ours may have signed RSA keys.
func strong(public any) error {
	switch key := public.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() < 2048 {
			return fmt.Errorf("its key is %s, which is too short", kind(public))
		}
		return nil
	case *ecdsa.PublicKey:
		if key.Curve.Params().BitSize < 256 {
			return fmt.Errorf("its key is %s, which is too short", kind(public))
		}
		return nil
	case ed25519.PublicKey:
		return nil
	}
	return fmt.Errorf("its key is %s, which is not known", kind(public))
}

func kind(public any) string {
	switch key := public.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA of %d bits", key.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + key.Curve.Params().Name
	}
	return fmt.Sprintf("a %T", public)
}
