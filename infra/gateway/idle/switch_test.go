package idle_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/bbf-build/bbf/infra/gateway/idle"
	"github.com/bbf-build/bbf/infra/manager/state"
)

// account notes what it is asked for.
type account struct {
	mu    sync.Mutex
	calls []string
	fail  int // so many calls of UpdateService
	signs []time.Time
}

func (a *account) UpdateService(_ context.Context, in *ecs.UpdateServiceInput, _ ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, fmt.Sprintf("%s/%s=%d", *in.Cluster, *in.Service, *in.DesiredCount))
	if a.fail > 0 {
		a.fail--
		return nil, errors.New("throttled")
	}
	return &ecs.UpdateServiceOutput{}, nil
}

func (a *account) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	data, _ := io.ReadAll(in.Body)
	var at state.Activity
	if err := json.Unmarshal(data, &at); err != nil || *in.Bucket != "acme-bucket" || *in.Key != "bbf/acme/state/activity.json" {
		return nil, fmt.Errorf("%s in %s/%s", data, *in.Bucket, *in.Key)
	}
	a.signs = append(a.signs, at.At)
	return &s3.PutObjectOutput{}, nil
}

func (a *account) called() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls)
}

func (a *account) signed() []time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.signs)
}

func (a *account) failNext() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fail = 1
}

// watch runs a switch in time that doesn't pass by itself.
func watch(t *testing.T, test func(t *testing.T, a *account, c *idle.Calls)) {
	synctest.Test(t, func(t *testing.T) {
		a, c := &account{}, idle.NewCalls()
		s := idle.Switch{
			Calls: c, After: 20 * time.Minute, Services: a, ECSCluster: "acme", Names: []string{"workers", "server"},
			Objects: a, Bucket: "acme-bucket", Cluster: "acme", Log: slog.New(slog.DiscardHandler),
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go s.Run(ctx)
		test(t, a, c)
	})
}

var off = []string{"acme/workers=0", "acme/server=0"}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestSwitch(t *testing.T) {
	t.Run("WhenNobodyComes", func(t *testing.T) {
		watch(t, func(t *testing.T, a *account, c *idle.Calls) {
			pass(19 * time.Minute)
			if len(a.called()) != 0 {
				t.Errorf("after 19 minutes: %v", a.called())
			}
			pass(time.Minute + 6*time.Second)
			if !slices.Equal(a.called()[:2], off) {
				t.Errorf("after 20 minutes: %v", a.called())
			}
			if len(a.signed()) != 0 {
				t.Errorf("there is a sign of life: %v", a.signed())
			}
		})
	})
	t.Run("WhileACallIsOpen", func(t *testing.T) {
		watch(t, func(t *testing.T, a *account, c *idle.Calls) {
			end := c.Begin()
			pass(3 * time.Hour)
			if len(a.called()) != 0 {
				t.Errorf("during the call: %v", a.called())
			}
			if n := len(a.signed()); n < 55 || n > 61 {
				t.Errorf("%d signs of life in 3 hours", n)
			}
			end()
			pass(19 * time.Minute)
			if len(a.called()) != 0 {
				t.Errorf("soon after the call: %v", a.called())
			}
			pass(2 * time.Minute)
			if len(a.called()) < 2 || !slices.Equal(a.called()[:2], off) {
				t.Errorf("20 minutes after the call: %v", a.called())
			}
		})
	})
	t.Run("AShortCallIsASign", func(t *testing.T) {
		watch(t, func(t *testing.T, a *account, c *idle.Calls) {
			pass(time.Minute)
			c.Begin()()
			at := time.Now()
			pass(10 * time.Second)
			if len(a.signed()) != 1 || !a.signed()[0].Equal(at) {
				t.Errorf("got %v, want %v", a.signed(), at)
			}
			pass(10 * time.Minute) // nothing has happened since
			if len(a.signed()) != 1 {
				t.Errorf("got %v", a.signed())
			}
		})
	})
	t.Run("WhenECSRefuses", func(t *testing.T) {
		watch(t, func(t *testing.T, a *account, c *idle.Calls) {
			a.failNext()
			pass(20*time.Minute + 11*time.Second)
			if len(a.called()) < 3 || a.called()[0] != off[0] || !slices.Equal(a.called()[1:3], off) {
				t.Errorf("got %v", a.called())
			}
		})
	})
	t.Run("Never", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a := &account{}
			ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
			defer cancel()
			s := idle.Switch{Calls: idle.NewCalls(), Services: a, Objects: a, Log: slog.New(slog.DiscardHandler)}
			s.Run(ctx)
			if len(a.called()) != 0 {
				t.Errorf("got %v", a.called())
			}
		})
	})
}
