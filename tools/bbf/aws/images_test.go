//go:build linux

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"

	"github.com/bbf-build/bbf/infra/images/imagetest"
	"github.com/bbf-build/bbf/tools/cluster/aws/images"
	"github.com/bbf-build/bbf/tools/cluster/config"
)

// layoutOf writes an image into a folder, and returns how it is referred to.
func (k *team) layoutOf(name string, env []string, files ...string) string {
	k.Helper()
	entries := make([]imagetest.Entry, len(files))
	for i, f := range files {
		entries[i] = imagetest.File(f, name)
	}
	dir := filepath.Join(k.dir, name)
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		k.Fatal(err)
	}
	if err := path.AppendImage(imagetest.Image(k, "amd64", v1.Config{Env: env}, imagetest.Layer(k, entries...))); err != nil {
		k.Fatal(err)
	}
	return "oci:" + dir
}

func TestImages(t *testing.T) {
	k := newTeam(t)
	k.must(k.cloud.Root(), "setup")
	const app = "app/build_buildfarm/"
	args := []string{"images", "--only=redis,server,worker",
		"--redis=" + k.layoutOf("redis", nil, "redis-server"), "--base=" + k.layoutOf("base", nil, "bin/sh", "etc/passwd"),
		"--server=" + k.layoutOf("server", []string{"JAVA_HOME=/jdk"}, "jdk/bin/java", app+"buildfarm-server_deploy.jar"),
		"--worker=" + k.layoutOf("worker", nil, app+"buildfarm-shard-worker_deploy.jar", app+"as-nobody", app+"linux-sandbox", app+"process-wrapper")}
	out, errs, err := k.bbf(k.cloud.Root(), args...)
	if err != nil || !strings.Contains(out, "bbf has pushed 3 images: ") || !strings.Contains(errs, "bbf: image worker: pushing 100% of ") || !strings.Contains(errs, "bbf: image worker: pushed") {
		t.Fatalf("%v\n%s%s", err, out, errs)
	}
	var again images.Result
	k.json(k.cloud.Root(), &again, args...)
	for _, i := range again.Images {
		if i.Uploaded != 0 || !strings.Contains(out, i.Reference) {
			t.Errorf("%+v, before: %s", i, out)
		}
	}
	// What runs is what was pushed, by digest.
	k.write(config.File, regexp.MustCompile(`(?m)^images: .*\n`).ReplaceAllString(k.read(config.File), "images: {gateway: example.com/gateway:1}\n"))
	if out := k.must(k.cloud.Root(), "setup"); !strings.Contains(out, "acme-workers: changed") {
		t.Error(out)
	}
	if out := k.must(k.cloud.Root(), "setup"); !strings.Contains(out, "set up already") {
		t.Error(out)
	}
	for _, i := range again.Images {
		if image := k.imageOf(i.Name); image != i.Reference {
			t.Errorf("tasks run %s, pushed was %s", image, i.Reference)
		}
	}
	k.write(config.File, strings.ReplaceAll(bbfYAML, "ARCHITECTURE", machine()))
	if out := k.must(k.cloud.Root(), "images"); !strings.Contains(out, "bbf has pushed 0 images") {
		t.Errorf("bbf.yaml names all four: %s", out)
	}
	if _, errs, err := k.bbf(k.cloud.Root(), "images", "--only=gateway"); err == nil || !strings.Contains(errs, "0 programs of the gateway for 1 architectures") {
		t.Errorf("%v %s", err, errs)
	}
	if err := os.RemoveAll(filepath.Join(k.dir, "worker")); err != nil {
		t.Fatal(err)
	}
	if _, errs, err := k.bbf(k.cloud.Root(), args...); err == nil || !strings.Contains(errs, "the worker's image: image oci:") || !strings.Contains(errs, "it is no OCI layout") {
		t.Errorf("%v %s", err, errs)
	}
}

// imageOf is the image that a container of the two services is made of.
func (k *team) imageOf(container string) string {
	k.Helper()
	client := ecs.NewFromConfig(k.cloud.RootConfig(k.Context()))
	for _, family := range []string{"bbf-acme-server", "bbf-acme-worker"} {
		out, err := client.DescribeTaskDefinition(k.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: &family})
		if err != nil {
			k.Fatal(err)
		}
		for _, c := range out.TaskDefinition.ContainerDefinitions {
			if *c.Name == container {
				return *c.Image
			}
		}
	}
	return ""
}
