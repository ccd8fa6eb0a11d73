// Package manager talks to the manager of a cluster: signed calls (SigV4, service "lambda") of the Lambda's Function URL, as in
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
package manager

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster/aws/refusal"
)

// Client calls one manager.
type Client struct {
	URL         string // the Function URL
	Region      string
	Credentials aws.CredentialsProvider
	HTTP        *http.Client
	Pause       time.Duration    // before the first repetition, doubled for each; 0 is one second
	Now         func() time.Time // nil is time.Now
}

// Up asks for a running cluster.
func (c *Client) Up(ctx context.Context, r api.UpRequest) (s api.Status, err error) {
	return s, c.do(ctx, http.MethodPost, api.PathUp, r, &s)
}

// Status asks how the cluster is, with its tasks if wanted, which costs the manager more calls.
func (c *Client) Status(ctx context.Context, tasks bool) (s api.Status, err error) {
	path := api.PathStatus
	if tasks {
		path += "?tasks=true"
	}
	return s, c.do(ctx, http.MethodGet, path, nil, &s)
}

// Down asks for fewer workers or none.
func (c *Client) Down(ctx context.Context, r api.DownRequest) (s api.Status, err error) {
	return s, c.do(ctx, http.MethodPost, api.PathDown, r, &s)
}

// Certificate asks for a certificate for the caller.
func (c *Client) Certificate(ctx context.Context, r api.CertificateRequest) (reply api.CertificateReply, err error) {
	return reply, c.do(ctx, http.MethodPost, api.PathCertificate, r, &reply)
}

// do makes a call, again while that may help: every call may be made twice without harm.
func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	b := backoff{first: c.Pause}
	for {
		err := c.once(ctx, method, path, body, out)
		if err == nil || !passing(err) || !b.wait(ctx) {
			return err
		}
	}
}

func (c *Client) once(ctx context.Context, method, path string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(address(c.URL), "/")+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if err := c.sign(ctx, req, body); err != nil {
		return err
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		return &unreachable{fmt.Errorf("the manager can't be reached: %w", err)}
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
	if err != nil {
		return &unreachable{fmt.Errorf("reading the manager's answer: %w", err)}
	}
	if res.StatusCode != http.StatusOK {
		return refused(res, data, c.now())
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("the manager's answer to %s %s is none: %w", method, path, err)
	}
	return nil
}

func (c *Client) sign(ctx context.Context, req *http.Request, body []byte) error {
	credentials, err := c.Credentials.Retrieve(ctx)
	if err != nil {
		return refusal.Explain(fmt.Errorf("failed to retrieve credentials: %w", err))
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Amz-Content-Sha256", hash)
	return v4.NewSigner().SignHTTP(ctx, credentials, req, hash, "lambda", c.Region, c.now())
}

func (c *Client) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}
