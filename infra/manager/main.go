// Command manager is the Lambda function that brings a cluster up and down. What it does is in package function.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/bbf-build/bbf/infra/ec2"
	"github.com/bbf-build/bbf/infra/manager/fleet"
	"github.com/bbf-build/bbf/infra/manager/function"
	"github.com/bbf-build/bbf/infra/manager/state"
)

func main() {
	cfg := configuration()
	bucket := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = cfg.BaseEndpoint != nil })
	f := &function.Function{
		Cluster: os.Getenv("BBF_CLUSTER"),
		Fleet: fleet.New(ecs.NewFromConfig(cfg), ec2.New(cfg), cloudwatchlogs.NewFromConfig(cfg), fleet.Names{
			Cluster:  os.Getenv("BBF_ECS_CLUSTER"),
			Server:   os.Getenv("BBF_SERVER_SERVICE"),
			Workers:  os.Getenv("BBF_WORKERS_SERVICE"),
			LogGroup: os.Getenv("BBF_LOG_GROUP"),
		}),
		Store: state.New(bucket, os.Getenv("BBF_BUCKET"), os.Getenv("BBF_CLUSTER"), time.Now),
		Log:   slog.New(slog.NewJSONHandler(os.Stdout, nil)),
		Now:   time.Now,
		Sleep: function.Sleep,
	}
	lambda.Start(f.Invoke)
}
