package standin_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/bbf-build/bbf/infra/testing/standin"
)

const sixMinutesAgo = -6 * time.Minute

type reply struct {
	status int
	body   string
}

// post sends {} to a URL, signed for a service with some keys and a clock that is off; unsigned without keys.
func post(t *testing.T, cloud *standin.Cloud, keys aws.Credentials, url, service string, off time.Duration) reply {
	t.Helper()
	const body = "{}"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if service == "ecs" {
		request.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.ListClusters")
	}
	if keys.HasKeys() {
		sum := sha256.Sum256([]byte(body))
		err := v4.NewSigner().SignHTTP(t.Context(), keys, request, hex.EncodeToString(sum[:]), service, cloud.Region,
			time.Now().Add(off))
		if err != nil {
			t.Fatal(err)
		}
	}
	answered, err := cloud.HTTPClient().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answered.Body.Close()
	data, err := io.ReadAll(answered.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{answered.StatusCode, string(data)}
}
