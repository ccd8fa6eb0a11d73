package refuse

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/smithy-go"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/manager"
	"github.com/bbf-build/bbf/tools/cluster/aws/refusal"
)

// Explain makes a refusal of it that the manager of a cluster, or another service of AWS, didn't do what it was asked to: Denied where the same
// question would fail again until the user does something, mostly about credentials.
func Explain(name string, err error) error {
	if errors.As(err, new(*Refusal)) || errors.Is(err, context.Canceled) {
		return err // it has its words already
	}
	err = refusal.Explain(err)
	words := fmt.Errorf("cluster %s: %w", name, err)
	switch {
	case gone(err):
		words = fmt.Errorf("cluster %s: its manager isn't where it was: %w", name, err)
		return Denied(cluster.WithNext(words, cluster.Command("up")+", which looks where it is now"))
	case forbidden(err):
		return Denied(words)
	case cluster.Next(err) != "":
		return Unavailable(words)
	}
	return Unavailable(cluster.WithNext(words, "look whether this machine reaches AWS; "+cluster.Command("doctor")+" looks for the cause"))
}

func gone(err error) bool {
	var e *manager.Error
	return errors.As(err, &e) && e.HTTP == http.StatusNotFound && !e.Manager
}

func forbidden(err error) bool {
	var m *manager.Error
	if errors.As(err, &m) {
		return m.HTTP == http.StatusForbidden
	}
	var e smithy.APIError
	if !errors.As(err, &e) {
		return false
	}
	_, next := refusal.Words(e.ErrorCode(), e.ErrorMessage())
	return next != ""
}
