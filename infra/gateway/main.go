// Command gateway stands in front of Buildfarm in each task of a cluster: everything between two machines goes through two of them, or one and
// an agent, under mutual TLS.
//
//	gateway server   beside Buildfarm's server and Redis
//	gateway worker   beside Buildfarm's worker
//	gateway config   only writes Buildfarm's configuration: gateway config server|worker
//	gateway health   says by its exit code whether the task can be used, for ECS
//
// The environment says what the cluster is: BBF_CLUSTER, BBF_BUCKET, BBF_ECS_CLUSTER, BBF_SERVER_SERVICE, BBF_WORKERS_SERVICE, BBF_IDLE, and
// BBF_CONFIG, the cluster's configuration as JSON (schema.Config); BBF_MANAGER_URL where the manager signs certificates; BBF_CFSSL_KEY where a
// CFSSL server wants one. AWS's own variables say who we are there. The flags are for tests.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/gateway/quiet"
)

const usage = "usage: gateway server|worker|health [flags], gateway config server|worker [flags]"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gateway:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%s", usage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	// A task's memory is Buildfarm's and the actions'. Buffers of connections make garbage in bursts.
	debug.SetMemoryLimit(48 << 20)
	log := slog.New(quiet.New(slog.NewJSONHandler(os.Stdout, nil), 10*time.Second))
	switch verb, rest := args[0], args[1:]; verb {
	case "server", "worker":
		o, err := parse(certificates.Role(verb), rest)
		if err != nil {
			return err
		}
		return serve(ctx, o, log)
	case "config":
		if len(rest) == 0 || rest[0] != "server" && rest[0] != "worker" {
			return fmt.Errorf("%s", usage)
		}
		o, err := parse(certificates.Role(rest[0]), rest[1:])
		if err != nil {
			return err
		}
		if err := o.findAddress(); err != nil {
			return err
		}
		return o.writeConfig()
	case "health":
		o, err := parse("", rest)
		if err != nil {
			return err
		}
		return health(ctx, o.metrics)
	}
	return fmt.Errorf("%s", usage)
}

// health asks the gateway that runs.
func health(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second) // ECS waits for 5
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/healthz", nil)
	if err != nil {
		return err
	}
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	words, err := io.ReadAll(io.LimitReader(reply.Body, 4<<10))
	if err != nil || reply.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s %v", reply.Status, words, err)
	}
	return nil
}
