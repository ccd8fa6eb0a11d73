//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/spf13/cobra"

	parts "github.com/bbf-build/bbf/infra/images"
	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/images"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
	"github.com/bbf-build/bbf/tools/cluster/aws/refusal"
	"github.com/bbf-build/bbf/tools/cluster/daemon"
	"github.com/bbf-build/bbf/tools/version"
)

const imagesLong = `Make the images that the cluster's tasks run, and push what is missing of them to its ECR repositories, which ` + "`setup`" + ` has made. No Docker
is needed. Sources are references of a registry, oci:DIR for an OCI layout or tar:FILE for what ` + "`docker save`" + ` or skopeo writes.
docs/images.md has what they are made of.`

// gatewayVariable is set by `bazel run @bbf//:images` to where Bazel has built the gateway; several are separated like a PATH.
const gatewayVariable = "BBF_GATEWAY"

func newImages() *cobra.Command {
	cmd := &cobra.Command{Use: "images", Short: "Make the cluster's images and push them", Long: imagesLong, Args: cli.NoArgs}
	output := cli.AddOutput(cmd)
	r := images.Request{Sources: map[string]string{}, Upstream: parts.DefaultUpstream()}
	f := cmd.Flags()
	sources := map[string]*string{
		parts.Server: f.String("server", parts.DefaultServer, "`image` of Buildfarm's server, whose Java the workers get too"),
		parts.Worker: f.String("worker", parts.DefaultWorker, "`image` of Buildfarm's worker"),
		parts.Redis:  f.String("redis", parts.DefaultRedis, "`image` of Redis"),
	}
	f.StringVar(&r.Base, "base", "", "`image` that actions see (default workers.image of bbf.yaml)")
	f.StringSliceVar(&r.Gateways, "gateway", filepath.SplitList(os.Getenv(gatewayVariable)), "`file` of the gateway's program, one for each architecture; bazel run @bbf//:images knows it")
	f.StringSliceVar(&r.Architectures, "architecture", []string{"amd64"}, "amd64, arm64 or both")
	f.StringSliceVar(&r.Only, "only", nil, "`images` to make: redis, gateway, server, worker (default all that bbf.yaml doesn't name others for)")
	f.StringVar(&r.Upstream.ServerJar, "server-jar", r.Upstream.ServerJar, "where Buildfarm's server is in its image")
	f.StringVar(&r.Upstream.WorkerJar, "worker-jar", r.Upstream.WorkerJar, "where Buildfarm's worker is in its image")
	f.StringSliceVar(&r.Upstream.Wrappers, "wrapper", r.Upstream.Wrappers, "execution wrappers that the worker's image must have")
	f.StringVar(&r.Upstream.JRE, "jre", "", "`folder` of Java in the server's image (default: JAVA_HOME or PATH of that image)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		for name, source := range sources {
			r.Sources[name] = *source
		}
		p, err := publisher(cmd)
		if err != nil {
			return err
		}
		tell, done := newImageEvents(cmd.ErrOrStderr())
		p.Progress = tell
		if !cli.Terminal(cmd.ErrOrStderr()) {
			p.Step = 25 // a log needs no line for each hundredth
		}
		res, err := p.Publish(cmd.Context(), r)
		done()
		if err != nil {
			return err
		}
		if output.JSON() {
			return cli.WriteJSON(cmd.OutOrStdout(), res)
		}
		printImages(cmd.OutOrStdout(), res)
		return nil
	}
	return cmd
}

func publisher(cmd *cobra.Command) (*images.Publisher, error) {
	h, err := find(cmd.Context())
	if err != nil {
		return nil, err
	}
	cache, err := daemon.FindCache(os.Getenv)
	if err != nil {
		return nil, err
	}
	if err := cache.Claim(); err != nil {
		return nil, err
	}
	caller, err := deploy.Identify(cmd.Context(), sts.NewFromConfig(h.sdk))
	if err != nil {
		return nil, refusal.Explain(err)
	}
	return &images.Publisher{Config: h.config, AWS: h.sdk, Caller: caller, Bucket: h.cluster.Bucket(caller.AccountID), Version: version.Version,
		Cache: filepath.Join(string(cache), "images"), Now: time.Now}, nil
}

func printImages(w io.Writer, res images.Result) {
	var uploaded int64
	for _, i := range res.Images {
		uploaded += i.Uploaded
		what := "nothing was missing"
		if i.Uploaded > 0 {
			what = fmt.Sprintf("%s uploaded, %d of %d layers", cli.Bytes(i.Uploaded), i.New, i.Layers)
		}
		fmt.Fprintf(w, "  %-8s  %s: %s\n", i.Name, i.Reference, what)
	}
	for _, n := range res.Notes {
		fmt.Fprintf(w, "note: %s\n", n)
	}
	fmt.Fprintf(w, "bbf has pushed %d images: %s uploaded\nnext: %s\n", len(res.Images), cli.Bytes(uploaded), cluster.Command("setup")+", which makes tasks of them")
}

// newImageEvents shows one line for each image, which changes in place on a terminal.
func newImageEvents(stderr io.Writer) (tell progress.Func, done func()) {
	live := cli.NewLive(stderr)
	return func(e progress.Event) {
		line := "image " + e.Name + ": " + e.State
		if e.Detail != "" {
			line += " " + e.Detail
		}
		live.Show(e.Name, line, e.State == images.StatePushed || e.State == images.StateThere)
	}, live.Done
}
