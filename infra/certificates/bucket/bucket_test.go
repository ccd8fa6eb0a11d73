package bucket_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/bucket"
	"github.com/bbf-build/bbf/infra/certificates/simple"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
	"github.com/bbf-build/bbf/infra/testing/standin"
)

func open(t *testing.T) (*testcloud.Cloud, *bucket.Objects) {
	c := testcloud.New(t)
	return c, bucket.New(c, testcloud.Bucket, testcloud.Cluster)
}

func list(t *testing.T, o *bucket.Objects) certificates.Revoked {
	t.Helper()
	data, err := o.Revoked(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := certificates.ParseRevoked(data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRevoke(t *testing.T) {
	_, o := open(t)
	if data, err := o.Revoked(t.Context()); err != nil || data != nil {
		t.Errorf("with no list: %q, %v", data, err)
	}
	for range 2 {
		if err := o.Revoke(t.Context(), []string{"arn:aws:iam::1:user/a", "b"}, []string{"1f"}); err != nil {
			t.Fatal(err)
		}
	}
	if r := list(t, o); len(r.Names) != 2 || len(r.Serials) != 1 {
		t.Errorf("got %+v", r)
	}
	if err := o.Pardon(t.Context(), []string{"b"}, []string{"1f"}); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	if err := o.ReplaceAuthority(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if r := list(t, o); !slices.Equal(r.Names, []string{"arn:aws:iam::1:user/a"}) || len(r.Serials) != 0 || !r.AuthoritiesBefore.Equal(now) {
		t.Errorf("got %+v", r)
	}
	if err := o.Revoke(t.Context(), []string{"two words"}, nil); err == nil || !strings.Contains(err.Error(), "printable") {
		t.Errorf("a name that nobody has: %v", err)
	}
}

func TestRevokedIsFetchedWhenItHasChanged(t *testing.T) {
	c, o := open(t)
	c.Save(bucket.Key(testcloud.Cluster, bucket.RevokedList), certificates.Revoked{Names: []string{"a"}})
	for range 2 {
		if r := list(t, o); len(r.Names) != 1 {
			t.Errorf("got %+v", r)
		}
	}
	c.Edit(func() { clear(c.Objects) })
	if data, err := o.Revoked(t.Context()); err != nil || data != nil {
		t.Errorf("after it was deleted: %q, %v", data, err)
	}
	c.Fail("GetObject "+bucket.Key(testcloud.Cluster, bucket.RevokedList), testcloud.Status(403, "AccessDenied"))
	if _, err := o.Revoked(t.Context()); err == nil || !strings.Contains(err.Error(), "s3://acme-bucket/bbf/acme/certificates/revoked.json") {
		t.Errorf("got %v", err)
	}
}

// Several people revoke at once, and nobody's entry is lost.
func TestRevokeTogether(t *testing.T) {
	c, o := open(t)
	var all sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		all.Go(func() {
			if err := bucket.New(c, testcloud.Bucket, testcloud.Cluster).Revoke(context.Background(), []string{name}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if r := list(t, o); len(r.Names) != 5 {
		t.Errorf("got %+v", r)
	}
}

func TestInS3(t *testing.T) {
	cloud := standin.Start(t, standin.Options{})
	client := s3.NewFromConfig(cloud.RootConfig(t.Context()), func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("acme"), CreateBucketConfiguration: &types.CreateBucketConfiguration{
		LocationConstraint: types.BucketLocationConstraint(cloud.Region)}}); err != nil {
		t.Fatal(err)
	}
	o := bucket.New(client, "acme", "acme")
	if err := simple.Make(t.Context(), o, simple.Options{Cluster: "acme", Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := o.Revoke(t.Context(), []string{"a"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := o.Revoke(t.Context(), []string{"b"}, nil); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if r := list(t, o); len(r.Names) != 2 {
			t.Errorf("revoked: %+v", r)
		}
	}
	all, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("acme"), Prefix: aws.String("bbf/acme/certificates/")})
	if err != nil || len(all.Contents) != 10 {
		t.Fatalf("%d objects, %v", len(all.Contents), err)
	}
	for _, c := range all.Contents {
		head, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("acme"), Key: c.Key})
		if err != nil || head.ServerSideEncryption != types.ServerSideEncryptionAes256 {
			t.Errorf("%s: encrypted with %q, %v", *c.Key, head.ServerSideEncryption, err)
		}
	}
	k := certificates.NewKeeper(simple.New(o), certificates.Identity{Cluster: "acme", Role: certificates.RoleWorker, Name: "me"}, certificates.KeeperOptions{})
	if err := k.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b, err := k.Current(); err != nil || b.Identity.String() != "bbf://acme/worker/shared" {
		t.Errorf("got %+v, %v", b, err)
	}
}
