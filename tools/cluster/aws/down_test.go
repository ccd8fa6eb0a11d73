package aws_test

import (
	"testing"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster/aws"
)

func TestDown(t *testing.T) {
	none := func(s *api.Status) { s.Server.Desired, s.Workers.Desired = 0, 0 }
	c := newCloud(t, status(api.StateUp, 1, 2), status(api.StateStopping, 1, 2, none), status(api.StateStopping, 0, 1, none), status(api.StateDown, 0, 0, none))
	res, err := c.cluster(t, t.TempDir()).Down(t.Context(), aws.DownRequest{})
	if err != nil || res.Stopped != 3 || res.State != api.StateDown || c.asked[1] != "POST /down" {
		t.Errorf("%+v, %v, asked %q", res, err, c.asked)
	}
}
