package images

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/bbf-build/bbf/infra/images"
	"github.com/bbf-build/bbf/infra/images/source"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster"
)

// names of the images to make: those that were asked for, or else those that bbf.yaml doesn't name others for.
func (r Request) names(c *schema.Config) []string {
	theirs := map[string]string{images.Server: c.Images.Server, images.Worker: c.Images.Worker, images.Gateway: c.Images.Gateway, images.Redis: c.Images.Redis}
	return slices.DeleteFunc(slices.Clone(images.Names), func(name string) bool {
		if len(r.Only) > 0 {
			return !slices.Contains(r.Only, name)
		}
		return theirs[name] != ""
	})
}

func (r Request) check(c *schema.Config) error {
	for _, name := range r.Only {
		if !slices.Contains(images.Names, name) {
			return fmt.Errorf("no image is called %s; there are: %s", name, strings.Join(images.Names, ", "))
		}
	}
	if len(r.Architectures) == 0 {
		return errors.New("for which architecture?")
	}
	for _, a := range r.Architectures {
		if a != "amd64" && a != "arm64" {
			return fmt.Errorf("no machines of the architecture %s on Fargate; it has amd64 and arm64", a)
		}
	}
	if slices.Contains(r.names(c), images.Gateway) && len(r.Gateways) != len(r.Architectures) {
		return cluster.WithNext(fmt.Errorf("%d programs of the gateway for %d architectures", len(r.Gateways), len(r.Architectures)),
			"bazel run @bbf//:images, which knows where it is, or --gateway=FILE for each")
	}
	return nil
}

// making makes one image after the other; what they have in common is fetched once.
type making struct {
	request Request
	config  *schema.Config
	tell    *teller
	finder  *source.Finder
	maker   *images.Maker
	found   map[string]*source.Image // by reference and platform
	sources map[string]string        // of the image that is being made: digests by reference
}

func (m *making) make(ctx context.Context, name string) (made, error) {
	var all made
	m.sources = map[string]string{}
	m.tell.start(name)
	for i, architecture := range m.request.Architectures {
		p := platform(architecture)
		image, err := m.one(ctx, name, p, i)
		if err != nil {
			return all, fmt.Errorf("the %s's image: %w", name, err)
		}
		all.platforms, all.images = append(all.platforms, p), append(all.images, image)
	}
	return all, nil
}

func (m *making) one(ctx context.Context, name string, p v1.Platform, i int) (v1.Image, error) {
	find := func(reference string) (*source.Image, error) { return m.find(ctx, reference, p) }
	if name == images.Redis {
		return find(m.request.Sources[images.Redis])
	}
	server, err := find(m.request.Sources[images.Server])
	if err != nil {
		return nil, err
	}
	switch name {
	case images.Gateway:
		return m.maker.MakeGateway(ctx, m.request.Gateways[i], server, p)
	case images.Server:
		return m.maker.MakeServer(ctx, server)
	}
	base := m.request.Base
	if base == "" {
		base = m.config.Workers.Image
	}
	bottom, err := find(base)
	if err != nil {
		return nil, err
	}
	worker, err := find(m.request.Sources[images.Worker])
	if err != nil {
		return nil, err
	}
	return m.maker.MakeWorker(ctx, bottom, worker, server)
}

func (m *making) find(ctx context.Context, reference string, p v1.Platform) (*source.Image, error) {
	key := reference + " " + p.String()
	if m.found[key] == nil {
		image, err := m.finder.Find(ctx, reference, p)
		if err != nil {
			return nil, err
		}
		m.found[key] = image
	}
	digest := m.found[key].ID.String()
	if before := m.sources[reference]; before != "" && before != digest {
		digest = before + " " + digest // of several architectures
	}
	m.sources[reference] = digest
	return m.found[key], nil
}
