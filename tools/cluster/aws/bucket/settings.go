package bucket

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// configure gives the bucket all its settings. The tag comes last: a bucket that has it has all.
func (b *Bucket) configure(ctx context.Context) error {
	for _, set := range []func(context.Context) error{b.blockPublicAccess, b.encrypt, b.version, b.requireTLS, b.tag} {
		if err := set(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bucket) blockPublicAccess(ctx context.Context) error {
	yes := aws.Bool(true)
	_, err := b.API.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner(),
		PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
			BlockPublicAcls: yes, BlockPublicPolicy: yes, IgnorePublicAcls: yes, RestrictPublicBuckets: yes}})
	return b.failed("public access block", err)
}

func (b *Bucket) encrypt(ctx context.Context) error {
	rule := types.ServerSideEncryptionRule{
		ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAes256}}
	_, err := b.API.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner(),
		ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{rule}}})
	return b.failed("encryption", err)
}

func (b *Bucket) version(ctx context.Context) error {
	_, err := b.API.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner(),
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	return b.failed("versioning", err)
}

func (b *Bucket) requireTLS(ctx context.Context) error {
	arn := fmt.Sprintf("arn:%s:s3:::%s", b.Partition, b.Name)
	policy, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Sid": "TLSOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": []string{arn, arn + "/*"},
		"Condition": map[string]any{"Bool": map[string]string{"aws:SecureTransport": "false"}},
	}}})
	if err != nil {
		return err
	}
	_, err = b.API.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner(), Policy: aws.String(string(policy))})
	return b.failed("policy", err)
}

// tags returns the bucket's tags. S3 answers 404 when there are none.
func (b *Bucket) tags(ctx context.Context) (map[string]string, error) {
	tags := map[string]string{}
	out, err := b.API.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	if missing(err) {
		return tags, nil
	}
	if err != nil {
		return nil, b.failed("tags", err)
	}
	for _, t := range out.TagSet {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags, nil
}

// tag adds ours to the tags that are there: S3 only replaces all of them.
func (b *Bucket) tag(ctx context.Context) error {
	tags, err := b.tags(ctx)
	if err != nil {
		return err
	}
	want := maps.Clone(tags)
	maps.Copy(want, b.Tags)
	want[clusterTag] = b.Cluster
	if maps.Equal(tags, want) {
		return nil
	}
	var set []types.Tag
	for _, k := range slices.Sorted(maps.Keys(want)) {
		set = append(set, types.Tag{Key: aws.String(k), Value: aws.String(want[k])})
	}
	_, err = b.API.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner(),
		Tagging: &types.Tagging{TagSet: set}})
	return b.failed("tags", err)
}

func (b *Bucket) failed(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s of bucket %s: %w", what, b.Name, err)
	}
	return nil
}
