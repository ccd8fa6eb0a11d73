package function

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"net/http"

	"github.com/bbf-build/bbf/infra/manager/api"
)

// certificate will sign a certificate for the caller. For now it looks whether what it is given could be signed.
func (f *Function) certificate(_ context.Context, r *request) (any, error) {
	var in api.CertificateRequest
	if err := decode(r.body, &in); err != nil {
		return nil, err
	}
	if _, err := parse(in.CSR); err != nil {
		return nil, err
	}
	return nil, refuse(http.StatusNotImplemented, "not_implemented", "", "this version of the manager doesn't sign certificates yet")
}

// parse reads a certificate signing request that was signed with the key that it is for.
func parse(csr string) (*x509.CertificateRequest, error) {
	block, rest := pem.Decode([]byte(csr))
	switch {
	case csr == "":
		return nil, bad("csr: is missing; it is a certificate signing request in PEM")
	case block == nil:
		return nil, bad("csr: is no PEM")
	case block.Type != "CERTIFICATE REQUEST":
		return nil, bad("csr: is PEM of a %s, and has to be of a CERTIFICATE REQUEST", block.Type)
	case len(bytes.TrimSpace(rest)) > 0:
		return nil, bad("csr: has something behind the request")
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, bad("csr: can't be read: %v", err)
	}
	if err := request.CheckSignature(); err != nil {
		return nil, bad("csr: isn't signed with its own key: %v", err)
	}
	return request, nil
}
