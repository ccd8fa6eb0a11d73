package main_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/infra/testing/standin"
)

const cluster = "acme"

// rig is a cluster in the stand-in, set up with the real templates and the real manager.
type rig struct {
	*standin.Cloud
	config schema.Config
	url    string
}

// sleeps is what the tasks run.
var sleeps = map[string]standin.ImageCommand{"bbf/acme/": {Argv: []string{"sh", "-c", "exec sleep infinity"}}}

func start(t *testing.T) *rig {
	t.Helper()
	r := &rig{Cloud: standin.Start(t, standin.Options{Images: sleeps})}
	r.config = schema.Config{Cluster: cluster, Backend: schema.BackendAWS, AWS: schema.AWS{Region: r.Region, Bucket: "acme-builds", Architecture: "x86_64"}}
	r.config.Access = []schema.Access{{ARN: "arn:aws:iam::*:user/reader", Role: "reader"}, {ARN: "arn:aws:iam::*:user/builder", Role: "builder"}}
	schema.Defaults(&r.config)

	client := s3.NewFromConfig(r.Config(r.Root()))
	location := &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(r.Region)}
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &r.config.AWS.Bucket, CreateBucketConfiguration: location}); err != nil {
		t.Fatal(err)
	}
	key := "bbf/acme/manager/" + strings.Repeat("0", 64) + ".zip"
	r.put(t, key, zipped(t, build(t)))
	for _, s := range cloudformation.Stacks(&r.config, cloudformation.Deployment{
		AccountID: r.AccountID, CodeKey: key, ConfigDigest: "test", Commands: map[string][]string{"health": {"CMD-SHELL", "exit 0"}},
	}) {
		made := r.deploy(t, s)
		for _, o := range made.Outputs {
			if *o.OutputKey == "FunctionUrl" {
				r.url = strings.Replace(strings.TrimSuffix(*o.OutputValue, "/"), "https://", "http://", 1)
			}
		}
	}
	r.save(t, state.ConfigKey(cluster), state.Deployed{Config: r.config, Version: "test", By: "arn:aws:iam::123456789012:root", At: time.Now()})
	return r
}

func (r *rig) deploy(t *testing.T, s cloudformation.Stack) cfntypes.Stack {
	t.Helper()
	client := cfn.NewFromConfig(r.Config(r.Root()))
	in := &cfn.CreateStackInput{StackName: &s.Name, TemplateBody: &s.Template}
	for _, c := range s.Capabilities {
		in.Capabilities = append(in.Capabilities, cfntypes.Capability(c))
	}
	for k, v := range s.Parameters {
		in.Parameters = append(in.Parameters, cfntypes.Parameter{ParameterKey: aws.String(k), ParameterValue: aws.String(v)})
	}
	if _, err := client.CreateStack(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	var made cfntypes.Stack
	wait(t, "the stack "+s.Name, func() bool {
		out, err := client.DescribeStacks(t.Context(), &cfn.DescribeStacksInput{StackName: &s.Name})
		if err != nil {
			t.Fatal(err)
		}
		made = out.Stacks[0]
		return !strings.HasSuffix(string(made.StackStatus), "_IN_PROGRESS")
	})
	if made.StackStatus != cfntypes.StackStatusCreateComplete {
		t.Fatalf("the stack %s is %s: %s", s.Name, made.StackStatus, aws.ToString(made.StackStatusReason))
	}
	return made
}

func (r *rig) save(t *testing.T, key string, value any) {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	r.put(t, key, data)
}

func (r *rig) put(t *testing.T, key string, data []byte) {
	t.Helper()
	client := s3.NewFromConfig(r.Config(r.Root()))
	if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &r.config.AWS.Bucket, Key: &key, Body: bytes.NewReader(data)}); err != nil {
		t.Fatal(err)
	}
}

// wait looks again and again until something is so.
func wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute for %s", what)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
