package testcloud

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// GetObject honours If-None-Match.
func (c *Cloud) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	done, err := c.call("GetObject " + *in.Key)
	defer done()
	if err != nil {
		return nil, err
	}
	o, ok := c.Objects[*in.Key]
	switch {
	case !ok:
		return nil, Status(http.StatusNotFound, "NoSuchKey")
	case in.IfNoneMatch != nil && *in.IfNoneMatch == o.ETag:
		return nil, Status(http.StatusNotModified, "NotModified")
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(o.Data)), ETag: &o.ETag}, nil
}

// PutObject honours If-Match and If-None-Match.
func (c *Cloud) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	done, err := c.call("PutObject " + *in.Key)
	defer done()
	if err != nil {
		return nil, err
	}
	o, ok := c.Objects[*in.Key]
	switch {
	case in.IfNoneMatch != nil && ok, in.IfMatch != nil && ok && *in.IfMatch != o.ETag:
		return nil, Status(http.StatusPreconditionFailed, "PreconditionFailed")
	case in.IfMatch != nil && !ok:
		return nil, Status(http.StatusNotFound, "NoSuchKey")
	}
	data, err := io.ReadAll(in.Body)
	if err != nil {
		return nil, err
	}
	o = c.put(*in.Key, data)
	return &s3.PutObjectOutput{ETag: &o.ETag}, nil
}

// Save writes a value into the bucket.
func (c *Cloud) Save(key string, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	c.Edit(func() { c.put(key, data) })
}

func (c *Cloud) put(key string, data []byte) Object {
	c.etag++
	o := Object{Data: data, ETag: fmt.Sprintf("%q", fmt.Sprint(c.etag))}
	c.Objects[key] = o
	return o
}

// Status is a refusal with an HTTP status.
func Status(code int, name string) error {
	return &smithy.OperationError{ServiceID: "S3", OperationName: "Test", Err: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: code}},
		Err:      &smithy.GenericAPIError{Code: name, Message: "because"},
	}}
}
