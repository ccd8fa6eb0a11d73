package state

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// S3 is what is used of the SDK's client.
type S3 interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// ErrNotDeployed is returned when there is no deployed configuration.
var ErrNotDeployed = errors.New("the bucket has no deployed configuration")

// Store reads and writes the objects. A configuration is asked for again after a minute, by its ETag. It is safe for concurrent use.
type Store struct {
	s3      S3
	bucket  string
	cluster string
	now     func() time.Time

	mu       sync.Mutex
	deployed object[Deployed]
	up       object[Up]
}

// object is one that has been read: value is nil when there was none.
type object[T any] struct {
	value *T
	etag  string
	read  time.Time // zero: never
}

// New makes no call.
func New(client S3, bucket, cluster string, now func() time.Time) *Store {
	return &Store{s3: client, bucket: bucket, cluster: cluster, now: now}
}

// get reads an object; old is what is known of it, kept when it hasn't changed.
func get[T any](ctx context.Context, s *Store, key string, old object[T]) (object[T], error) {
	in := &s3.GetObjectInput{Bucket: &s.bucket, Key: &key}
	if old.value != nil {
		in.IfNoneMatch = &old.etag
	}
	out, err := s.s3.GetObject(ctx, in)
	switch status(err) {
	case http.StatusNotModified:
		old.read = s.now()
		return old, nil
	case http.StatusNotFound: // S3 says so only to who may list the bucket, which the manager's role may for this reason
		return object[T]{read: s.now()}, nil
	}
	if err != nil {
		return object[T]{}, fmt.Errorf("read s3://%s/%s: %w", s.bucket, key, err)
	}
	defer out.Body.Close()
	data, err := io.ReadAll(out.Body)
	if err != nil {
		return object[T]{}, fmt.Errorf("read s3://%s/%s: %w", s.bucket, key, err)
	}
	value := new(T)
	if err := json.Unmarshal(data, value); err != nil {
		return object[T]{}, fmt.Errorf("understand s3://%s/%s: %w", s.bucket, key, err)
	}
	return object[T]{value, aws.ToString(out.ETag), s.now()}, nil
}

// put writes an object if it is still as it was read. It says false when somebody else has written it since.
func put[T any](ctx context.Context, s *Store, key string, old object[T], value *T) (object[T], bool, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return old, false, err
	}
	in := &s3.PutObjectInput{Bucket: &s.bucket, Key: &key, Body: bytes.NewReader(data), ContentType: aws.String("application/json")}
	if old.value != nil {
		in.IfMatch = &old.etag
	} else {
		in.IfNoneMatch = aws.String("*")
	}
	out, err := s.s3.PutObject(ctx, in)
	switch status(err) {
	case http.StatusPreconditionFailed, http.StatusConflict, http.StatusNotFound:
		return object[T]{}, false, nil
	}
	if err != nil {
		return old, false, fmt.Errorf("write s3://%s/%s: %w", s.bucket, key, err)
	}
	return object[T]{value, aws.ToString(out.ETag), s.now()}, true, nil
}

// status is the HTTP status of a refusal; 0 when there is none.
func status(err error) int {
	var refused *smithyhttp.ResponseError
	if errors.As(err, &refused) {
		return refused.HTTPStatusCode()
	}
	return 0
}
