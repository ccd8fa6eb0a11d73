package bucket_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/testing/standin"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
)

func newBucket(c *standin.Cloud, name string) (*bucket.Bucket, *s3.Client) {
	api := s3.NewFromConfig(c.Config(c.Root()))
	return &bucket.Bucket{API: api, Name: name, Region: c.Region, Partition: "aws", AccountID: c.AccountID, Cluster: "acme", Tags: map[string]string{"team": "tools"}}, api
}

func TestWithTheStandIn(t *testing.T) {
	c := standin.Start(t, standin.Options{})
	for name, test := range map[string]func(*testing.T, *standin.Cloud){
		"LifeOfABucket":                  lifeOfABucket,
		"SharedBucketKeepsWhatIsNotOurs": sharedBucketKeepsWhatIsNotOurs,
		"BucketOfAnotherCluster":         bucketOfAnotherCluster,
		"TwoWhoReplaceOneObject":         twoWhoReplaceOneObject,
	} {
		t.Run(name, func(t *testing.T) { test(t, c) })
	}
}

func lifeOfABucket(t *testing.T, c *standin.Cloud) {
	b, api := newBucket(c, "life-of-a-bucket")
	ctx := t.Context()
	for _, when := range []string{"first", "again"} {
		if s, err := b.Ensure(ctx); err != nil || !s.Ours || len(s.Notes) > 0 {
			t.Fatalf("%s: %+v, %v", when, s, err)
		}
	}
	v, err := api.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.Name})
	if err != nil || v.Status != types.BucketVersioningStatusEnabled {
		t.Errorf("versioning: %+v, %v", v, err)
	}
	p, err := api.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &b.Name})
	if err != nil || !strings.Contains(aws.ToString(p.Policy), "aws:SecureTransport") {
		t.Errorf("policy: %+v, %v", p, err)
	}
	block, err := api.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &b.Name})
	if err != nil || !aws.ToBool(block.PublicAccessBlockConfiguration.RestrictPublicBuckets) {
		t.Errorf("public access: %+v, %v", block, err)
	}
	tags, err := api.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &b.Name})
	if err != nil || len(tags.TagSet) != 2 || aws.ToString(tags.TagSet[0].Value) != "acme" {
		t.Errorf("tags: %+v, %v", tags, err)
	}

	if _, _, err := b.Get(ctx, state.ConfigKey(b.Cluster)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading what isn't there: %v", err)
	}
	for _, text := range []string{"one", "two"} {
		if err := b.Put(ctx, state.ConfigKey(b.Cluster), "application/json", []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, _, err := b.Get(ctx, state.ConfigKey(b.Cluster)); err != nil || string(got) != text {
			t.Errorf("read %q, %v", got, err)
		}
	}
	for i, want := range []bool{true, false} {
		if did, err := b.PutCode(ctx, []byte("zip")); err != nil || did != want {
			t.Errorf("upload %d of the same code: %v, %v", i, did, err)
		}
	}
	if err := b.Forget(ctx); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Get(ctx, state.ConfigKey(b.Cluster)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after Forget: %v", err)
	}
	for _, when := range []string{"first", "again"} {
		if gone, err := b.Purge(ctx); err != nil || !gone {
			t.Errorf("purge, %s: %v, %v", when, gone, err)
		}
	}
}

func sharedBucketKeepsWhatIsNotOurs(t *testing.T, c *standin.Cloud) {
	b, api := newBucket(c, "shared-bucket")
	ctx := t.Context()
	if _, err := api.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &b.Name, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "eu-central-1"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := api.PutObject(ctx, &s3.PutObjectInput{Bucket: &b.Name, Key: aws.String("theirs"), Body: strings.NewReader("x")}); err != nil {
		t.Fatal(err)
	}
	s, err := b.Ensure(ctx)
	if err != nil || s.Ours || len(s.Notes) != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := api.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &b.Name}); err == nil {
		t.Error("the policy of a bucket that isn't ours was set")
	}
	if err := b.Put(ctx, state.ConfigKey(b.Cluster), "application/json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if gone, err := b.Purge(ctx); err != nil || gone {
		t.Errorf("%v, %v", gone, err)
	}
	list, err := api.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &b.Name})
	if err != nil || len(list.Versions) != 1 || aws.ToString(list.Versions[0].Key) != "theirs" {
		t.Errorf("left: %+v, %v", list, err)
	}
}

func bucketOfAnotherCluster(t *testing.T, c *standin.Cloud) {
	b, _ := newBucket(c, "bucket-of-another-cluster")
	other := *b
	other.Cluster = "other"
	if _, err := other.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Ensure(t.Context()); err == nil || !strings.Contains(err.Error(), `was made for the cluster "other"`) {
		t.Errorf("%v", err)
	}
	if _, err := other.Purge(t.Context()); err != nil {
		t.Error(err)
	}
}
