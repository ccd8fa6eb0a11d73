package bucket

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Purge deletes all versions of everything of the cluster, and the bucket too if it was the cluster's own and is empty then. It returns
// whether the bucket is gone. No bucket is no error.
func (b *Bucket) Purge(ctx context.Context) (bool, error) {
	s, err := b.Look(ctx)
	if err != nil || !s.Exists {
		return !s.Exists && err == nil, err
	}
	if err := b.deleteVersions(ctx); err != nil || !s.Ours {
		return false, err
	}
	_, err = b.API.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	if code(err) == "BucketNotEmpty" {
		return false, nil
	}
	return err == nil, b.failed("deletion", err)
}

func (b *Bucket) deleteVersions(ctx context.Context) error {
	in := &s3.ListObjectVersionsInput{Bucket: &b.Name, Prefix: aws.String(b.Prefix()), ExpectedBucketOwner: b.owner()}
	for {
		out, err := b.API.ListObjectVersions(ctx, in)
		if err != nil {
			return fmt.Errorf("listing s3://%s/%s: %w", b.Name, b.Prefix(), err)
		}
		var ids []types.ObjectIdentifier
		for _, v := range out.Versions {
			ids = append(ids, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range out.DeleteMarkers {
			ids = append(ids, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if err := b.delete(ctx, ids); err != nil {
			return err
		}
		if !aws.ToBool(out.IsTruncated) {
			return nil
		}
		in.KeyMarker, in.VersionIdMarker = out.NextKeyMarker, out.NextVersionIdMarker
	}
}

// delete deletes up to 1000 objects, which is also how many one page of a list has.
func (b *Bucket) delete(ctx context.Context, ids []types.ObjectIdentifier) error {
	if len(ids) == 0 {
		return nil
	}
	out, err := b.API.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner(),
		Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)}})
	if err != nil {
		return fmt.Errorf("deleting in s3://%s/%s: %w", b.Name, b.Prefix(), err)
	}
	if len(out.Errors) > 0 {
		e := out.Errors[0]
		return fmt.Errorf("deleting s3://%s/%s: %s", b.Name, aws.ToString(e.Key), aws.ToString(e.Message))
	}
	return nil
}
