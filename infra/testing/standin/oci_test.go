package standin_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/testing/standin"
)

const (
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar"
)

func TestTaskOfAPushedImage(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("root filesystems and network namespaces need root")
	}
	cloud := standin.Start(t, standin.Options{Network: standin.Namespaces})
	host := cloud.AccountID + ".dkr.ecr." + cloud.Region + ".amazonaws.com"
	deploy(t, cloud, "service", "service.yaml", map[string]string{"Image": host + "/test/pushed:1"})
	push(t, cloud, "http://"+host+"/v2/test/pushed/", "1", build(t, "./testdata/task"))
	cloud.ClearRequests(t)
	task := scaleToOne(t, cloud)

	got := get(t, "http://"+publicAddress(t, cloud, detail(task, "networkInterfaceId"))+":8980/")
	var seen struct {
		Pid  int
		Args []string
		Dir  string
		Env  []string
	}
	if err := json.Unmarshal([]byte(got), &seen); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	if seen.Pid != 1 || seen.Dir != "/work" || fmt.Sprint(seen.Args) != "[/task from-the-task-definition]" {
		t.Errorf("the task saw %+v", seen)
	}
	env := strings.Join(seen.Env, "\n")
	for _, want := range []string{"FROM_IMAGE=1", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/credentials/"} {
		if !strings.Contains(env, want) {
			t.Errorf("no %s in the task's environment:\n%s", want, env)
		}
	}
	actions := strings.Join(standin.Actions(cloud.Requests(t)), " ")
	if !strings.Contains(actions, "ecr:BatchGetImage") || !strings.Contains(actions, "logs:PutLogEvents") {
		t.Errorf("nothing was asked with the execution role's rights: %s", actions)
	}
}

// push makes an image of one program and puts it into a repository, as the OCI distribution specification has it.
func push(t *testing.T, cloud *standin.Cloud, repository, tag string, program []byte) {
	t.Helper()
	layer := descriptor(t, cloud, repository, layerType, archived(t, program))
	config := descriptor(t, cloud, repository, configType, marshal(t, map[string]any{
		"architecture": "amd64", "os": "linux", "config": map[string]any{
			"Entrypoint": []string{"/task"}, "Env": []string{"FROM_IMAGE=1"}, "WorkingDir": "/work"},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []any{layer["digest"]}}}))
	manifest := marshal(t, map[string]any{"schemaVersion": 2, "mediaType": manifestType, "config": config,
		"layers": []any{layer}})
	send(t, cloud, http.MethodPut, repository+"manifests/"+tag, manifestType, manifest)
}

// descriptor uploads a blob and describes it.
func descriptor(t *testing.T, cloud *standin.Cloud, repository, mediaType string, blob []byte) map[string]any {
	t.Helper()
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256(blob))
	started := send(t, cloud, http.MethodPost, repository+"blobs/uploads/", "", nil)
	location, err := started.Request.URL.Parse(started.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	location.RawQuery = url.Values{"digest": {digest}}.Encode()
	send(t, cloud, http.MethodPut, location.String(), "application/octet-stream", blob)
	return map[string]any{"mediaType": mediaType, "digest": digest, "size": len(blob)}
}

func send(t *testing.T, cloud *standin.Cloud, method, url, contentType string, body []byte) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	reply, err := cloud.HTTPClient().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	reply.Body.Close()
	if reply.StatusCode >= 300 {
		t.Fatalf("%s %s: %s", method, url, reply.Status)
	}
	return reply
}

func archived(t *testing.T, program []byte) []byte {
	t.Helper()
	var buffer bytes.Buffer
	archive := tar.NewWriter(&buffer)
	for _, header := range []*tar.Header{
		{Name: "work/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "task", Mode: 0o755, Size: int64(len(program))},
	} {
		if err := archive.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := archive.Write(program); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func marshal(t *testing.T, value any) []byte {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
