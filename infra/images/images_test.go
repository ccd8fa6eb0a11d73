package images_test

import (
	"archive/tar"
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/bbf-build/bbf/infra/images"
	"github.com/bbf-build/bbf/infra/images/imagetest"
	"github.com/bbf-build/bbf/infra/images/source"
)

var amd64 = v1.Platform{OS: "linux", Architecture: "amd64"}

const app = "app/build_buildfarm/"

var (
	file    = imagetest.File
	symlink = imagetest.Symlink
)

// sourceOf is an image as it is found.
func sourceOf(t *testing.T, name string, image v1.Image) *source.Image {
	t.Helper()
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return &source.Image{Image: image, Reference: name, ID: digest}
}

// serverImage lies as Amazon's Corretto with Buildfarm on top does.
func serverImage(t *testing.T, changes ...imagetest.Entry) *source.Image {
	config := v1.Config{Env: []string{"PATH=/usr/bin", "JAVA_HOME=/usr/lib/jvm/java-21-amazon-corretto", "JAVA_TOOL_OPTIONS=-XX:MaxRAMPercentage=80.0", "CONFIG_PATH=/x"},
		Entrypoint: []string{"java"}, User: "1000"}
	const jdk = "usr/lib/jvm/java-21-amazon-corretto.x86_64"
	return sourceOf(t, "server:1", imagetest.Image(t, "amd64", config,
		imagetest.Layer(t, symlink("usr/lib/jvm/java-21-amazon-corretto", "java-21-amazon-corretto.x86_64"), file(jdk+"/bin/java", "java"), file(jdk+"/jmods/base.jmod", "big"),
			file(jdk+"/lib/src.zip", "big"), file(jdk+"/lib/jrt.jar", "j"), symlink(jdk+"/lib/same.jar", "jrt.jar"), symlink(jdk+"/lib/absolute.jar", "/"+jdk+"/lib/jrt.jar"),
			symlink(jdk+"/lib/security/cacerts", "../../../../../../etc/pki/java/cacerts"), symlink(jdk+"/conf", "/etc/java-21"), symlink(jdk+"/lib/gone", "nowhere"),
			imagetest.Hardlink(jdk+"/lib/hard.jar", jdk+"/lib/jrt.jar"),
			file("etc/pki/java/cacerts", "trust"), file("etc/java-21/net.properties", "net"), file("etc/pki/tls/certs/real.crt", "PEM"), symlink("etc/pki/tls/certs/ca-bundle.crt", "real.crt")),
		imagetest.Layer(t, file(app+"buildfarm-server_deploy.jar", "server"), file(app+"gone", "")),
		imagetest.Layer(t, changes...)))
}

func workerImage(t *testing.T, changes ...imagetest.Entry) *source.Image {
	return sourceOf(t, "worker:1", imagetest.Image(t, "amd64", v1.Config{},
		imagetest.Layer(t, file(app+"process-wrapper", "p"), file(app+"linux-sandbox", "l"), file(app+"as-nobody", "old")),
		imagetest.Layer(t, file(app+"as-nobody", "n"), file(app+"cgexec-wrapper", "c"), file(app+"buildfarm-shard-worker_deploy.jar", "worker")),
		imagetest.Layer(t, changes...)))
}

func baseImage(t *testing.T, entries ...imagetest.Entry) *source.Image {
	return sourceOf(t, "base:1", imagetest.Image(t, "amd64", v1.Config{Env: []string{"PATH=/their/bin"}, Cmd: []string{"bash"}, User: "me", WorkingDir: "/home"}, imagetest.Layer(t, entries...)))
}

func maker(t *testing.T) (*images.Maker, *[]string) {
	notes := new([]string)
	return &images.Maker{Work: t.TempDir(), Upstream: images.DefaultUpstream(), Note: func(n string) { *notes = append(*notes, n) }}, notes
}

// top lists what the highest layer of an image has in it, without directories.
func top(t *testing.T, image v1.Image) string {
	t.Helper()
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Layer(layers[len(layers)-1]); err != nil {
		t.Fatal(err)
	}
	r, err := layers[len(layers)-1].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var lines []string
	for archive := tar.NewReader(r); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return strings.Join(lines, " ")
		}
		if err != nil {
			t.Fatal(err)
		}
		switch data, err := io.ReadAll(archive); {
		case err != nil:
			t.Fatal(err)
		case h.Linkname != "":
			lines = append(lines, h.Name+">"+h.Linkname)
		case h.Typeflag != tar.TypeDir:
			lines = append(lines, h.Name+"="+string(data[:min(6, len(data))]))
		}
	}
}

func config(t *testing.T, image v1.Image) v1.Config {
	t.Helper()
	c, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	return c.Config
}

var shell = []imagetest.Entry{file("bin/sh", ""), file("etc/passwd", "")}

