package doctor

import (
	"context"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/doctor"
)

// bucketOurs asks the same as `setup` does before it makes anything.
func bucketOurs(ctx context.Context, p Patient, who caller) doctor.Finding {
	name := p.Config.AWS.Bucket
	s, err := p.Bucket(ctx, who.account)
	switch {
	case err != nil && cluster.Next(err) != "":
		return fail(err.Error(), cluster.Next(err))
	case err != nil:
		return unchecked(err, "to look at the bucket "+name)
	case !s.Exists:
		return warn(name+" isn't there", cluster.Command("setup")+" makes it")
	case len(s.Notes) > 0:
		return warn(s.Notes[0], "a bucket of the cluster's own in aws.bucket of bbf.yaml, or turn versioning on")
	case s.Ours:
		return ok(name + " is the cluster's own")
	}
	return ok(name + " is the account's, and has other things in it too")
}
