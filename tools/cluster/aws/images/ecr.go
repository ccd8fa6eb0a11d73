package images

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/bbf-build/bbf/infra/cloudformation"
)

// authorization asks ECR for a name and a password, which are good for 12 hours and all registries of a region that the caller may use.
// It is the one call of ECR's own API that is needed, so this speaks it itself.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
func authorization(ctx context.Context, cfg aws.Config, region string) (authn.AuthConfig, error) {
	retryer := retry.NewStandard()
	for attempt := 1; ; attempt++ {
		auth, err := authorizationOnce(ctx, cfg, region)
		if err == nil {
			return auth, nil
		}
		err = &smithy.OperationError{ServiceID: "ECR", OperationName: "GetAuthorizationToken", Err: err}
		if attempt >= retryer.MaxAttempts() || !retryer.IsErrorRetryable(err) {
			return auth, err
		}
		delay, delayErr := retryer.RetryDelay(attempt, err)
		if delayErr != nil {
			return auth, err
		}
		select {
		case <-ctx.Done():
			return auth, ctx.Err()
		case <-time.After(delay):
		}
	}
}

func authorizationOnce(ctx context.Context, cfg aws.Config, region string) (none authn.AuthConfig, err error) {
	const body = "{}"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, ecrEndpoint(cfg, region), strings.NewReader(body))
	if err != nil {
		return none, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken")
	if cfg.Credentials == nil {
		return none, errors.New("failed to retrieve credentials: there are none")
	}
	credentials, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return none, fmt.Errorf("failed to retrieve credentials: %w", err)
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), "ecr", region, time.Now()); err != nil {
		return none, err
	}
	client := cfg.HTTPClient
	if client == nil {
		client = awshttp.NewBuildableClient()
	}
	res, err := client.Do(req)
	if err != nil {
		return none, &smithyhttp.RequestSendError{Err: err}
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return none, &smithyhttp.RequestSendError{Err: err}
	}
	if res.StatusCode != http.StatusOK {
		return none, ecrRefusal(res, data)
	}
	return parseAuthorization(data)
}

func parseAuthorization(data []byte) (none authn.AuthConfig, err error) {
	var answer struct {
		AuthorizationData []struct {
			AuthorizationToken string `json:"authorizationToken"`
		} `json:"authorizationData"`
	}
	if err := json.Unmarshal(data, &answer); err != nil || len(answer.AuthorizationData) == 0 {
		return none, errors.New("the answer has no token")
	}
	token, err := base64.StdEncoding.DecodeString(answer.AuthorizationData[0].AuthorizationToken)
	if err != nil {
		return none, errors.New("the token isn't base64")
	}
	name, password, ok := strings.Cut(string(token), ":")
	if !ok {
		return none, errors.New("the token has no password")
	}
	return authn.AuthConfig{Username: name, Password: password}, nil
}

func ecrRefusal(res *http.Response, body []byte) error {
	var answer struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // encoding/json takes "Message" for it too
	}
	if json.Unmarshal(body, &answer) != nil || answer.Type == "" {
		answer.Type, answer.Message = fmt.Sprint("HTTP", res.StatusCode), strings.TrimSpace(string(body[:min(len(body), 200)]))
	}
	return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: res},
		Err: &smithy.GenericAPIError{Code: answer.Type[strings.LastIndex(answer.Type, "#")+1:], Message: answer.Message}}
}

// ecrEndpoint is in the SDK's order: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func ecrEndpoint(cfg aws.Config, region string) string {
	for _, set := range []string{os.Getenv("AWS_ENDPOINT_URL_ECR"), aws.ToString(cfg.BaseEndpoint), os.Getenv("AWS_ENDPOINT_URL")} {
		if set != "" {
			return strings.TrimRight(set, "/") + "/"
		}
	}
	return "https://api.ecr." + region + "." + domain(region) + "/"
}

// domain of AWS's hosts in a region.
func domain(region string) string {
	if cloudformation.Partition(region) == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}
