package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/schema"
)

// options are what the program was told.
type options struct {
	role    certificates.Role
	cluster schema.Config
	ecs     string // cluster
	service struct{ server, workers string }
	idle    time.Duration

	listen, backend, redis, proxy, metrics string // HOST:PORT
	address                                string // of the task; "" to find out
	server                                 string // of a worker: HOST:PORT of the server's gateway; "" to ask ECS
	certificates                           string // folder; "" to ask the authenticator
	folder                                 string // for Buildfarm's configuration; "" for none
	root, wrappers                         string
	bound                                  time.Duration
}

// Buildfarm's ports in a task are ours to choose. The containers of a task share the network.
var backends = map[certificates.Role]string{certificates.RoleServer: "127.0.0.1:8981", certificates.RoleWorker: "127.0.0.1:8982"}

// A worker's actions have until ECS ends it, 120 s after it was told to. Of a server Redis ends at once, and nothing can go on.
var bounds = map[certificates.Role]time.Duration{certificates.RoleServer: 15 * time.Second, certificates.RoleWorker: 115 * time.Second}

func parse(role certificates.Role, args []string) (*options, error) {
	o := &options{role: role, ecs: os.Getenv("BBF_ECS_CLUSTER")}
	o.service.server, o.service.workers = os.Getenv("BBF_SERVER_SERVICE"), os.Getenv("BBF_WORKERS_SERVICE")
	f := flag.NewFlagSet("gateway "+string(role), flag.ContinueOnError)
	f.StringVar(&o.listen, "listen", "0.0.0.0:8980", "where the gateway is reached, `HOST:PORT`")
	f.StringVar(&o.backend, "backend", backends[role], "where Buildfarm is, `HOST:PORT`")
	f.StringVar(&o.redis, "redis", "127.0.0.1:6379", "of the server where Redis is, of a worker where to be it, `HOST:PORT`")
	f.StringVar(&o.proxy, "proxy", "127.0.0.1:3128", "where to be an HTTP proxy, `HOST:PORT`")
	f.StringVar(&o.metrics, "metrics", "127.0.0.1:9090", "where metrics and health are asked for, `HOST:PORT`")
	f.StringVar(&o.address, "address", "", "the task's own `IP`; found out by default")
	f.StringVar(&o.server, "server", "", "the server's gateway, `HOST:PORT`; asked of ECS by default")
	f.StringVar(&o.certificates, "certificates", "", "`folder` with static certificates; by default as the configuration says")
	f.StringVar(&o.folder, "config", "/bbf/config", "`folder` for Buildfarm's configuration; empty for none")
	f.StringVar(&o.root, "root", "/bbf/worker", "`folder` that Buildfarm's worker works in")
	f.StringVar(&o.wrappers, "wrappers", "/opt/bbf/wrappers", "`folder` of Buildfarm's execution wrappers")
	f.DurationVar(&o.bound, "bound", bounds[role], "how long the end may take")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("%q is too much", f.Arg(0))
	}
	if config := os.Getenv("BBF_CONFIG"); config != "" {
		if err := json.Unmarshal([]byte(config), &o.cluster); err != nil {
			return nil, fmt.Errorf("BBF_CONFIG: %w", err)
		}
	}
	if name := os.Getenv("BBF_CLUSTER"); name != "" {
		o.cluster.Cluster = name
	}
	if bucket := os.Getenv("BBF_BUCKET"); bucket != "" {
		o.cluster.AWS.Bucket = bucket
	}
	schema.Defaults(&o.cluster)
	o.idle = time.Duration(o.cluster.Idle)
	if idle := os.Getenv("BBF_IDLE"); idle != "" {
		var err error
		if o.idle, err = time.ParseDuration(idle); err != nil {
			return nil, fmt.Errorf("BBF_IDLE: %w", err)
		}
	}
	if role != "" && o.cluster.Cluster == "" {
		return nil, errors.New("BBF_CLUSTER is not set")
	}
	return o, nil
}
