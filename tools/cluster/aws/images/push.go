package images

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"golang.org/x/sync/errgroup"

	"github.com/bbf-build/bbf/infra/images"
	"github.com/bbf-build/bbf/tools/cluster"
)

// repository of an image, as the stack infra has made it.
func (p *Publisher) repository(image string) string {
	region := p.Config.AWS.Region
	return fmt.Sprintf("%s.dkr.ecr.%s.%s/bbf/%s/%s", p.Caller.AccountID, region, domain(region), p.Config.Cluster, image)
}

// pushing puts an image into a repository.
type pushing struct {
	registry   *registry
	repository string
	tell       *teller
}

// push uploads the layers that the repository lacks, then the manifests, and at last lets the tags show to it: who pulls in between gets
// what was there before.
func (p *pushing) push(ctx context.Context, name string, m made) (res Image, err error) {
	repo, options, err := p.registry.repository(ctx, p.repository)
	if err != nil {
		return res, err
	}
	options = append(options, remote.WithContext(ctx))
	res, err = p.pushTo(ctx, name, m, repo, options)
	if err != nil {
		err = explain(fmt.Errorf("pushing to %s: %w", p.repository, err))
	}
	return res, err
}

func (p *pushing) pushTo(ctx context.Context, image string, m made, repo name.Repository, options []remote.Option) (Image, error) {
	res := Image{Name: image}
	whole, err := m.whole()
	if err != nil {
		return res, err
	}
	digest, err := partial.Digest(whole)
	if err != nil {
		return res, err
	}
	ref := repo.Digest(digest.String())
	res.Reference, res.Tag = ref.Name(), images.Tag(digest.Hex)
	missing, err := p.missing(ctx, &res, m, repo, options)
	if err != nil {
		return res, err
	}
	p.tell.pushing(image, missing.bytes)
	if err := p.upload(ctx, missing.layers, repo, options); err != nil {
		return res, err
	}
	res.Uploaded, res.New = missing.bytes, len(missing.layers)
	changed, err := putManifests(ref, m, whole, res.Tag, options)
	if err != nil {
		return res, err
	}
	if changed || res.New > 0 {
		p.tell.done(image, StatePushed)
	} else {
		p.tell.done(image, StateThere)
	}
	return res, nil
}

// together is how many layers are uploaded at the same time.
const together = 4

func (p *pushing) upload(ctx context.Context, layers []v1.Layer, repo name.Repository, options []remote.Option) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(together)
	options = append(slices.Clone(options), remote.WithContext(ctx))
	for _, l := range layers {
		g.Go(func() error { return remote.WriteLayer(repo, told{l, p.tell}, options...) })
	}
	return g.Wait()
}

// lacking are the layers that a repository hasn't.
type lacking struct {
	layers []v1.Layer
	bytes  int64
}

// missing asks for each layer whether it is there.
func (p *pushing) missing(ctx context.Context, res *Image, m made, repo name.Repository, options []remote.Option) (lacking, error) {
	var l lacking
	seen := map[v1.Hash]bool{}
	for _, image := range m.images {
		layers, err := image.Layers()
		if err != nil {
			return l, err
		}
		for _, layer := range layers {
			digest, err := layer.Digest()
			if err != nil {
				return l, err
			}
			size, err := layer.Size()
			if err != nil {
				return l, err
			}
			if seen[digest] {
				continue
			}
			seen[digest] = true
			res.Layers++
			res.Bytes += size
			there, err := has(repo.Digest(digest.String()), options)
			if err != nil {
				return l, err
			}
			if !there {
				l.layers, l.bytes = append(l.layers, layer), l.bytes+size
			}
		}
	}
	return l, nil
}

// has asks whether a repository has a layer, by HEAD.
func has(ref name.Digest, options []remote.Option) (bool, error) {
	layer, err := remote.Layer(ref, options...)
	if err != nil {
		return false, err
	}
	return partial.Exists(layer)
}

// explain adds what to do to what a registry answers.
func explain(err error) error {
	var e *transport.Error
	if !errors.As(err, &e) {
		return err
	}
	for _, d := range e.Errors {
		if d.Code == transport.NameUnknownErrorCode {
			return cluster.WithNext(fmt.Errorf("the repository isn't there: %w", err), cluster.Command("setup"))
		}
	}
	if e.StatusCode == http.StatusForbidden || e.StatusCode == http.StatusUnauthorized {
		return cluster.WithNext(fmt.Errorf("ECR refused: %w", err),
			"ask whoever gives out permissions for the operator's policy of docs/aws.md, or use another profile: AWS_PROFILE=NAME")
	}
	return err
}

// cutDigest takes a reference apart.
func cutDigest(reference string) (repository, digest string, ok bool) {
	return strings.Cut(reference, "@")
}