func TestWorker(t *testing.T) {
	m, notes := maker(t)
	base := baseImage(t, shell...)
	image, err := m.MakeWorker(t.Context(), base, workerImage(t), serverImage(t))
	if err != nil {
		t.Fatal(err)
	}
	want := "opt/bbf/buildfarm/worker.jar=worker opt/bbf/jre/bin/java=java opt/bbf/jre/conf/net.properties=net " +
		"opt/bbf/jre/lib/absolute.jar=j opt/bbf/jre/lib/hard.jar=j opt/bbf/jre/lib/jrt.jar=j opt/bbf/jre/lib/same.jar>jrt.jar opt/bbf/jre/lib/security/cacerts=trust " +
		"opt/bbf/wrappers/as-nobody=n opt/bbf/wrappers/cgexec-wrapper=c opt/bbf/wrappers/linux-sandbox=l opt/bbf/wrappers/process-wrapper=p"
	if got := top(t, image); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	c := config(t, image)
	if !slices.Equal(c.Entrypoint, []string{"/opt/bbf/jre/bin/java"}) || !slices.Equal(c.Cmd, []string{"@/bbf/config/jvm.options", "-jar", "/opt/bbf/buildfarm/worker.jar", "/bbf/config/config.yml"}) ||
		c.User != "" || c.WorkingDir != "/" || !slices.Equal(c.Env, []string{"PATH=/their/bin"}) {
		t.Errorf("%+v", c)
	}
	manifest, err := image.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := base.Manifest()
	if err != nil || len(manifest.Layers) != 2 || manifest.Layers[0].Digest != theirs.Layers[0].Digest {
		t.Errorf("the base's layers aren't below ours: %+v, %v", manifest.Layers, err)
	}
	if manifest.Layers[1].MediaType != types.DockerLayer {
		t.Errorf("a layer of another kind than the image's: %s", manifest.Layers[1].MediaType)
	}
	if len(*notes) != 0 {
		t.Errorf("%q", *notes)
	}
}

func TestWorkerOnTopOfAnOCIImage(t *testing.T) {
	m, _ := maker(t)
	base := sourceOf(t, "base:1", mutate.ConfigMediaType(mutate.MediaType(baseImage(t, shell...), types.OCIManifestSchema1), types.OCIConfigJSON))
	image, err := m.MakeWorker(t.Context(), base, workerImage(t), serverImage(t))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := image.Manifest()
	if err != nil || manifest.MediaType != types.OCIManifestSchema1 || manifest.Layers[1].MediaType != types.OCILayer {
		t.Errorf("%+v, %v", manifest, err)
	}
}

func TestTheSameInputsAreTheSameImages(t *testing.T) {
	program := gateway(t, elf.EM_X86_64)
	digests := func() (all []string) {
		m, _ := maker(t)
		for _, make := range []func(context.Context) (v1.Image, error){
			func(ctx context.Context) (v1.Image, error) { return m.MakeServer(ctx, serverImage(t)) },
			func(ctx context.Context) (v1.Image, error) { return m.MakeGateway(ctx, program, serverImage(t), amd64) },
			func(ctx context.Context) (v1.Image, error) {
				return m.MakeWorker(ctx, baseImage(t, shell...), workerImage(t), serverImage(t))
			},
		} {
			image, err := make(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			digest, err := image.Digest()
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, digest.String())
		}
		return all
	}
	first := digests()
	if again := digests(); !slices.Equal(first, again) {
		t.Errorf("%v, then %v", first, again)
	}
}

