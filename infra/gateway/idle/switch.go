package idle

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/bbf-build/bbf/infra/manager/state"
)

// Services is what is used of ECS.
type Services interface {
	UpdateService(context.Context, *ecs.UpdateServiceInput, ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
}

// Objects is what is used of S3.
type Objects interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Switch turns a cluster off that nobody uses, and tells the manager's safety net of one that is used.
type Switch struct {
	Calls      *Calls
	After      time.Duration // without calls; 0: never
	Services   Services
	ECSCluster string
	Names      []string // of the services, the one that runs this gateway last: what comes after it might not be done
	Objects    Objects
	Bucket     string
	Cluster    string
	Log        *slog.Logger
}

// The manager takes a cluster down whose last sign of life is older than its idle time and 15 minutes, so a sign every third minute may be
// lost now and then.
const (
	signs = 3 * time.Minute
	look  = 5 * time.Second
)

// Run looks from time to time, until the context ends. A failure is tried again at the next look.
func (s *Switch) Run(ctx context.Context) {
	ticks := time.NewTicker(look)
	defer ticks.Stop()
	var signed time.Time // what the last sign said
	next := time.Now()   // when there may be a sign again
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticks.C:
			last := s.Calls.Last()
			if s.After > 0 && now.Sub(last) >= s.After {
				s.off(ctx)
				continue
			}
			if _, calls := s.Calls.Now(); calls > 0 && last.After(signed) && !now.Before(next) {
				next = now.Add(signs)
				if err := s.sign(ctx, last); err != nil {
					s.Log.Warn("can't note that the cluster is used", "error", err)
				} else {
					signed = last
				}
			}
		}
	}
}

func (s *Switch) off(ctx context.Context) {
	for _, name := range s.Names {
		if _, err := s.Services.UpdateService(ctx, &ecs.UpdateServiceInput{
			Cluster: &s.ECSCluster, Service: &name, DesiredCount: aws.Int32(0),
		}); err != nil {
			s.Log.Error("nobody uses the cluster, but it can't be taken down", "service", name, "error", err)
			return
		}
	}
	s.Log.Info("nobody uses the cluster: it goes down", "idle", s.After.String())
}

func (s *Switch) sign(ctx context.Context, at time.Time) error {
	data, err := json.Marshal(state.Activity{At: at.UTC()})
	if err != nil {
		return err
	}
	key := state.ActivityKey(s.Cluster)
	_, err = s.Objects.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &s.Bucket, Key: &key, Body: bytes.NewReader(data), ContentType: aws.String("application/json"),
	})
	if err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", s.Bucket, key, err)
	}
	return nil
}
