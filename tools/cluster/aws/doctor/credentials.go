package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/refusal"
	"github.com/bbf-build/bbf/tools/doctor"
)

// STS is what is called of STS. It needs no permission.
type STS interface {
	GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error)
}

// caller is who the credentials belong to.
type caller struct {
	account, arn string
	server       time.Time // what STS had on its clock; the zero value when it didn't answer
}

func credentials(ctx context.Context, p Patient) (caller, doctor.Finding) {
	out, err := p.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return caller{server: dateOf(err)}, refused(err)
	}
	who := caller{account: aws.ToString(out.Account), arn: aws.ToString(out.Arn)}
	who.server, _ = middleware.GetServerTime(out.ResultMetadata)
	return who, ok(fmt.Sprintf("%s in account %s", who.arn, who.account))
}

// refused says of an error of STS what it means and what to do.
func refused(err error) doctor.Finding {
	if explained := refusal.Explain(err); cluster.Next(explained) != "" {
		return fail(explained.Error(), cluster.Next(explained))
	}
	return fail(err.Error(), "make sure that STS can be reached: https://sts.REGION.amazonaws.com; look at HTTPS_PROXY")
}

// dateOf is the clock of a server that refused a call.
func dateOf(err error) time.Time {
	var r *smithyhttp.ResponseError
	if !errors.As(err, &r) || r.Response == nil || r.Response.Response == nil {
		return time.Time{}
	}
	at, err := http.ParseTime(r.Response.Header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return at
}

// AWS refuses signatures whose time is more than five minutes off.
const (
	skewRefused = 5 * time.Minute
	skewSmall   = time.Minute
)

func clock(_ context.Context, p Patient, who caller) doctor.Finding {
	if who.server.IsZero() {
		return warn("not checked: STS doesn't answer", "mend the credentials first")
	}
	off := p.Now().Sub(who.server).Round(time.Second)
	detail := fmt.Sprintf("the clock is %v ahead of AWS's", off)
	if off < 0 {
		detail = fmt.Sprintf("the clock is %v behind AWS's", -off)
	}
	const mend = "set it: timedatectl set-ntp true, or sntp -sS time.apple.com on macOS"
	switch {
	case off.Abs() >= skewRefused:
		return fail(detail+": AWS refuses what is signed so", mend)
	case off.Abs() >= skewSmall:
		return warn(detail, mend)
	}
	return ok("agrees with AWS's")
}
