// A Lambda that answers with what it was told, for the tests of package standin.
package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() { lambda.Start(answer) }

func answer(ctx context.Context, event events.LambdaFunctionURLRequest) (events.LambdaFunctionURLResponse, error) {
	if event.RawPath == "/exit" {
		os.Exit(1)
	}
	if event.RawPath == "/whoami" {
		return whoAmI(ctx)
	}
	told := map[string]any{"path": event.RawPath, "body": event.Body}
	if caller := event.RequestContext.Authorizer; caller != nil && caller.IAM != nil {
		told["caller"] = caller.IAM.UserARN
	}
	body, err := json.Marshal(told)
	return events.LambdaFunctionURLResponse{StatusCode: http.StatusOK, Body: string(body)}, err
}

func whoAmI(ctx context.Context) (events.LambdaFunctionURLResponse, error) {
	out, err := sts.New(sts.Options{
		BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL")),
		Region:       os.Getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"),
			os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")),
	}).GetCallerIdentity(ctx, nil)
	if err != nil {
		return events.LambdaFunctionURLResponse{}, err
	}
	return events.LambdaFunctionURLResponse{StatusCode: http.StatusOK, Body: *out.Arn}, nil
}
