package task_test

import (
	"bytes"
	"testing"
	"time"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc/codes"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/gateway/task"
	"github.com/bbf-build/bbf/infra/gateway/testrig"
)

func TestABuilderDoesEverything(t *testing.T) {
	authority := testrig.Authority(t)
	backend, _ := startEngine(t)
	g := start(t, authority, task.Options{Backend: backend})
	c := dial(t, g.address, with(testrig.Bundle(t, authority, certificates.RoleBuilder, "arn:aws:iam::1:user/a", tomorrow)))
	ctx := short(t)
	if err := c.ask(ctx); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 16 << 10, 5<<20 + 3, 64 << 20} {
		data, d := blob(n)
		if err := c.upload(ctx, data, d); err != nil {
			t.Fatalf("upload of %d bytes: %v", n, err)
		}
		var got bytes.Buffer
		if err := c.download(ctx, d, func(p []byte) { got.Write(p) }); err != nil || !bytes.Equal(got.Bytes(), data) {
			t.Fatalf("download of %d bytes: %d bytes, %v", n, got.Len(), err)
		}
	}
	if open, total := g.task.Calls.Now(); open != 0 || total != 11 {
		t.Errorf("%d calls are open of %d", open, total)
	}
}

func TestWhoMayNotIsToldSo(t *testing.T) {
	authority, other := testrig.Authority(t), testrig.Authority(t)
	backend, _ := startEngine(t)
	g := start(t, authority, task.Options{Backend: backend})
	bundle := func(a *certificates.Authority, role certificates.Role, end time.Time) *certificates.Bundle {
		b := *testrig.Bundle(t, a, role, "arn:aws:iam::1:user/a", end)
		b.Authorities = testrig.Bundle(t, authority, role, "x", tomorrow).Authorities
		return &b
	}
	none := bundle(authority, certificates.RoleBuilder, tomorrow)
	none.Certificate.Certificate, none.Certificate.PrivateKey = nil, nil

	for _, c := range []struct {
		name   string
		bundle *certificates.Bundle
		code   codes.Code
		words  string
	}{
		{"WithoutCertificate", none, codes.Unauthenticated, "no client certificate was shown"},
		{"OfAnotherAuthority", bundle(other, certificates.RoleBuilder, tomorrow), codes.Unauthenticated, "not signed by an authority of the cluster acme"},
		{"Expired", bundle(authority, certificates.RoleBuilder, time.Now().Add(-time.Minute)), codes.Unauthenticated, "has expired at"},
		{"AWorkerFromOutside", bundle(authority, certificates.RoleWorker, tomorrow), codes.PermissionDenied, "between the tasks of a cluster"},
		{"AServerFromOutside", bundle(authority, certificates.RoleServer, tomorrow), codes.PermissionDenied, "between the tasks of a cluster"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := dial(t, g.address, with(c.bundle))
			refused(t, k.ask(short(t)), c.code, c.words)
			data, d := blob(8 << 20)
			refused(t, k.upload(short(t), data, d), c.code, c.words)
		})
	}
	if _, total := g.task.Calls.Now(); total != 0 {
		t.Errorf("%d calls reached the backend", total)
	}
}

func TestAReaderReads(t *testing.T) {
	authority := testrig.Authority(t)
	backend, _ := startEngine(t)
	g := start(t, authority, task.Options{Backend: backend})
	reader := dial(t, g.address, with(testrig.Bundle(t, authority, certificates.RoleReader, "arn:aws:iam::1:user/r", tomorrow)))
	ctx := short(t)
	data, d := blob(3 << 20)
	if err := dial(t, backend, plaintext()).upload(ctx, data, d); err != nil {
		t.Fatal(err)
	}
	// Refusals between good calls on the same connection, with more refused bytes than a window has.
	for range 50 {
		var n int
		if err := reader.download(ctx, d, func(p []byte) { n += len(p) }); err != nil || n != len(data) {
			t.Fatalf("got %d bytes, %v", n, err)
		}
		refused(t, reader.upload(ctx, data, d), codes.PermissionDenied, "arn:aws:iam::1:user/r may not call google.bytestream.ByteStream/Write")
		_, err := reader.results.UpdateActionResult(ctx, &repb.UpdateActionResultRequest{})
		refused(t, err, codes.PermissionDenied, "UpdateActionResult")
		stream, err := reader.execution.Execute(ctx, &repb.ExecuteRequest{ActionDigest: d})
		if err == nil {
			_, err = stream.Recv()
		}
		refused(t, err, codes.PermissionDenied, "Execution/Execute")
	}
	err := reader.conn.Invoke(ctx, "/build.buildfarm.v1test.Admin/StopContainer", &repb.GetCapabilitiesRequest{}, &repb.ServerCapabilities{})
	refused(t, err, codes.PermissionDenied, "is not offered")
}
