// Package refusal says what AWS means when it refuses a call because of who calls, and what to do about it.
package refusal

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/bbf-build/bbf/tools/cluster"
)

// Explain adds words and the next command to an error of the AWS SDK that is about credentials or rights. Others come back as they are, and
// so does one that has a next command already.
func Explain(err error) error {
	if err == nil || cluster.Next(err) != "" {
		return err
	}
	var e smithy.APIError
	if errors.As(err, &e) {
		if what, next := Words(e.ErrorCode(), e.ErrorMessage()); next != "" {
			return cluster.WithNext(&explained{what, err}, next)
		}
		return err
	}
	text := err.Error()
	switch {
	case strings.Contains(text, "SSO") || strings.Contains(text, "sso"):
		return cluster.WithNext(&explained{"your single sign-on session has ended", err}, login())
	case strings.Contains(text, "failed to refresh cached credentials") || strings.Contains(text, "failed to retrieve credentials") || strings.Contains(text, "static credentials are empty"):
		return cluster.WithNext(&explained{"no AWS credentials found", err}, "aws configure, or aws sso login, or AWS_PROFILE=NAME before the command")
	}
	return err
}

// explained puts words before what the SDK says.
type explained struct {
	what string
	err  error
}

func (e *explained) Error() string { return fmt.Sprintf("%s: %v", e.what, e.err) }
func (e *explained) Unwrap() error { return e.err }

// Action that IAM names in "… is not authorized to perform: s3:GetObject on resource: …".
var actionName = regexp.MustCompile(`not authorized to perform: ([A-Za-z0-9-]+:[A-Za-z0-9*]+)`)

// Words returns what an error code of AWS means and what to do; next is "" for codes that aren't about who calls. The codes are those of
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and the older ones of S3 and STS.
func Words(code, message string) (what, next string) {
	code = strings.TrimSuffix(code, "Exception")
	switch {
	case code == "RequestTimeTooSkewed" || strings.Contains(message, "Signature expired") || strings.Contains(message, "Signature not yet current"):
		return "the clock of this machine is wrong, so AWS takes the call for an old one", "set the clock: sudo timedatectl set-ntp true"
	case code == "ExpiredToken" || code == "RequestExpired" || strings.Contains(message, "security token included in the request is expired"):
		return "your session has expired", login()
	case code == "InvalidClientTokenId" || code == "UnrecognizedClient" || code == "InvalidAccessKeyId":
		return "AWS doesn't know these credentials", "aws sts get-caller-identity shows whether they are any good; choose others with AWS_PROFILE=NAME"
	case code == "SignatureDoesNotMatch" || code == "InvalidSignature" || strings.Contains(message, "signature we calculated does not match"):
		return "the secret access key doesn't fit the access key", "aws configure, to enter both again; aws sts get-caller-identity shows whether they are any good"
	case code == "IncompleteSignature" || code == "MissingAuthenticationToken":
		return "the call wasn't signed", "aws configure, or aws sso login"
	case strings.HasPrefix(code, "AccessDenied") || code == "UnauthorizedOperation" || code == "Forbidden":
		if m := actionName.FindStringSubmatch(message); m != nil {
			return "IAM refused: you need the permission " + m[1], "ask whoever gives out permissions for it (docs/aws.md has the policies), or use another profile: AWS_PROFILE=NAME"
		}
		return "IAM refused", "ask whoever gives out permissions (docs/aws.md has the policies), or use another profile: AWS_PROFILE=NAME"
	}
	return "", ""
}

func login() string {
	if p := os.Getenv("AWS_PROFILE"); p != "" {
		return "aws sso login --profile " + p + ", or get a new session where this one came from"
	}
	return "aws sso login, or get a new session where this one came from"
}
