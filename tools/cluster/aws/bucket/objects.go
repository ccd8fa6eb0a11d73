package bucket

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/bbf-build/bbf/infra/manager/state"
)

// Get reads an object. When it, or the bucket, isn't there, the error is fs.ErrNotExist.
func (b *Bucket) Get(ctx context.Context, key string) ([]byte, error) {
	out, err := b.API.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: &key, ExpectedBucketOwner: b.owner()})
	if missing(err) {
		return nil, fmt.Errorf("s3://%s/%s: %w", b.Name, key, fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("reading s3://%s/%s: %w", b.Name, key, err)
	}
	defer out.Body.Close()
	return io.ReadAll(out.Body)
}

// Put writes an object, encrypted whatever the bucket's default is.
func (b *Bucket) Put(ctx context.Context, key, contentType string, data []byte) error {
	_, err := b.API.PutObject(ctx, &s3.PutObjectInput{Bucket: &b.Name, Key: &key, ExpectedBucketOwner: b.owner(),
		Body: bytes.NewReader(data), ContentType: &contentType, ServerSideEncryption: types.ServerSideEncryptionAes256})
	if err != nil {
		return fmt.Errorf("writing s3://%s/%s: %w", b.Name, key, err)
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
