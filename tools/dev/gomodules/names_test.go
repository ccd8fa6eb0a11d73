package main

import "testing"

func TestLabel(t *testing.T) {
	modules := []module{{Path: "google.golang.org/genproto"}, {Path: "google.golang.org/genproto/googleapis/rpc"}, {Path: "github.com/spf13/cobra"}, {Path: "github.com/a/b-c/v2"}}
	for importPath, want := range map[string]string{
		"google.golang.org/genproto/googleapis/rpc/status": "@bbf_org_golang_google_genproto_googleapis_rpc//status",
		"google.golang.org/genproto/googleapis/api":        "@bbf_org_golang_google_genproto//googleapis/api",
		"github.com/spf13/cobra":                           "@bbf_com_github_spf13_cobra//:cobra",
		"github.com/a/b-c/v2":                              "@bbf_com_github_a_b_c_v2//:b-c",
		"github.com/a/b-c/v2/api/v3":                       "@bbf_com_github_a_b_c_v2//api/v3:api",
	} {
		if got := label(modules, importPath); got != want {
			t.Errorf("label(%s) = %s, want %s", importPath, got, want)
		}
	}
}
