package deploy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
)

// Deployed is the deployed configuration as it was read.
type Deployed struct {
	state.Deployed
	Digest string // of the configuration as it is stored, so that it is the same to every version of bbf

	etag string
}

// ReadDeployed returns the deployed configuration; nil when there is none.
func ReadDeployed(ctx context.Context, b *bucket.Bucket) (*Deployed, error) {
	data, etag, err := b.Get(ctx, state.ConfigKey(b.Cluster))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d := Deployed{etag: etag}
	var stored struct{ Config json.RawMessage }
	var compact bytes.Buffer
	for _, err := range []error{json.Unmarshal(data, &d.Deployed), json.Unmarshal(data, &stored), json.Compact(&compact, stored.Config)} {
		if err != nil {
			return nil, fmt.Errorf("s3://%s/%s is no configuration: %w", b.Name, state.ConfigKey(b.Cluster), err)
		}
	}
	d.Digest = sum(compact.Bytes())
	// One that an older bbf has written knows nothing of newer fields.
	schema.Defaults(&d.Config)
	return &d, nil
}

// record stores the configuration as the deployed one, if what was deployed before still is: of two setups at once the second isn't to end
// as if there had been no first. It returns the digest.
func (d *Deployer) record(ctx context.Context, before *Deployed) (string, error) {
	now := state.Deployed{Config: *d.Config, Version: d.Version, By: d.Caller.ARN, At: time.Now().UTC().Truncate(time.Second)}
	data, err := json.MarshalIndent(now, "", "  ")
	if err != nil {
		return "", err
	}
	etag := ""
	if before != nil {
		etag = before.etag
	}
	err = d.Bucket.Replace(ctx, state.ConfigKey(d.Bucket.Cluster), etag, "application/json", append(data, '\n'))
	if errors.Is(err, bucket.ErrChanged) {
		return d.overtaken(ctx)
	}
	if err != nil {
		return "", err
	}
	return digest(d.Config)
}

// digest tells configurations apart.
func digest(c *schema.Config) (string, error) {
	data, err := json.Marshal(c)
	return sum(data), err
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// Day writes when something was deployed.
func Day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
