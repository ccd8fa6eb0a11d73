package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/gateway/buildfarm"
	"github.com/bbf-build/bbf/infra/gateway/idle"
	"github.com/bbf-build/bbf/infra/gateway/locate"
	"github.com/bbf-build/bbf/infra/gateway/task"
)

// serve is the gateway, until the context ends.
func serve(ctx context.Context, o *options, log *slog.Logger) error {
	if err := o.findAddress(); err != nil {
		return err
	}
	if err := o.writeConfig(); err != nil {
		return err
	}
	cfg := configuration()
	client := ecs.NewFromConfig(cfg)
	objects := s3.NewFromConfig(cfg, func(s *s3.Options) { s.UsePathStyle = cfg.BaseEndpoint != nil })
	source, guard, err := o.identity(ctx, cfg, log)
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(o.listen)
	if err != nil {
		return err
	}
	listeners, err := listen(o)
	if err != nil {
		return err
	}
	t := task.New(task.Options{
		Role: o.role, Cluster: o.cluster.Cluster, Source: source, Guard: guard,
		Backend: o.backend, Redis: o.redis, Port: port, Bound: o.bound, Log: log,
		Server: o.findServer(client, port, log),
	})
	if o.role == certificates.RoleServer && o.ecs != "" {
		off := &idle.Switch{
			Calls: t.Calls, After: o.idle, Services: client, ECSCluster: o.ecs, Names: []string{o.service.workers, o.service.server},
			Objects: objects, Bucket: o.cluster.AWS.Bucket, Cluster: o.cluster.Cluster, Log: log,
		}
		go off.Run(ctx)
	}
	log.Info("the gateway is there", "role", o.role, "at", o.listen, "for", o.backend)
	return t.Run(ctx, listeners)
}

func listen(o *options) (l task.Listeners, err error) {
	for _, want := range []struct {
		address  string
		listener *net.Listener
		wanted   bool
	}{
		{o.listen, &l.Front, true}, {o.proxy, &l.Proxy, true}, {o.metrics, &l.Metrics, true},
		{o.redis, &l.Redis, o.role == certificates.RoleWorker},
	} {
		if !want.wanted {
			continue
		}
		if *want.listener, err = net.Listen("tcp", want.address); err != nil {
			return l, err
		}
	}
	return l, nil
}

// fixed is a server that is always at the same place.
type fixed string

func (f fixed) Address(context.Context) (string, error) { return string(f), nil }
func (f fixed) Lost(string)                             {}

func (o *options) findServer(client *ecs.Client, port string, log *slog.Logger) interface {
	Address(context.Context) (string, error)
	Lost(string)
} {
	if o.server != "" {
		return fixed(o.server)
	}
	return &locate.Server{Tasks: client, Cluster: o.ecs, Service: o.service.server, Port: port, Between: 2 * time.Second, Log: log}
}

// findAddress finds out the task's own address, unless it was told.
func (o *options) findAddress() (err error) {
	if o.address == "" {
		m, _ := askMetadata(context.Background()) // without it the interfaces tell
		o.address, err = taskAddress(m)
	}
	return err
}

// writeConfig writes what Buildfarm is started with.
func (o *options) writeConfig() error {
	if o.folder == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(o.listen)
	if err != nil {
		return err
	}
	t := buildfarm.Task{Name: net.JoinHostPort(o.address, port), Folder: o.folder, Root: o.root, Wrappers: o.wrappers}
	for address, to := range map[string]*int{o.backend: &t.Port, o.redis: &t.RedisPort, o.proxy: &t.ProxyPort} {
		_, p, err := net.SplitHostPort(address)
		if err != nil {
			return err
		}
		if *to, err = strconv.Atoi(p); err != nil {
			return fmt.Errorf("%s: %w", address, err)
		}
	}
	make := buildfarm.Worker
	if o.role == certificates.RoleServer {
		make = buildfarm.Server
	}
	all, err := make(&o.cluster, t)
	if err != nil {
		return err
	}
	return buildfarm.Write(o.folder, all)
}
