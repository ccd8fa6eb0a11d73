package bucket_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
)

// faulty is an S3 that answers HeadBucket and CreateBucket as the test says.
type faulty struct {
	bucket.API
	head   int    // HTTP status
	region string // of the bucket
	create string // error code
}

func (f faulty) HeadBucket(context.Context, *s3.HeadBucketInput, ...func(*s3.Options)) (*s3.HeadBucketOutput, error) {
	if f.head == http.StatusOK {
		return &s3.HeadBucketOutput{BucketRegion: &f.region}, nil
	}
	return nil, &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: f.head}}, Err: errors.New("no body")}
}

func (f faulty) CreateBucket(_ context.Context, in *s3.CreateBucketInput, _ ...func(*s3.Options)) (*s3.CreateBucketOutput, error) {
	return nil, &smithy.GenericAPIError{Code: f.create, Message: aws.ToString(in.Bucket)}
}

func TestEnsureRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		api  faulty
		want string
	}{
		"WhenTheBucketIsSomebodyElses":      {faulty{head: 403}, "belongs to another account than 123456789012"},
		"WhenTheBucketIsInAnUnknownRegion":  {faulty{head: 301}, "is in another region"},
		"WhenTheBucketIsInAnotherRegion":    {faulty{head: 200, region: "us-west-2"}, "is in us-west-2, the cluster in eu-west-1"},
		"WhenTheNameIsTakenByAnotherFaster": {faulty{head: 404, create: "BucketAlreadyExists"}, "is taken by another account"},
	} {
		t.Run(name, func(t *testing.T) {
			b := bucket.Bucket{API: test.api, Name: "acme", Region: "eu-west-1", Partition: "aws", AccountID: "123456789012", Cluster: "acme"}
			_, err := b.Ensure(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(cluster.Next(err), "bbf.yaml") {
				t.Errorf("%v; next: %s", err, cluster.Next(err))
			}
		})
	}
}
