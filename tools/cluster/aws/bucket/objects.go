package bucket

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/bbf-build/bbf/infra/manager/state"
)

// Get reads an object and its ETag. When it, or the bucket, isn't there, the error is fs.ErrNotExist.
func (b *Bucket) Get(ctx context.Context, key string) (data []byte, etag string, err error) {
	out, err := b.API.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: &key, ExpectedBucketOwner: b.owner()})
	if missing(err) {
		return nil, "", fmt.Errorf("s3://%s/%s: %w", b.Name, key, fs.ErrNotExist)
	}
	if err != nil {
		return nil, "", fmt.Errorf("reading s3://%s/%s: %w", b.Name, key, err)
	}
	defer out.Body.Close()
	data, err = io.ReadAll(out.Body)
	return data, aws.ToString(out.ETag), err
}

// Put writes an object.
func (b *Bucket) Put(ctx context.Context, key, contentType string, data []byte) error {
	return b.put(ctx, &s3.PutObjectInput{Key: &key, ContentType: &contentType, Body: bytes.NewReader(data)})
}

// ErrChanged is why Replace hasn't written.
var ErrChanged = errors.New("somebody else has written it meanwhile")

// Replace writes an object if it is still the one with this ETag, or, if that is "", still isn't there. Else the error is ErrChanged.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
func (b *Bucket) Replace(ctx context.Context, key, etag, contentType string, data []byte) error {
	in := &s3.PutObjectInput{Key: &key, ContentType: &contentType, Body: bytes.NewReader(data)}
	if etag == "" {
		in.IfNoneMatch = aws.String("*")
	} else {
		in.IfMatch = &etag
	}
	err := b.put(ctx, in)
	if s := status(err); s == http.StatusPreconditionFailed || s == http.StatusConflict || code(err) == "NoSuchKey" {
		return fmt.Errorf("%w: %w", ErrChanged, err)
	}
	return err
}

// put encrypts whatever the bucket's default is.
func (b *Bucket) put(ctx context.Context, in *s3.PutObjectInput) error {
	in.Bucket, in.ExpectedBucketOwner, in.ServerSideEncryption = &b.Name, b.owner(), types.ServerSideEncryptionAes256
	if _, err := b.API.PutObject(ctx, in); err != nil {
		return fmt.Errorf("writing s3://%s/%s: %w", b.Name, aws.ToString(in.Key), err)
	}
	return nil
}

// CodeKey is the key that code is stored under.
func (b *Bucket) CodeKey(zip []byte) string {
	sum := sha256.Sum256(zip)
	return b.Prefix() + "manager/" + hex.EncodeToString(sum[:]) + ".zip"
}

// PutCode stores the manager's code, if it isn't there yet, and says whether it had to.
func (b *Bucket) PutCode(ctx context.Context, zip []byte) (bool, error) {
	key := b.CodeKey(zip)
	_, err := b.API.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.Name, Key: &key, ExpectedBucketOwner: b.owner()})
	if err == nil {
		return false, nil
	}
	if !missing(err) {
		return false, fmt.Errorf("looking at s3://%s/%s: %w", b.Name, key, err)
	}
	return true, b.Put(ctx, key, "application/zip", zip)
}

// Forget deletes what says that the cluster is there. A versioned bucket keeps what it said.
func (b *Bucket) Forget(ctx context.Context) error {
	var ids []types.ObjectIdentifier
	for _, key := range []string{state.ConfigKey(b.Cluster), state.UpKey(b.Cluster), state.ActivityKey(b.Cluster)} {
		ids = append(ids, types.ObjectIdentifier{Key: &key})
	}
	return b.delete(ctx, ids)
}
