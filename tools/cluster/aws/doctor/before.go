package doctor

import (
	"context"
	"errors"

	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/doctor"
)

// CheckNetwork refuses an existing VPC that no cluster can run in. A new one is as it has to be.
func CheckNetwork(ctx context.Context, c *schema.Config, network Network) error {
	if c.AWS.VPC.Existing == nil {
		return nil
	}
	f := subnets(ctx, Patient{Config: c, Network: network}, caller{})
	if f.Verdict == doctor.Fail {
		return cluster.WithNext(errors.New("aws.vpc.existing: "+f.Detail), f.Mend)
	}
	return nil
}
