// Package bucket is what a cluster keeps about certificates in its bucket, below bbf/CLUSTER/certificates/: the static certificates of
// package simple, and the list of revoked identities.
package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// S3 is what is used of the SDK's client.
type S3 interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Objects are those of one cluster. They are safe for concurrent use.
type Objects struct {
	s3      S3
	bucket  string
	cluster string
	list    cached // the list of revoked identities
}

// New makes no call.
func New(client S3, bucket, cluster string) *Objects {
	return &Objects{s3: client, bucket: bucket, cluster: cluster}
}

// Key is the key of an object, which policies name.
func Key(cluster, name string) string { return "bbf/" + cluster + "/certificates/" + name }

// Read returns an object; nil when there is none. S3 says so only to who may list the bucket, to others that they may not read it.
func (o *Objects) Read(ctx context.Context, name string) ([]byte, error) {
	data, _, err := o.get(ctx, name, "")
	return data, err
}

// Write replaces an object. It is encrypted where it lies (SSE-S3).
func (o *Objects) Write(ctx context.Context, name string, data []byte) error {
	return o.put(ctx, name, data, nil)
}

func (o *Objects) String() string { return fmt.Sprintf("s3://%s/%s", o.bucket, Key(o.cluster, "")) }

// errUnchanged is get's answer when the object is still the one with the ETag given.
var errUnchanged = errors.New("the object hasn't changed")

func (o *Objects) get(ctx context.Context, name, etag string) ([]byte, string, error) {
	in := &s3.GetObjectInput{Bucket: &o.bucket, Key: aws.String(Key(o.cluster, name))}
	if etag != "" {
		in.IfNoneMatch = &etag
	}
	out, err := o.s3.GetObject(ctx, in)
	switch status(err) {
	case http.StatusNotModified:
		return nil, etag, errUnchanged
	case http.StatusNotFound:
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("read %s%s: %w", o, name, err)
	}
	defer out.Body.Close()
	data, err := io.ReadAll(out.Body)
	if err != nil {
		return nil, "", fmt.Errorf("read %s%s: %w", o, name, err)
	}
	return data, aws.ToString(out.ETag), nil
}

// put writes an object; with an ETag only when it is still the one with it, and with an empty one only when there is none.
func (o *Objects) put(ctx context.Context, name string, data []byte, etag *string) error {
	in := &s3.PutObjectInput{
		Bucket: &o.bucket, Key: aws.String(Key(o.cluster, name)), Body: bytes.NewReader(data),
		ServerSideEncryption: types.ServerSideEncryptionAes256,
	}
	switch {
	case etag != nil && *etag != "":
		in.IfMatch = etag
	case etag != nil:
		in.IfNoneMatch = aws.String("*")
	}
	if _, err := o.s3.PutObject(ctx, in); err != nil {
		return fmt.Errorf("write %s%s: %w", o, name, err)
	}
	return nil
}

// status is the HTTP status of a refusal; 0 when there is none.
func status(err error) int {
	var refused *smithyhttp.ResponseError
	if errors.As(err, &refused) {
		return refused.HTTPStatusCode()
	}
	return 0
}

// AuthoritiesFile is the name of authorities that are trusted besides those that the authenticator knows of.
const AuthoritiesFile = "authorities.pem"

// Authorities reads them; nil when there are none.
func (o *Objects) Authorities(ctx context.Context) ([]byte, error) {
	return o.Read(ctx, AuthoritiesFile)
}
