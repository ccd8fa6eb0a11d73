package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path"
	"time"
)

// metadata is as much as we want of what a task is told about itself
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html).
type metadata struct {
	TaskARN    string
	Containers []struct {
		Networks []struct{ IPv4Addresses []string }
	}
}

func askMetadata(ctx context.Context) (m metadata, err error) {
	url := os.Getenv("ECS_CONTAINER_METADATA_URI_V4")
	if url == "" {
		return m, errors.New("ECS_CONTAINER_METADATA_URI_V4 is not set")
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/task", nil)
	if err != nil {
		return m, err
	}
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return m, err
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		return m, errors.New(reply.Status)
	}
	return m, json.NewDecoder(reply.Body).Decode(&m)
}

// taskName is the last part of the task's ARN, or the host's name outside of ECS.
func taskName(m metadata) string {
	if m.TaskARN != "" {
		return path.Base(m.TaskARN)
	}
	if name, err := os.Hostname(); err == nil {
		return name
	}
	return "task"
}

// taskAddress is the task's private one: as ECS says, or else the only one that others can reach.
func taskAddress(m metadata) (string, error) {
	for _, c := range m.Containers {
		for _, n := range c.Networks {
			for _, a := range n.IPv4Addresses {
				return a, nil
			}
		}
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "", err
	}
	for _, a := range addresses {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() && p.Addr().IsPrivate() {
			return p.Addr().String(), nil
		}
	}
	return "", errors.New("the task has no private address; say it with --address")
}
