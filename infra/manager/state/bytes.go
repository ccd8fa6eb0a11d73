package state

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// AuthorityKey is the key of the cluster's certificate authority: its certificate and private key in PEM. The manager makes it on first use,
// and nobody else may read it.
func AuthorityKey(cluster string) string { return prefix(cluster) + "ca/key.pem" }

// NextAuthorityKey is the key of the authority that takes the other one's place.
func NextAuthorityKey(cluster string) string { return prefix(cluster) + "ca/next.pem" }

// Read returns an object as it is, and its ETag; nil and "" when there is none.
func (s *Store) Read(ctx context.Context, key string) (data []byte, etag string, err error) {
	out, err := s.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: &key})
	if status(err) == http.StatusNotFound {
		return nil, "", nil
	}
	if err == nil {
		defer out.Body.Close()
		data, err = io.ReadAll(out.Body)
	}
	if err != nil {
		return nil, "", fmt.Errorf("read s3://%s/%s: %w", s.bucket, key, err)
	}
	return data, aws.ToString(out.ETag), nil
}

// Replace writes an object, encrypted where it lies (SSE-S3), if it still has the ETag; with "" if there is none. It says false when somebody
// else has written it since.
func (s *Store) Replace(ctx context.Context, key string, data []byte, etag string) (bool, error) {
	in := &s3.PutObjectInput{Bucket: &s.bucket, Key: &key, Body: bytes.NewReader(data), ServerSideEncryption: types.ServerSideEncryptionAes256}
	if etag != "" {
		in.IfMatch = &etag
	} else {
		in.IfNoneMatch = aws.String("*")
	}
	_, err := s.s3.PutObject(ctx, in)
	switch status(err) {
	case http.StatusPreconditionFailed, http.StatusConflict, http.StatusNotFound:
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("write s3://%s/%s: %w", s.bucket, key, err)
	}
	return true, nil
}
