package main

import (
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
)

// ecsCredentials is where Fargate gives a task its role's credentials
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html).
const ecsCredentials = "http://169.254.170.2"

// configuration is what the SDK's config package would find in a task. That package also looks for profiles, SSO and other clouds' services,
// which makes the program larger and its start slower.
func configuration() aws.Config {
	cfg := aws.Config{
		Region:  os.Getenv("AWS_REGION"),
		Retryer: func() aws.Retryer { return retry.NewStandard() },
	}
	if url := os.Getenv("AWS_ENDPOINT_URL"); url != "" {
		cfg.BaseEndpoint = &url
	}
	url := os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")
	if path := os.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); path != "" {
		url = ecsCredentials + path
	}
	if url != "" {
		cfg.Credentials = aws.NewCredentialsCache(endpointcreds.New(url))
	} else {
		cfg.Credentials = credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN"))
	}
	return cfg
}
