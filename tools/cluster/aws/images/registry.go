package images

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/bbf-build/bbf/tools/cluster/aws/manager"
)

// ecrHost is a private registry of ECR: its account and its region.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
var ecrHost = regexp.MustCompile(`^[0-9]{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$`)

// registry knows how to talk to registries: to ECR's with the user's AWS credentials, to others with what `docker login` has left.
type registry struct {
	aws       aws.Config
	transport http.RoundTripper // to ECR

	mu     sync.Mutex
	tokens map[string]authn.AuthConfig // by region
}

func newRegistry(cfg aws.Config) *registry {
	return &registry{aws: cfg, transport: manager.NewHTTP().Transport, tokens: map[string]authn.AuthConfig{}}
}

// source is what the package source needs to fetch an image.
func (r *registry) source(ctx context.Context, reference string) (name.Reference, []remote.Option, error) {
	ref, err := name.ParseReference(reference)
	if err != nil {
		return nil, nil, fmt.Errorf("no reference of an image: %w", err)
	}
	region := ecrRegion(ref.Context())
	if region == "" {
		return ref, []remote.Option{remote.WithAuthFromKeychain(authn.DefaultKeychain)}, nil
	}
	if ref, err = name.ParseReference(reference, scheme()...); err != nil {
		return nil, nil, err
	}
	options, err := r.ecr(ctx, region)
	return ref, options, err
}

// repository is one that we push to.
func (r *registry) repository(ctx context.Context, repository string) (name.Repository, []remote.Option, error) {
	repo, err := name.NewRepository(repository, scheme()...)
	if err != nil {
		return repo, nil, err
	}
	options, err := r.ecr(ctx, ecrRegion(repo))
	return repo, options, err
}

func ecrRegion(r name.Repository) string {
	if m := ecrHost.FindStringSubmatch(r.RegistryStr()); m != nil {
		return m[1]
	}
	return ""
}

func (r *registry) ecr(ctx context.Context, region string) ([]remote.Option, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	token, ok := r.tokens[region]
	if !ok {
		var err error
		if token, err = authorization(ctx, r.aws, region); err != nil {
			return nil, err
		}
		r.tokens[region] = token
	}
	return []remote.Option{remote.WithAuth(authn.FromConfig(token)), remote.WithTransport(r.transport)}, nil
}

// scheme is plain HTTP where tests send the calls elsewhere; see manager.DialOverride.
func scheme() []name.Option {
	if os.Getenv(manager.DialOverride) != "" {
		return []name.Option{name.Insecure}
	}
	return nil
}
