package ec2

import (
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// endpoint is where EC2 is: AWS_ENDPOINT_URL_EC2, the configuration's base endpoint, AWS_ENDPOINT_URL, or else AWS itself, in that order.
// It is the SDK's order (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
func endpoint(cfg aws.Config) string {
	for _, set := range []string{os.Getenv("AWS_ENDPOINT_URL_EC2"), aws.ToString(cfg.BaseEndpoint), os.Getenv("AWS_ENDPOINT_URL")} {
		if set != "" {
			return strings.TrimRight(set, "/") + "/"
		}
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(cfg.Region, "cn-") {
		domain = "amazonaws.com.cn"
	}
	return fmt.Sprintf("https://ec2.%s.%s/", cfg.Region, domain)
}
