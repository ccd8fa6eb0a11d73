package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/bbf-build/bbf/infra/images"
	"github.com/bbf-build/bbf/infra/schema"
)

// pushed returns the images that `bbf images` has pushed last, by digest: what runs is what was pushed when setup ran, whatever is pushed
// later.
func (d *Deployer) pushed(ctx context.Context) (schema.Images, error) {
	key := images.RecordKey(d.Config.Cluster)
	data, _, err := d.Bucket.Get(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return schema.Images{}, nil
	}
	if err != nil {
		return schema.Images{}, err
	}
	var r images.Record
	if err := json.Unmarshal(data, &r); err != nil {
		return schema.Images{}, fmt.Errorf("s3://%s/%s is no record of images: %w", d.Bucket.Name, key, err)
	}
	return schema.Images{Server: r.Images["server"].Reference, Worker: r.Images["worker"].Reference,
		Gateway: r.Images["gateway"].Reference, Redis: r.Images["redis"].Reference}, nil
}
