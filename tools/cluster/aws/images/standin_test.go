//go:build linux

package images_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	parts "github.com/bbf-build/bbf/infra/images"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
	"github.com/bbf-build/bbf/tools/cluster/aws/images"
)

func TestPublish(t *testing.T) {
	k := newRig(t)
	operator := k.cloud.User(t, "operator", policy)
	gateway := k.gateway("amd64")
	first := k.publish(k.publisher(operator), k.request(gateway))
	names := make([]string, len(first.Images))
	for i, image := range first.Images {
		names[i] = image.Name
		if image.Uploaded == 0 || image.Uploaded != image.Bytes || image.New != image.Layers {
			t.Errorf("%+v", image)
		}
	}
	if !slices.Equal(names, []string{"redis", "gateway", "server", "worker"}) || len(first.Notes) != 0 {
		t.Errorf("%v %q", names, first.Notes)
	}
	k.progressIsTold()
	k.whatIsThere(first)

	t.Run("AgainOnAnotherMachine", func(t *testing.T) {
		k.events = nil
		again := k.publish(k.publisher(operator), k.request(gateway)) // with an empty cache
		for i, image := range again.Images {
			if image.Uploaded != 0 || image.New != 0 || image.Reference != first.Images[i].Reference {
				t.Errorf("%+v, before %+v", image, first.Images[i])
			}
		}
		for _, e := range k.events {
			if e.State == images.StatePushing || e.State == images.StatePushed {
				t.Errorf("told of %+v", e)
			}
		}
	})
	t.Run("OneOfThemOnly", func(t *testing.T) {
		k.put("redis", "arm64", "amd64") // in another order: the same image
		r := k.request()
		r.Only, r.Sources[parts.Redis] = []string{parts.Redis}, k.host+"/base:1"
		res := k.publish(k.publisher(operator), r)
		record := k.record()
		if len(res.Images) != 1 || record.Images["redis"].Reference != res.Images[0].Reference || record.Images["worker"].Reference != first.Images[3].Reference {
			t.Errorf("%+v %+v", res, record)
		}
		// What was current before is still there, by its content.
		k.pull(first.Images[0].Reference)
		k.pull(strings.Replace(first.Images[0].Reference, first.Images[0].Reference[strings.Index(first.Images[0].Reference, "@"):], ":"+first.Images[0].Tag, 1))
	})
	t.Run("WhenTheConfigurationNamesOthers", func(t *testing.T) {
		p := k.publisher(operator)
		p.Config.Images = schema.Images{Redis: "example.com/redis:7", Gateway: "example.com/gateway:1", Worker: "example.com/worker:1"}
		if res := k.publish(p, k.request()); len(res.Images) != 1 || res.Images[0].Name != parts.Server {
			t.Errorf("%+v", res)
		}
	})
	t.Run("WhenOnlyTheGatewayIsNew", func(t *testing.T) {
		other := k.gateway("amd64")
		f, err := os.OpenFile(other, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.WriteString(f, "more")
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		r := k.request(other)
		r.Only = []string{parts.Gateway, parts.Server, parts.Worker}
		for _, image := range k.publish(k.publisher(operator), r).Images {
			if (image.Uploaded > 0) != (image.Name == parts.Gateway) {
				t.Errorf("%+v", image)
			}
		}
	})
	t.Run("ForTwoArchitectures", func(t *testing.T) {
		r := k.request(gateway, k.gateway("arm64"))
		r.Architectures = []string{"amd64", "arm64"}
		res := k.publish(k.publisher(operator), r)
		ref, err := name.ParseReference(res.Images[3].Reference, name.Insecure)
		if err != nil {
			t.Fatal(err)
		}
		for _, architecture := range r.Architectures {
			image, err := remote.Image(ref, remote.WithTransport(k.cloud.HTTPClient().Transport), remote.WithPlatform(v1.Platform{OS: "linux", Architecture: architecture}))
			if err != nil {
				t.Fatal(err)
			}
			if c, err := image.ConfigFile(); err != nil || c.Architecture != architecture {
				t.Errorf("%+v, %v", c, err)
			}
		}
		if again := k.publish(k.publisher(operator), r); again.Images[3].Reference != res.Images[3].Reference || again.Images[3].Uploaded != 0 {
			t.Errorf("%+v, then %+v", res.Images[3], again.Images[3])
		}
	})
}

// progressIsTold checks the events of a push: shares that grow to all of it.
func (k *rig) progressIsTold() {
	k.Helper()
	var worker []string
	for _, e := range k.events {
		if e.Kind == images.KindImage && e.Name == parts.Worker {
			worker = append(worker, e.State+" "+e.Detail)
		}
	}
	n := len(worker)
	if n < 4 || worker[0] != "making " || worker[1] != "pushing " || worker[n-2] != "pushing 100% of 3.0 MiB" || worker[n-1] != "pushed " {
		k.Errorf("%q", worker)
	}
}

func (k *rig) whatIsThere(res images.Result) {
	k.Helper()
	record := k.record()
	if record.Version != "1.2.3" || record.By == "" || record.At.Year() != 2026 || len(record.Images) != 4 {
		k.Errorf("%+v", record)
	}
	for _, image := range res.Images {
		r := record.Images[image.Name]
		repository, digest, _ := strings.Cut(image.Reference, "@")
		if r.Reference != image.Reference || r.Digest != digest || r.Tag != image.Tag || repository != fmt.Sprintf("%s.dkr.ecr.%s.amazonaws.com/bbf/acme/%s", k.cloud.AccountID, k.cloud.Region, image.Name) {
			k.Errorf("%+v is recorded as %+v", image, r)
		}
		for _, reference := range []string{image.Reference, repository + ":current", repository + ":" + image.Tag} {
			if got, err := k.pull(reference).Digest(); err != nil || got.String() != digest {
				k.Errorf("%s is %s, %v", reference, got, err)
			}
		}
	}
	if sources := record.Images["worker"].Sources; len(sources) != 3 || !strings.HasPrefix(sources[k.host+"/base:1"], "sha256:") {
		k.Errorf("%v", sources)
	}
}

func TestWhatIsRefused(t *testing.T) {
	k := newRig(t)
	operator, root := k.cloud.User(t, "operator", policy), k.cloud.Root()
	for situation, c := range map[string]struct {
		keys       sdk.Credentials
		change     func(*images.Publisher, *images.Request)
		says, next string
	}{
		"WhoHasNoRights":           {k.cloud.User(t, "nobody"), nil, "you need the permission ecr:GetAuthorizationToken", "docs/aws.md"},
		"WhenTheClusterIsNotSetUp": {operator, func(p *images.Publisher, _ *images.Request) { p.Config.Cluster = "other" }, "the repository isn't there", "setup"},
		"WhenTheBaseIsForOtherMachines": {operator, func(_ *images.Publisher, r *images.Request) {
			k.put("arm", "arm64")
			r.Base = k.host + "/arm:1"
		}, "arm:1: has nothing for the platform linux/amd64, only for: linux/arm64", ""},
		"WhenThereIsNoGateway":       {operator, func(_ *images.Publisher, r *images.Request) { r.Gateways = nil }, "0 programs of the gateway for 1 architectures", "bazel run @bbf//:images"},
		"WhenAnImageIsUnknown":       {operator, func(_ *images.Publisher, r *images.Request) { r.Only = []string{"agent"} }, "no image is called agent", ""},
		"WhenTheArchitectureIsNone":  {operator, func(_ *images.Publisher, r *images.Request) { r.Architectures = []string{"riscv64"} }, "no machines of the architecture riscv64", ""},
		"WhenTheRecordIsNone":        {root, func(*images.Publisher, *images.Request) { k.spoil() }, "images.json in the bucket is no record of images", ""},
		"WhenASourceCannotBeReached": {operator, func(_ *images.Publisher, r *images.Request) { r.Sources[parts.Redis] = "127.0.0.1:1/redis:1" }, "the redis's image: image 127.0.0.1:1/redis:1", ""},
	} {
		t.Run(situation, func(t *testing.T) {
			p, r := k.publisher(c.keys), k.request(k.gateway("amd64"))
			if c.change != nil {
				c.change(p, &r)
			}
			_, err := p.Publish(t.Context(), r)
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(cluster.Next(err), c.next) {
				t.Errorf("%v; next: %s", err, cluster.Next(err))
			}
			if left, err := os.ReadDir(p.Temporary); err != nil || len(left) != 0 {
				t.Errorf("left over: %v, %v", left, err)
			}
		})
	}
}

func (k *rig) spoil() {
	b := &bucket.Bucket{API: k.s3(), Name: "acme-builds", Cluster: "acme"}
	if err := b.Put(k.Context(), "bbf/acme/images.json", "application/json", []byte("nothing")); err != nil {
		k.Fatal(err)
	}
}
