package ec2_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/bbf-build/bbf/infra/ec2"
)

func TestEndpoint(t *testing.T) {
	hit := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `<R><vpcSet/></R>`) }))
	t.Cleanup(hit.Close)
	nowhere := "http://127.0.0.1:1"
	cfg := aws.Config{Region: "eu-west-1", RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", "")}
	t.Run("TheServiceVariableComesFirst", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL_EC2", hit.URL)
		t.Setenv("AWS_ENDPOINT_URL", nowhere)
		cfg := cfg
		cfg.BaseEndpoint = &nowhere
		if _, err := ec2.New(cfg).DescribeVpcs(t.Context(), ec2.Query{}); err != nil {
			t.Error(err)
		}
	})
	t.Run("ThenTheGeneralVariable", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL", hit.URL)
		if _, err := ec2.New(cfg).DescribeVpcs(t.Context(), ec2.Query{}); err != nil {
			t.Error(err)
		}
	})
}
