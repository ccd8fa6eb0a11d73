package standin

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Root returns the keys of the account's root user, for whom no policy is looked at and no signature is checked.
func (c *Cloud) Root() aws.Credentials {
	return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}
}

// OtherRoot returns the keys of the root user of another account, such as "999999999999": what it makes is somebody
// else's.
func (c *Cloud) OtherRoot(accountID string) aws.Credentials {
	return aws.Credentials{AccessKeyID: accountID, SecretAccessKey: "test"}
}

// RootConfig is Config for the root user.
func (c *Cloud) RootConfig(context.Context) aws.Config { return c.Config(c.Root()) }

// Config configures clients of the SDK to reach the stand-in with some credentials.
func (c *Cloud) Config(keys aws.Credentials) aws.Config {
	return aws.Config{
		Region:       c.Region,
		BaseEndpoint: aws.String(c.Endpoint),
		Credentials: credentials.NewStaticCredentialsProvider(
			keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken),
	}
}

// Env returns the variables that make a program reach the stand-in with some credentials, and nothing else of AWS.
func (c *Cloud) Env(keys aws.Credentials) []string {
	env := []string{
		"AWS_ENDPOINT_URL=" + c.Endpoint,
		"AWS_ENDPOINT_URL_STS=" + c.Endpoint, // the SDK for Go asks it for web identities before it has seen the other one
		"AWS_REGION=" + c.Region,
		"AWS_ACCESS_KEY_ID=" + keys.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + keys.SecretAccessKey,
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=/dev/null",
		"AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"BBF_DIAL_OVERRIDE=" + c.Host, // hosts of Function URLs and of ECR do not resolve here
	}
	if keys.SessionToken != "" {
		env = append(env, "AWS_SESSION_TOKEN="+keys.SessionToken)
	}
	return env
}

// User makes an IAM user with exactly these policies, and returns its keys.
func (c *Cloud) User(t testing.TB, name string, policies ...string) aws.Credentials {
	t.Helper()
	client := iam.NewFromConfig(c.RootConfig(t.Context()))
	if _, err := client.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}); err != nil {
		t.Fatal(err)
	}
	for _, arn := range c.policies(t, client, "user-"+name, policies) {
		in := &iam.AttachUserPolicyInput{UserName: &name, PolicyArn: &arn}
		if _, err := client.AttachUserPolicy(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	made, err := client.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return aws.Credentials{AccessKeyID: *made.AccessKey.AccessKeyId, SecretAccessKey: *made.AccessKey.SecretAccessKey}
}

// Role makes an IAM role with exactly these policies, and returns its ARN. Without a trust policy, the principals of
// the account that may sts:AssumeRole may assume it.
func (c *Cloud) Role(t testing.TB, name, trust string, policies ...string) string {
	t.Helper()
	if trust == "" {
		trust = fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
			"Principal": {"AWS": "arn:aws:iam::%s:root"}, "Action": "sts:AssumeRole"}]}`, c.AccountID)
	}
	client := iam.NewFromConfig(c.RootConfig(t.Context()))
	made, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})
	if err != nil {
		t.Fatal(err)
	}
	for _, arn := range c.policies(t, client, "role-"+name, policies) {
		in := &iam.AttachRolePolicyInput{RoleName: &name, PolicyArn: &arn}
		if _, err := client.AttachRolePolicy(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	return *made.Role.Arn
}

// policies makes managed policies: inline ones of a user may have 2,048 characters only.
func (c *Cloud) policies(t testing.TB, client *iam.Client, name string, documents []string) (arns []string) {
	t.Helper()
	for i, document := range documents {
		made, err := client.CreatePolicy(t.Context(), &iam.CreatePolicyInput{
			PolicyName: aws.String(fmt.Sprintf("%s-%d", name, i)), PolicyDocument: &document})
		if err != nil {
			t.Fatal(err)
		}
		arns = append(arns, *made.Policy.Arn)
	}
	return arns
}

// AssumeRole returns the keys of a new session of a role, assumed by whom keys belong to.
func (c *Cloud) AssumeRole(t testing.TB, keys aws.Credentials, role, session string) aws.Credentials {
	t.Helper()
	in := &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: &session}
	out, err := sts.NewFromConfig(c.Config(keys)).AssumeRole(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return aws.Credentials{AccessKeyID: *out.Credentials.AccessKeyId,
		SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken}
}
