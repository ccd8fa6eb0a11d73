// Package ec2 asks EC2 the five questions that bbf has: about network interfaces, subnets, route tables, VPCs and zones. It speaks the
// query protocol itself (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html) because the SDK's ec2 package is
// larger than the rest of bbf together. Credentials, region, HTTP client, retries and error types are the SDK's.
package ec2

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// version is that of EC2's API; there has been no other since 2016.
const version = "2016-11-15"

// largest is how much of an answer is read, in bytes: a thousand network interfaces take 2 MB.
const largest = 32 << 20

// Client is safe for concurrent use.
type Client struct {
	config   aws.Config
	endpoint string
	http     aws.HTTPClient
	retryer  aws.Retryer
}

// New returns a client that uses the configuration's region, credentials, HTTP client, retries and endpoint (see endpoint).
func New(cfg aws.Config) *Client {
	c := &Client{config: cfg, endpoint: endpoint(cfg), http: cfg.HTTPClient}
	if c.http == nil {
		c.http = awshttp.NewBuildableClient()
	}
	if cfg.Retryer != nil {
		c.retryer = cfg.Retryer()
	} else {
		c.retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			if cfg.RetryMaxAttempts > 0 {
				o.MaxAttempts = cfg.RetryMaxAttempts
			}
		})
	}
	return c
}

// call makes one request, and makes it again, after a random and growing delay, as long as the retryer thinks that this can help.
func (c *Client) call(ctx context.Context, form url.Values) (*reply, error) {
	for attempt := 1; ; attempt++ {
		out, err := c.once(ctx, form)
		if err == nil {
			return out, nil
		}
		last := attempt >= c.retryer.MaxAttempts() || !c.retryer.IsErrorRetryable(err)
		if last || ctx.Err() != nil {
			return nil, &smithy.OperationError{ServiceID: "EC2", OperationName: form.Get("Action"), Err: err}
		}
		delay, err := c.retryer.RetryDelay(attempt, err)
		if err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(delay):
		}
	}
}

func (c *Client) once(ctx context.Context, form url.Values) (*reply, error) {
	body := form.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	if c.config.Credentials == nil {
		return nil, errors.New("no AWS credentials")
	}
	credentials, err := c.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("get AWS credentials: %w", err)
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), "ec2", c.config.Region, time.Now()); err != nil {
		return nil, fmt.Errorf("sign the request: %w", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, &smithyhttp.RequestSendError{Err: err}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, largest))
	if err != nil {
		return nil, &smithyhttp.RequestSendError{Err: err}
	}
	if resp.StatusCode != http.StatusOK {
		return nil, refusal(resp, answer)
	}
	out := new(reply)
	if err := xml.Unmarshal(answer, out); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return out, nil
}

// refusal is the error in an answer, of the types that the SDK's own clients return.
func refusal(resp *http.Response, body []byte) error {
	var answer struct {
		Code    string `xml:"Errors>Error>Code"`
		Message string `xml:"Errors>Error>Message"`
	}
	if xml.Unmarshal(body, &answer) != nil || answer.Code == "" {
		answer.Code, answer.Message = fmt.Sprint("HTTP", resp.StatusCode), strings.TrimSpace(string(body[:min(len(body), 200)]))
	}
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: resp},
		Err:      &smithy.GenericAPIError{Code: answer.Code, Message: answer.Message},
	}
}
