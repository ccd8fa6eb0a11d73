package issued

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/bbf-build/bbf/infra/manager/api"
)

// Client calls the manager as a task does, with the credentials of its role. It tries once: a Keeper tries again.
type Client struct {
	URL         string // the manager's Function URL
	Region      string
	Credentials aws.CredentialsProvider
	HTTP        *http.Client     // nil is http.DefaultClient
	Now         func() time.Time // nil is time.Now
}

// largest is how much of an answer is read, in bytes.
const largest = 1 << 20

// Certificate asks for a certificate for the caller. The call is signed (SigV4, service "lambda").
func (c *Client) Certificate(ctx context.Context, r api.CertificateRequest) (api.CertificateReply, error) {
	var reply api.CertificateReply
	body, err := json.Marshal(r)
	if err != nil {
		return reply, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.URL, "/")+api.PathCertificate, bytes.NewReader(body))
	if err != nil {
		return reply, err
	}
	req.Header.Set("Content-Type", "application/json")
	if err := c.sign(ctx, req, body); err != nil {
		return reply, err
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		return reply, fmt.Errorf("the manager can't be reached: %w", err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, largest))
	if err != nil {
		return reply, fmt.Errorf("the manager's answer: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return reply, refused(res, data)
	}
	if err := json.Unmarshal(data, &reply); err != nil {
		return reply, fmt.Errorf("the manager's answer can't be read: %w", err)
	}
	return reply, nil
}

func (c *Client) sign(ctx context.Context, req *http.Request, body []byte) error {
	if c.Credentials == nil {
		return errors.New("there are no credentials to call the manager with")
	}
	credentials, err := c.Credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("there are no credentials to call the manager with: %w", err)
	}
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	digest := sha256.Sum256(body)
	return v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(digest[:]), "lambda", c.Region, now())
}

// refused is what the manager says against it, or IAM before it, or Lambda.
func refused(res *http.Response, data []byte) error {
	var said api.Error
	if json.Unmarshal(data, &said) == nil && said.Code != "" {
		return fmt.Errorf("the manager refuses a certificate: %s", said.Message)
	}
	if res.StatusCode == http.StatusForbidden {
		return errors.New("IAM doesn't let this role call the manager, or the clock is wrong; `bbf setup` gives it the right")
	}
	return fmt.Errorf("the manager answers %s", res.Status)
}
