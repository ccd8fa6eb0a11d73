package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/bbf-build/bbf/tools/engine"
)

// Control asks a running engine things over its control socket.
type Control struct{ http http.Client }

// NewControl returns a client; it doesn't connect yet.
func NewControl(socket string) *Control {
	var d net.Dialer
	return &Control{http.Client{
		Timeout: 5 * time.Second, // it answers from memory, in microseconds
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return d.DialContext(ctx, "unix", socket)
			},
		},
	}}
}

// Gone reports whether an error of Control means that nobody listens, rather than that somebody answers badly.
func Gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

// Status returns what the engine says of itself.
func (c *Control) Status(ctx context.Context) (engine.Status, error) {
	var s engine.Status
	return s, c.call(ctx, http.MethodGet, "/status", nil, &s)
}

// Stop asks the engine to end. It returns when the engine has heard it, not when it is gone.
func (c *Control) Stop(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/stop", nil, nil)
}

// Register hides a workspace from all actions, now and after a restart.
func (c *Control) Register(ctx context.Context, root string) error {
	return c.call(ctx, http.MethodPost, "/workspaces", registration{Path: root}, nil)
}

func (c *Control) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://engine"+path, body)
	if err != nil {
		return err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("asking the engine: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(io.LimitReader(res.Body, 1000)) // the status says enough without it
		return fmt.Errorf("the engine answered %s to %s: %s", res.Status, path, strings.TrimSpace(string(why)))
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return fmt.Errorf("reading the engine's answer to %s: %w", path, err)
	}
	return nil
}
