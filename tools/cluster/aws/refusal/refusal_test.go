package refusal_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/refusal"
)

func TestExplain(t *testing.T) {
	denied := "User: arn:aws:iam::1:user/ann is not authorized to perform: s3:GetObject on resource: x"
	for name, test := range map[string]struct {
		err        error
		says, next string
	}{
		"MissingPermission": {api("AccessDeniedException", denied), "you need the permission s3:GetObject", "docs/aws.md"},
		"DeniedByS3":        {api("AccessDenied", "Access Denied"), "IAM refused", "docs/aws.md"},
		"ExpiredSession":    {api("ExpiredTokenException", "x"), "your session has expired", "aws sso login"},
		"ExpiredAtS3":       {api("ExpiredToken", "x"), "your session has expired", "aws sso login"},
		"ClockOfS3":         {api("RequestTimeTooSkewed", "x"), "clock", "set the clock"},
		"Clock":             {api("SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2"), "clock", "set the clock"},
		"WrongSecret":       {api("SignatureDoesNotMatch", "x"), "secret access key", "aws configure"},
		"UnknownKey":        {api("InvalidClientTokenId", "x"), "doesn't know these credentials", "AWS_PROFILE"},
		"NoCredentials":     {errors.New("failed to refresh cached credentials, no EC2 IMDS role found"), "no AWS credentials found", "aws configure"},
		"EndedSignOn":       {errors.New("the SSO session has expired or is invalid"), "single sign-on session has ended", "aws sso login"},
	} {
		t.Run(name, func(t *testing.T) {
			err := refusal.Explain(fmt.Errorf("doing it: %w", test.err))
			if !strings.Contains(err.Error(), test.says) || !strings.Contains(cluster.Next(err), test.next) || !errors.Is(err, test.err) {
				t.Errorf("%v; next: %s", err, cluster.Next(err))
			}
		})
	}
}

func TestExplainLeavesTheRest(t *testing.T) {
	hinted := cluster.WithNext(api("AccessDenied", "x"), "something better")
	for _, err := range []error{nil, api("NoSuchBucket", "x"), errors.New("x"), hinted} {
		if got := refusal.Explain(err); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
}

func api(code, message string) error { return &smithy.GenericAPIError{Code: code, Message: message} }
