//go:build linux

package images_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-containerregistry/pkg/name"
	ggcr "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	parts "github.com/bbf-build/bbf/infra/images"
	"github.com/bbf-build/bbf/infra/images/imagetest"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/infra/testing/standin"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/images"
	"github.com/bbf-build/bbf/tools/cluster/aws/manager"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
)

// policy is what an operator needs for the images, and nothing else.
const policy = `{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
  {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::acme-builds/bbf/acme/*"}]}`

// rig is a cluster in a stand-in, and a registry with what its images are made of.
type rig struct {
	*testing.T
	cloud  *standin.Cloud
	host   string // of the registry
	events []progress.Event
}

func newRig(t *testing.T) *rig {
	t.Helper()
	k := &rig{T: t, cloud: standin.Start(t, standin.Options{})}
	t.Setenv(manager.DialOverride, k.cloud.Host)
	s := httptest.NewServer(ggcr.New(ggcr.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(s.Close)
	k.host = strings.TrimPrefix(s.URL, "http://")
	b := &bucket.Bucket{API: k.s3(), Name: "acme-builds", Region: k.cloud.Region, Partition: "aws", AccountID: k.cloud.AccountID, Cluster: "acme"}
	if _, err := b.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, image := range parts.Names {
		k.makeRepository("bbf/acme/" + image)
	}
	k.put("server", "amd64", "arm64")
	k.put("worker", "amd64", "arm64")
	k.put("base", "amd64", "arm64")
	k.put("redis", "amd64", "arm64")
	return k
}

// makeRepository does what the stack infra does.
func (k *rig) makeRepository(name string) {
	k.Helper()
	body := `{"repositoryName": "` + name + `"}`
	req, err := http.NewRequestWithContext(k.Context(), http.MethodPost, k.cloud.Endpoint+"/", strings.NewReader(body))
	if err != nil {
		k.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.CreateRepository")
	if err := v4.NewSigner().SignHTTP(k.Context(), k.cloud.Root(), req, fmt.Sprintf("%x", sha256.Sum256([]byte(body))), "ecr", k.cloud.Region, time.Now()); err != nil {
		k.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != http.StatusOK {
		k.Fatalf("%+v, %v", res, err)
	}
	res.Body.Close()
}

func (k *rig) s3() *s3.Client {
	return s3.NewFromConfig(k.cloud.RootConfig(k.Context()))
}

// put stores an image of a kind in the registry.
func (k *rig) put(kind string, architectures ...string) {
	k.Helper()
	index := v1.ImageIndex(empty.Index)
	for _, a := range architectures {
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: k.image(kind, a), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: a}}})
	}
	ref, err := name.ParseReference(k.host + "/" + kind + ":1")
	if err != nil {
		k.Fatal(err)
	}
	if err := remote.WriteIndex(ref, index); err != nil {
		k.Fatal(err)
	}
}

func (k *rig) image(kind, architecture string) v1.Image {
	const app = "app/build_buildfarm/"
	file := imagetest.File
	switch kind {
	case "server":
		return imagetest.Image(k, architecture, v1.Config{Env: []string{"JAVA_HOME=/jdk"}}, imagetest.Layer(k, file("jdk/bin/java", "java for "+architecture), file("etc/ssl/cert.pem", "PEM")),
			imagetest.Layer(k, file(app+"buildfarm-server_deploy.jar", "server")))
	case "worker":
		return imagetest.Image(k, architecture, v1.Config{}, imagetest.Layer(k, file(app+"buildfarm-shard-worker_deploy.jar", "worker"), file(app+"as-nobody", architecture),
			file(app+"linux-sandbox", ""), file(app+"process-wrapper", "")))
	case "base":
		big := make([]byte, 3<<20)
		r := rand.NewChaCha8([32]byte{})
		if _, err := r.Read(big); err != nil {
			k.Fatal(err)
		}
		return imagetest.Image(k, architecture, v1.Config{}, imagetest.Layer(k, file("bin/sh", architecture), file("etc/passwd", ""), file("big", string(big))))
	}
	return imagetest.Image(k, architecture, v1.Config{}, imagetest.Layer(k, file("usr/local/bin/redis-server", architecture)))
}

// gateway compiles a static program.
func (k *rig) gateway(architecture string) string {
	k.Helper()
	dir := k.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\nfunc main() { println(\"gateway\") }\n"), 0o644); err != nil {
		k.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(dir, "gateway"), filepath.Join(dir, "main.go"))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+architecture, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		k.Fatal(string(out))
	}
	return filepath.Join(dir, "gateway")
}

func (k *rig) publisher(keys sdk.Credentials) *images.Publisher {
	cfg := k.cloud.Config(keys)
	c := &schema.Config{Cluster: "acme", Backend: schema.BackendAWS, AWS: schema.AWS{Region: k.cloud.Region, Bucket: "acme-builds"}, Workers: schema.Workers{Image: k.host + "/base:1"}}
	return &images.Publisher{Config: c, AWS: cfg, Caller: deploy.Caller{ARN: "arn:aws:iam::" + k.cloud.AccountID + ":user/ann", AccountID: k.cloud.AccountID}, Version: "1.2.3",
		Bucket: &bucket.Bucket{API: s3.NewFromConfig(cfg), Name: "acme-builds", Cluster: "acme"},
		Cache:  filepath.Join(k.TempDir(), "layers"), Temporary: k.TempDir(), Progress: func(e progress.Event) { k.events = append(k.events, e) },
		Now: func() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) }}
}

func (k *rig) request(gateways ...string) images.Request {
	return images.Request{Sources: map[string]string{parts.Server: k.host + "/server:1", parts.Worker: k.host + "/worker:1", parts.Redis: k.host + "/redis:1"},
		Gateways: gateways, Architectures: []string{"amd64"}, Upstream: parts.DefaultUpstream()}
}

// pull reads an image back from ECR.
func (k *rig) pull(reference string) v1.Image {
	k.Helper()
	ref, err := name.ParseReference(reference, name.Insecure)
	if err != nil {
		k.Fatal(err)
	}
	image, err := remote.Image(ref, remote.WithTransport(k.cloud.HTTPClient().Transport))
	if err != nil {
		k.Fatal(err)
	}
	if err := validate.Image(image); err != nil {
		k.Fatal(err)
	}
	return image
}

func (k *rig) publish(p *images.Publisher, r images.Request) images.Result {
	k.Helper()
	res, err := p.Publish(k.Context(), r)
	if err != nil {
		k.Fatal(err)
	}
	return res
}

func (k *rig) record() (r parts.Record) {
	k.Helper()
	b := &bucket.Bucket{API: k.s3(), Name: "acme-builds", Cluster: "acme"}
	data, _, err := b.Get(k.Context(), "bbf/acme/images.json")
	if err != nil {
		k.Fatal(err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		k.Fatal(err)
	}
	return r
}
