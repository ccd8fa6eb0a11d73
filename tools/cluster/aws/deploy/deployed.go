package deploy

import (
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
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
)

// ReadDeployed returns the deployed configuration; nil when there is none.
func ReadDeployed(ctx context.Context, b *bucket.Bucket) (*state.Deployed, error) {
	data, err := b.Get(ctx, state.ConfigKey(b.Cluster))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var d state.Deployed
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("s3://%s/%s is no configuration: %w", b.Name, state.ConfigKey(b.Cluster), err)
	}
	// One that an older bbf has written knows nothing of newer fields.
	schema.Defaults(&d.Config)
	return &d, nil
}

func writeDeployed(ctx context.Context, b *bucket.Bucket, d state.Deployed) error {
	data, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	return b.Put(ctx, state.ConfigKey(b.Cluster), "application/json", append(data, '\n'))
}

// digest tells configurations apart.
func digest(c *schema.Config) (string, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// conflict is the refusal to overwrite what somebody else has deployed.
func conflict(d *state.Deployed, differ []Difference) error {
	return cluster.WithNext(fmt.Errorf("bbf.yaml differs from what %s deployed on %s: %s", d.By, Day(d.At), list(differ)),
		"get their bbf.yaml (git pull), or deploy yours over it: "+cluster.Command("setup", "--force"))
}

// Day writes when something was deployed.
func Day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