func TestWorkerOfImagesThatDoNotFit(t *testing.T) {
	hide := func(name string) imagetest.Entry { return file(filepath.Dir(name)+"/.wh."+filepath.Base(name), "") }
	for situation, c := range map[string]struct {
		worker, server []imagetest.Entry
		says           string
	}{
		"WhenTheWorkerIsNotThere":      {[]imagetest.Entry{hide(app + "buildfarm-shard-worker_deploy.jar")}, nil, "image worker:1 has no /app/build_buildfarm/buildfarm-shard-worker_deploy.jar, where Buildfarm's worker should be"},
		"WhenAWrapperIsNotThere":       {[]imagetest.Entry{hide(app + "as-nobody")}, nil, "image worker:1 has no /app/build_buildfarm/as-nobody, where an execution wrapper should be"},
		"WhenAWrapperIsADirectory":     {[]imagetest.Entry{imagetest.Directory(app + "as-nobody")}, nil, "has no /app/build_buildfarm/as-nobody"},
		"WhenJavaIsNotThere":           {nil, []imagetest.Entry{hide("usr/lib/jvm/java-21-amazon-corretto")}, "image server:1 has no /usr/lib/jvm/java-21-amazon-corretto/bin/java, where Java should be"},
		"WhenJavaHasALinkBackToItself": {nil, []imagetest.Entry{symlink("usr/lib/jvm/java-21-amazon-corretto.x86_64/lib/round", "/usr/lib")}, "has a link in it that leads back to it"},
		"WhenItsLinksGoRoundInCircles": {nil, []imagetest.Entry{symlink("usr/lib/jvm/java-21-amazon-corretto.x86_64/lib/round", "round")}, "too many symbolic links"},
	} {
		t.Run(situation, func(t *testing.T) {
			m, _ := maker(t)
			_, err := m.MakeWorker(t.Context(), baseImage(t, shell...), workerImage(t, c.worker...), serverImage(t, c.server...))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestWorkerOnTopOfAlmostNothing(t *testing.T) {
	m, notes := maker(t)
	if _, err := m.MakeWorker(t.Context(), baseImage(t), workerImage(t), serverImage(t)); err != nil {
		t.Fatal(err)
	}
	if len(*notes) != 2 || !strings.Contains((*notes)[0], "base:1 has no /bin/sh") || !strings.Contains((*notes)[1], "no user nobody") {
		t.Errorf("%q", *notes)
	}
}

func TestServer(t *testing.T) {
	m, _ := maker(t)
	image, err := m.MakeServer(t.Context(), serverImage(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := top(t, image); got != "opt/bbf/buildfarm/server.jar>/app/build_buildfarm/buildfarm-server_deploy.jar opt/bbf/jre>/usr/lib/jvm/java-21-amazon-corretto.x86_64" {
		t.Error(got)
	}
	c := config(t, image)
	if want := []string{"PATH=/usr/bin", "JAVA_HOME=/usr/lib/jvm/java-21-amazon-corretto"}; !slices.Equal(c.Env, want) || c.Cmd[2] != images.ServerJar {
		t.Errorf("%+v", c)
	}
	_, err = m.MakeServer(t.Context(), serverImage(t, file(app+".wh.buildfarm-server_deploy.jar", "")))
	if err == nil || !strings.Contains(err.Error(), "image server:1 has no /app/build_buildfarm/buildfarm-server_deploy.jar") {
		t.Errorf("without its jar: %v", err)
	}
}

// TestJavaOfThePath: the worker's image of Buildfarm has no JAVA_HOME.
func TestJavaOfThePath(t *testing.T) {
	m, _ := maker(t)
	entries := []imagetest.Entry{file("usr/lib/jvm/21/bin/java", ""), symlink("etc/alternatives/java", "/usr/lib/jvm/21/bin/java"), symlink("usr/bin/java", "/etc/alternatives/java"),
		file(app+"buildfarm-server_deploy.jar", "")}
	for path, says := range map[string]string{"/bin:/usr/bin": "", "/bin": "image s has no Java"} {
		image, err := m.MakeServer(t.Context(), sourceOf(t, "s", imagetest.Image(t, "amd64", v1.Config{Env: []string{"PATH=" + path}}, imagetest.Layer(t, entries...))))
		if says != "" {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", path, err)
			}
		} else if err != nil || !strings.HasSuffix(top(t, image), "opt/bbf/jre>/usr/lib/jvm/21") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// gateway writes the least that is a program for a machine.
func gateway(t *testing.T, machine elf.Machine) string {
	t.Helper()
	h := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(machine), Version: 1, Ehsize: 64}
	copy(h.Ident[:], "\x7fELF\x02\x01\x01")
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, h); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "gateway")
	if err := os.WriteFile(name, b.Bytes(), 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestGateway(t *testing.T) {
	m, _ := maker(t)
	image, err := m.MakeGateway(t.Context(), gateway(t, elf.EM_X86_64), serverImage(t), amd64)
	if err != nil {
		t.Fatal(err)
	}
	if got := top(t, image); got != "etc/ssl/certs/ca-certificates.crt=PEM gateway=\x7fELF\x02\x01" {
		t.Errorf("%q", got)
	}
	c, err := image.ConfigFile()
	if err != nil || c.Architecture != "amd64" || c.OS != "linux" || len(c.RootFS.DiffIDs) != 1 || c.Config.Entrypoint[0] != "/gateway" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestGatewaysThatAreNone(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for says, c := range map[string]struct {
		program string
		server  *source.Image
	}{
		"is for EM_AARCH64, and the cluster's machines are linux/amd64": {gateway(t, elf.EM_AARCH64), serverImage(t)},
		"is no program for Linux":                   {script, serverImage(t)},
		"no such file":                              {"/gone", serverImage(t)},
		"has no certificates of public authorities": {gateway(t, elf.EM_X86_64), serverImage(t, file("etc/pki/tls/certs/.wh.real.crt", ""))},
	} {
		m, _ := maker(t)
		if _, err := m.MakeGateway(t.Context(), c.program, c.server, amd64); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v", says, err)
		}
	}
}
