// Package doctor looks for everything that usually goes wrong with bbf on AWS, and says of each thing how to mend it. It changes nothing and
// starts nothing. Package tools/doctor does the same for this machine and the workspace; the findings are the same.
package doctor

import (
	"context"
	"errors"
	"time"

	"github.com/aws/smithy-go"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
	"github.com/bbf-build/bbf/tools/doctor"
)

// Patient is what is looked at.
type Patient struct {
	Config  *schema.Config // with its defaults
	STS     STS
	Quotas  Quotas
	Network Network
	IAM     IAM
	Stacks  Stacks
	Drift   func(ctx context.Context, stack string) ([]stacks.Drift, error)   // looks for changes past CloudFormation: (*stacks.Client).Drift
	Bucket  func(ctx context.Context, accountID string) (bucket.State, error) // looks at the bucket: (*bucket.Bucket).Look
	Manager func(context.Context) (api.Status, error)                         // asks the manager for the status
	Now     func() time.Time                                                  // the clock of this machine
}

// Stacks looks at a stack by its name. *stacks.Client is one.
type Stacks interface {
	Look(ctx context.Context, name string) (stacks.State, error)
}

type check struct {
	name string
	look func(context.Context, Patient, caller) doctor.Finding
}

// All but the first need to know who calls.
var checks = []check{
	{"clock", clock},
	{"region", region},
	{"quota On-Demand", onDemandQuota},
	{"quota Spot", spotQuota},
	{"stacks", stackStates},
	{"drift", drifted},
	{"bucket", bucketOurs},
	{"subnets", subnets},
	{"manager", managerAnswers},
	{"permissions", permissions},
}

// Examine runs all checks, in order, and tells of each finding as it comes.
func Examine(ctx context.Context, p Patient, tell func(doctor.Finding)) {
	who, f := credentials(ctx, p)
	f.Check = "credentials"
	tell(f)
	for _, c := range checks {
		if ctx.Err() != nil {
			return
		}
		f := warn("not checked: AWS doesn't know who asks", "mend the credentials first")
		if who.account != "" || c.name == "clock" {
			f = c.look(ctx, p, who)
		}
		f.Check = c.name
		tell(f)
	}
}

func ok(detail string) doctor.Finding { return doctor.Finding{Verdict: doctor.OK, Detail: detail} }

func warn(detail, mend string) doctor.Finding {
	return doctor.Finding{Verdict: doctor.Warn, Detail: detail, Mend: mend}
}

func fail(detail, mend string) doctor.Finding {
	return doctor.Finding{Verdict: doctor.Fail, Detail: detail, Mend: mend}
}

// unchecked is for an API that didn't answer: the finding names the permission if that is what lacks.
func unchecked(err error, permission string) doctor.Finding {
	if denied(err) {
		return warn("not checked: you lack the permission "+permission, "ask for it, or for the operator's policy in docs/aws.md")
	}
	return warn("not checked: "+err.Error(), "try again")
}

// code returns the error code of an AWS API; "" for other errors.
func code(err error) string {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return ""
}

// denied reports whether IAM refused a call. The services spell it in their own ways.
func denied(err error) bool {
	switch code(err) {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden":
		return true
	}
	return false
}
