// Package health finds out whether a gRPC server answers.
package health

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Probe asks a server in plaintext. It is safe for concurrent use.
type Probe struct{ client http.Client }

// NewProbe makes no call.
func NewProbe() *Probe {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	return &Probe{http.Client{Transport: &http.Transport{Protocols: protocols, IdleConnTimeout: time.Minute}}}
}

// serving is a grpc.health.v1.HealthCheckResponse that says SERVING, as a gRPC message.
var serving = []byte{0, 0, 0, 0, 2, 8, 1}

// unimplemented is the gRPC status of a server that answers, but knows nothing of health.
const unimplemented = "12"

// Check asks for the health of the whole server (https://github.com/grpc/grpc/blob/master/doc/health-checking.md).
func (p *Probe) Check(ctx context.Context, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/grpc.health.v1.Health/Check", bytes.NewReader(make([]byte, 5)))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/grpc")
	r.Header.Set("TE", "trailers")
	reply, err := p.client.Do(r)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	message, err := io.ReadAll(io.LimitReader(reply.Body, 1<<10))
	if err != nil {
		return err
	}
	status := reply.Trailer.Get("Grpc-Status")
	if status == "" {
		status = reply.Header.Get("Grpc-Status")
	}
	switch {
	case status == unimplemented:
		return nil
	case status != "0":
		return fmt.Errorf("it answers with the gRPC status %q", status)
	case !bytes.Equal(message, serving):
		return errors.New("it says that it isn't serving yet")
	}
	return nil
}
