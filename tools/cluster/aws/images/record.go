package images

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/bbf-build/bbf/infra/images"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
)

// Bucket is where the record is kept; see the package bucket.
type Bucket interface {
	Get(ctx context.Context, key string) (data []byte, etag string, err error)
	Replace(ctx context.Context, key, etag, contentType string, data []byte) error
}

// tries to write the record while others do.
const tries = 5

// record writes down what there is. Images that weren't made this time stay as they were recorded, also by somebody who pushes others at
// the same time.
func (p *Publisher) record(ctx context.Context, now images.Record) error {
	for try := 1; ; try++ {
		err := p.recordOnce(ctx, now)
		if !errors.Is(err, bucket.ErrChanged) || try == tries {
			return err
		}
	}
}

func (p *Publisher) recordOnce(ctx context.Context, now images.Record) error {
	key := images.RecordKey(p.Config.Cluster)
	data, etag, err := p.Bucket.Get(ctx, key)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	merged := now
	merged.Images = map[string]images.Recorded{}
	if err == nil {
		var before images.Record
		if err := json.Unmarshal(data, &before); err != nil {
			return fmt.Errorf("%s in the bucket is no record of images: %w", key, err)
		}
		for name, image := range before.Images {
			merged.Images[name] = image
		}
	}
	for name, image := range now.Images {
		merged.Images[name] = image
	}
	if data, err = json.MarshalIndent(merged, "", "  "); err != nil {
		return err
	}
	return p.Bucket.Replace(ctx, key, etag, "application/json", append(data, '\n'))
}
