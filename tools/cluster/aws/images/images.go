// Package images makes the images of a cluster and puts them into its ECR repositories, which `setup` has made, as far as they aren't
// there. What the images are made of is in infra/images.
package images

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/bbf-build/bbf/infra/images"
	"github.com/bbf-build/bbf/infra/images/source"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
	"github.com/bbf-build/bbf/tools/cluster/aws/refusal"
)

// KindImage is the kind of the events: Name is an image, State one of the states, Detail the bytes and the share of them.
const KindImage = "image"

// The states of an image.
const (
	StateFetching = "fetching" // what it is made of
	StateMaking   = "making"
	StatePushing  = "pushing"
	StatePushed   = "pushed"
	StateThere    = "there" // as it was: nothing was pushed
)

// Request says what images are made of.
type Request struct {
	Sources       map[string]string // by images.Names: a registry's reference, oci:DIR or tar:FILE. Of the worker it is Buildfarm's own image.
	Base          string            // what actions are to see; "" for workers.image of the configuration
	Gateways      []string          // programs, one for each architecture
	Architectures []string          // "amd64", "arm64"; the first is what tasks run when a registry's client has no choice
	Upstream      images.Upstream
	Only          []string // images to make; none is all that bbf.yaml doesn't name others for
}

// Result is what there is now.
type Result struct {
	Images []Image  `json:"images"`
	Notes  []string `json:"notes,omitempty"`
}

// Image is one image that is in its repository.
type Image struct {
	Name      string            `json:"name"`
	Reference string            `json:"reference"` // with the digest
	Tag       string            `json:"tag"`
	Sources   map[string]string `json:"sources"` // digests by reference
	Bytes     int64             `json:"bytes"`   // of all layers, compressed
	Uploaded  int64             `json:"uploaded"`
	Layers    int               `json:"layers"`
	New       int               `json:"newLayers"`
}

// Publisher makes images and pushes them.
type Publisher struct {
	Config    *schema.Config // with its defaults filled in
	AWS       aws.Config     // of the cluster's region
	Caller    deploy.Caller
	Bucket    Bucket
	Version   string // of bbf
	Cache     string // folder of fetched layers
	Temporary string // folder to make images in; "" for the system's
	Progress  progress.Func
	Step      int // percent between two events of a push; 0 is 1
	Now       func() time.Time
}

// Publish makes the images, pushes what is missing, and records them. What was pushed before an error stays, and isn't pushed again.
func (p *Publisher) Publish(ctx context.Context, r Request) (Result, error) {
	res, err := p.publish(ctx, r)
	return res, refusal.Explain(err)
}

func (p *Publisher) publish(ctx context.Context, r Request) (res Result, err error) {
	if err := r.check(p.Config); err != nil {
		return res, err
	}
	work, err := os.MkdirTemp(p.Temporary, "bbf-images-*")
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	t := newTeller(p.Progress, p.Step)
	reg := newRegistry(p.AWS)
	m := &making{
		request: r, config: p.Config, tell: t, found: map[string]*source.Image{},
		finder: &source.Finder{Work: work, Cache: p.Cache, Registry: reg.source, Fetched: t.fetched},
		maker:  &images.Maker{Work: work, Upstream: r.Upstream, Note: func(n string) { res.Notes = append(res.Notes, n) }},
	}
	record := images.Record{Cluster: p.Config.Cluster, Images: map[string]images.Recorded{}, Version: p.Version, By: p.Caller.ARN, At: p.Now().UTC()}
	for _, name := range r.names(p.Config) {
		made, err := m.make(ctx, name)
		if err != nil {
			return res, err
		}
		image, err := (&pushing{registry: reg, repository: p.repository(name), tell: t}).push(ctx, name, made)
		if err != nil {
			return res, err
		}
		image.Sources = m.sources
		res.Images = append(res.Images, image)
		_, digest, _ := cutDigest(image.Reference)
		record.Images[name] = images.Recorded{Reference: image.Reference, Digest: digest, Tag: image.Tag, Sources: image.Sources}
	}
	return res, p.record(ctx, record)
}

func platform(architecture string) v1.Platform {
	return v1.Platform{OS: "linux", Architecture: architecture}
}
