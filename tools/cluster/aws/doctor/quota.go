package doctor

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"github.com/bbf-build/bbf/tools/doctor"
)

// Quotas is what is called of Service Quotas. It needs servicequotas:GetServiceQuota.
type Quotas interface {
	GetServiceQuota(context.Context, *servicequotas.GetServiceQuotaInput, ...func(*servicequotas.Options)) (*servicequotas.GetServiceQuotaOutput, error)
}

// The quotas count the vCPU of all Fargate tasks that run at once in an account and region.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
const (
	quotaOnDemand = "L-3032A538"
	quotaSpot     = "L-36FBB829"
)

func onDemandQuota(ctx context.Context, p Patient, _ caller) doctor.Finding {
	c := p.Config
	if c.Workers.Spot {
		return vCPU(ctx, p, quotaOnDemand, "Fargate On-Demand", c.Server.CPU, c.Server.CPU, "the server")
	}
	most := c.Server.CPU + float64(c.Workers.Max)*c.Workers.CPU
	usual := c.Server.CPU + float64(c.Workers.Default)*c.Workers.CPU
	return vCPU(ctx, p, quotaOnDemand, "Fargate On-Demand", usual, most, fmt.Sprintf("the server and %d workers (workers.max)", c.Workers.Max))
}

func spotQuota(ctx context.Context, p Patient, _ caller) doctor.Finding {
	w := p.Config.Workers
	if !w.Spot {
		return ok("not needed: workers.spot is off")
	}
	return vCPU(ctx, p, quotaSpot, "Fargate Spot", float64(w.Default)*w.CPU, float64(w.Max)*w.CPU, fmt.Sprintf("%d workers (workers.max)", w.Max))
}

// vCPU compares a quota with what a usual `up` and the largest one need. Other clusters of the account use the same quota, so that
// enough is only enough while they are down.
func vCPU(ctx context.Context, p Patient, quota, name string, usual, most float64, who string) doctor.Finding {
	out, err := p.Quotas.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: aws.String("fargate"), QuotaCode: aws.String(quota)})
	if err != nil {
		return unchecked(err, "servicequotas:GetServiceQuota")
	}
	if out.Quota == nil {
		return warn("not checked: Service Quotas gives no value", "look at it in the console: Service Quotas, AWS Fargate")
	}
	have := aws.ToFloat64(out.Quota.Value)
	detail := fmt.Sprintf("%g vCPU of %s; %s need %g", have, name, who, most)
	mend := fmt.Sprintf("ask for more: aws service-quotas request-service-quota-increase --region=%s --service-code=fargate --quota-code=%s --desired-value=%g; or lower workers.max",
		p.Config.AWS.Region, quota, most)
	switch {
	case have < usual:
		return fail(detail, mend)
	case have < most:
		return warn(detail, mend)
	}
	return ok(detail)
}
