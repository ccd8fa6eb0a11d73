package bucket

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/bbf-build/bbf/tools/cluster"
)

// State is what a bucket is to the cluster.
type State struct {
	Exists bool
	Ours   bool // was made for this cluster alone, by the tag, or nothing was ever put into it
	Notes  []string
}

// Look checks, without changing anything, that the bucket is there or can be made: that it belongs to the account, is in the cluster's
// region and wasn't made for another cluster.
func (b *Bucket) Look(ctx context.Context) (State, error) {
	head, err := b.API.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	switch s := status(err); {
	case missing(err):
		return State{}, nil
	case s == http.StatusForbidden:
		err := fmt.Errorf("bucket %s belongs to another account than %s, or you may not look at it (s3:ListBucket)", b.Name, b.AccountID)
		return State{}, cluster.WithNext(err, "bucket names are unique in all of AWS: choose another one in bbf.yaml (aws.bucket), or get the right")
	case s == http.StatusMovedPermanently || s == http.StatusBadRequest:
		return State{}, b.elsewhere("another region")
	case err != nil:
		return State{}, fmt.Errorf("looking at bucket %s: %w", b.Name, err)
	}
	if r := aws.ToString(head.BucketRegion); r != "" && r != b.Region {
		return State{}, b.elsewhere(r)
	}
	tags, err := b.tags(ctx)
	if err != nil {
		return State{}, err
	}
	if owner := tags[clusterTag]; owner != "" {
		if owner != b.Cluster {
			err := fmt.Errorf("bucket %s was made for the cluster %q", b.Name, owner)
			return State{}, cluster.WithNext(err, "choose another bucket in bbf.yaml (aws.bucket)")
		}
		return State{Exists: true, Ours: true}, nil
	}
	return b.untagged(ctx)
}

// untagged is a bucket that somebody else made, or that we made just before we were interrupted: then it is empty.
func (b *Bucket) untagged(ctx context.Context) (State, error) {
	in := &s3.ListObjectVersionsInput{Bucket: &b.Name, MaxKeys: aws.Int32(1), ExpectedBucketOwner: b.owner()}
	list, err := b.API.ListObjectVersions(ctx, in)
	if err != nil {
		return State{}, fmt.Errorf("looking into bucket %s: %w", b.Name, err)
	}
	if len(list.Versions)+len(list.DeleteMarkers) == 0 {
		return State{Exists: true, Ours: true}, nil
	}
	s := State{Exists: true}
	v, err := b.API.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.Name, ExpectedBucketOwner: b.owner()})
	if err != nil {
		return State{}, fmt.Errorf("versioning of bucket %s: %w", b.Name, err)
	}
	if v.Status != types.BucketVersioningStatusEnabled {
		s.Notes = append(s.Notes, fmt.Sprintf("bucket %s has other things in it and isn't versioned: earlier configurations of the cluster aren't kept", b.Name))
	}
	return s, nil
}

func (b *Bucket) elsewhere(region string) error {
	return cluster.WithNext(fmt.Errorf("bucket %s is in %s, the cluster in %s", b.Name, region, b.Region),
		"choose another bucket (aws.bucket) or the bucket's region (aws.region) in bbf.yaml")
}

// Ensure makes the bucket if it isn't there, and gives one that is the cluster's own its settings. Nothing is changed of a bucket that
// has other things in it.
func (b *Bucket) Ensure(ctx context.Context) (State, error) {
	s, err := b.Look(ctx)
	if err != nil {
		return s, err
	}
	if !s.Exists {
		if err := b.create(ctx); err != nil {
			return s, err
		}
		s = State{Exists: true, Ours: true}
	}
	if s.Ours {
		err = b.configure(ctx)
	}
	return s, err
}

func (b *Bucket) create(ctx context.Context) error {
	in := &s3.CreateBucketInput{Bucket: &b.Name}
	if b.Region != "us-east-1" { // which S3 takes for no constraint, and refuses as one
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(b.Region)}
	}
	_, err := b.API.CreateBucket(ctx, in)
	switch code(err) {
	case "BucketAlreadyOwnedByYou": // somebody of the account was faster
		return nil
	case "BucketAlreadyExists":
		return cluster.WithNext(fmt.Errorf("the bucket name %s is taken by another account", b.Name), "choose another one in bbf.yaml (aws.bucket)")
	}
	if err != nil {
		return fmt.Errorf("making bucket %s: %w", b.Name, err)
	}
	return nil
}
