package workspace_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/workspace"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestRC(t *testing.T) {
	up := workspace.RC{Endpoint: "unix:/home/me/.cache/bbf/run/engine.sock", Platform: "@bbf//:platform", Slots: 4}
	for _, c := range []struct {
		golden string
		change func(*workspace.RC)
	}{
		{"unknown", func(*workspace.RC) {}},
		{"7.7.1", func(r *workspace.RC) { r.Bazel = workspace.Bazel{Major: 7, Minor: 7, Patch: 1} }},
		{"8.4.2", func(r *workspace.RC) { r.Bazel = workspace.Bazel{Major: 8, Minor: 4, Patch: 2} }},
		{"9.0.0", func(r *workspace.RC) { r.Bazel = workspace.Bazel{Major: 9} }},
		{"9.1.0", func(r *workspace.RC) { r.Bazel = workspace.Bazel{Major: 9, Minor: 1} }},
		{"spaces", func(r *workspace.RC) { r.Endpoint = `unix:/home/my "own" \ stuff #1/engine.sock` }},
		{"no-platform", func(r *workspace.RC) { r.Platform = "" }},
		{"agent", func(r *workspace.RC) {
			r.Endpoint, r.Retries, r.Slots = "unix:/home/me/.cache/bbf/agent/acme.sock", 5, 40
		}},
		{"direct", func(r *workspace.RC) {
			r.Endpoint, r.Retries, r.Slots = "grpcs://198.51.100.7:8980", 5, 40
			r.TLS = &workspace.TLS{Authorities: "/home/me/my ws/.bbf/tls/authorities.pem", Certificate: "/home/me/my ws/.bbf/tls/certificate.pem", Key: "/home/me/my ws/.bbf/tls/key.pem"}
		}},
		{"inert", func(r *workspace.RC) { r.Endpoint = "" }},
	} {
		t.Run(c.golden, func(t *testing.T) {
			r := up
			c.change(&r)
			got, err := r.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", "rc", c.golden+".bazelrc")
			if *update {
				write(t, file, string(got))
			}
			if want := read(t, file); string(got) != want {
				t.Errorf("%s differs (run with -update if that is meant):\n%s", file, got)
			}
			if e := workspace.EndpointOf(got); e != r.Endpoint {
				t.Errorf("the endpoint is read back as %q", e)
			}
		})
	}

	t.Run("WhenThePathHasALineBreak", func(t *testing.T) {
		if _, err := (workspace.RC{Endpoint: "unix:/a\nb"}).Bytes(); err == nil {
			t.Fatal("it was written")
		}
	})
}

func TestInert(t *testing.T) {
	t.Run("WhenItIsOurs", func(t *testing.T) {
		for _, platform := range []string{"", "@bbf//:platform"} {
			r := workspace.RC{Endpoint: "unix:/s", Platform: platform, Slots: 2}
			up, err := r.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			r.Endpoint = ""
			want, err := r.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			got, ours := workspace.Inert(up)
			if !ours || string(got) != string(want) {
				t.Fatalf("got %v\n%s\nwant\n%s", ours, got, want)
			}
			if again, ours := workspace.Inert(got); !ours || string(again) != string(got) {
				t.Fatalf("a second time gives\n%s", again)
			}
			// The lines that stay are the same ones: a build's configuration doesn't change with the engine.
			for line := range strings.Lines(string(got)) {
				if strings.HasPrefix(line, "common:") && !strings.Contains(string(up), line) {
					t.Errorf("%q is only there when bbf is down", line)
				}
			}
		}
	})

	t.Run("WhenItHasCertificates", func(t *testing.T) {
		rc, err := workspace.RC{Endpoint: "grpcs://198.51.100.7:8980", TLS: &workspace.TLS{Authorities: "/a", Certificate: "/c", Key: "/k"}}.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if got, ours := workspace.Inert(rc); !ours || strings.Contains(string(got), "tls") {
			t.Fatalf("%v\n%s", ours, got)
		}
	})

	t.Run("WhenItIsSomebodyElses", func(t *testing.T) {
		if _, ours := workspace.Inert([]byte("build --remote_executor=grpc://x\n")); ours {
			t.Fatal("taken for ours")
		}
	})
}

func TestQuote(t *testing.T) {
	for _, s := range []string{"", "plain", "a b", `a"b`, `a\b`, `\"`, "#a", "a#b", "ä", "'", `"`, `a b\`} {
		q, err := workspace.Quote(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := workspace.Unquote(q); got != s {
			t.Errorf("%q was written as %s and read back as %q", s, q, got)
		}
	}
}

func TestWrite(t *testing.T) {
	w := workspace.Workspace{Root: t.TempDir()}
	rc := workspace.RC{Endpoint: "unix:/s", Slots: 2}
	c := workspace.Cluster{Schema: 1, Backend: "local", Cluster: "local", ExecProperties: map[string]string{}}
	if changed, err := w.Write(rc, c); err != nil || !changed {
		t.Fatal(changed, err)
	}
	before, err := os.Stat(w.RCPath())
	if err != nil {
		t.Fatal(err)
	}

	t.Run("WhenNothingIsNew", func(t *testing.T) {
		if changed, err := w.Write(rc, c); err != nil || changed {
			t.Fatal(changed, err)
		}
		after, err := os.Stat(w.RCPath())
		if err != nil || !os.SameFile(before, after) || !after.ModTime().Equal(before.ModTime()) {
			t.Fatalf("the file was touched: %v", err)
		}
	})

	t.Run("WhenItIsWhatTheExtensionReads", func(t *testing.T) {
		want := "{\n  \"schema\": 1,\n  \"backend\": \"local\",\n  \"cluster\": \"local\",\n  \"exec_properties\": {}\n}\n"
		if got := read(t, w.Path(".bbf", "cluster.json")); got != want {
			t.Fatalf("%s", got)
		}
		if got := read(t, w.Path(".bbf", ".gitignore")); got != "*\n" {
			t.Fatalf("%q", got)
		}
	})

	t.Run("WhenItIsMadeInert", func(t *testing.T) {
		if changed, err := w.MakeInert("unix:/other"); err != nil || changed {
			t.Fatal("an rc of another engine was changed", err)
		}
		if changed, err := w.MakeInert("unix:/s"); err != nil || !changed {
			t.Fatal(changed, err)
		}
		if got := workspace.EndpointOf([]byte(read(t, w.RCPath()))); got != "" {
			t.Fatal(got)
		}
		if changed, err := w.MakeInert(""); err != nil || changed {
			t.Fatal(changed, err)
		}
	})

	t.Run("WhenNothingIsLeftBehind", func(t *testing.T) {
		entries, err := os.ReadDir(w.Path(".bbf"))
		if err != nil || len(entries) != 3 {
			t.Fatal(entries, err)
		}
	})

	t.Run("WhenThereIsNoRC", func(t *testing.T) {
		if changed, err := (workspace.Workspace{Root: t.TempDir()}).MakeInert(""); err != nil || changed {
			t.Fatal(changed, err)
		}
	})
}
