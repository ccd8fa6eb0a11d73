package standin_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/bbf-build/bbf/infra/testing/standin"
)

const mayListClusters = `{"Version": "2012-10-17", "Statement": [
	{"Effect": "Allow", "Action": "ecs:ListClusters", "Resource": "*"},
	{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}`

func TestCloud(t *testing.T) {
	cloud := standin.Start(t, standin.Options{})
	user := cloud.User(t, "user", mayListClusters)

	t.Run("AUserIsWhoTheKeysSay", func(t *testing.T) {
		if got, want := whoIs(t, cloud, user), "arn:aws:iam::123456789012:user/user"; got != want {
			t.Errorf("caller is %s, want %s", got, want)
		}
	})
	t.Run("APolicyAllowsAndDenies", func(t *testing.T) {
		client := ecs.NewFromConfig(cloud.Config(user))
		if _, err := client.ListClusters(t.Context(), nil); err != nil {
			t.Error(err)
		}
		_, err := client.UpdateService(t.Context(), &ecs.UpdateServiceInput{
			Cluster: aws.String("c"), Service: aws.String("server")})
		wantCode(t, err, "AccessDeniedException")
	})
	t.Run("TheLogHasCallerActionResourceAndOutcome", func(t *testing.T) {
		cloud.ClearRequests(t)
		client := ecs.NewFromConfig(cloud.Config(user))
		if _, err := client.ListClusters(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		_, err := client.UpdateService(t.Context(), &ecs.UpdateServiceInput{
			Cluster: aws.String("c"), Service: aws.String("server")})
		wantCode(t, err, "AccessDeniedException")
		requests := cloud.Requests(t)
		want := []standin.Check{
			{Action: "ecs:ListClusters", Resource: "*", Allowed: true},
			{Action: "ecs:UpdateService", Resource: "arn:aws:ecs:eu-central-1:123456789012:service/c/server"},
		}
		if len(requests) != 2 {
			t.Fatalf("%d requests, want 2: %v", len(requests), requests)
		}
		for i, r := range requests {
			if len(r.Checks) != 1 || r.Checks[0] != want[i] || !strings.HasSuffix(r.Caller, ":user/user") {
				t.Errorf("request %d is %+v, want %+v", i, r, want[i])
			}
		}
		if got := standin.Actions(requests); !slices.Equal(got, []string{"ecs:ListClusters", "ecs:UpdateService"}) {
			t.Errorf("actions are %v", got)
		}
	})
	t.Run("ARoleIsAssumedAndItsSessionExpires", func(t *testing.T) {
		role := cloud.Role(t, "role", "", mayListClusters)
		session := cloud.AssumeRole(t, user, role, "me")
		if got, want := whoIs(t, cloud, session), "arn:aws:sts::123456789012:assumed-role/role/me"; got != want {
			t.Errorf("caller is %s, want %s", got, want)
		}
		cloud.ExpireSession(t, session)
		_ = cloud.AssumeRole(t, user, role, "other") // sessions that are over stay known
		_, err := sts.NewFromConfig(cloud.Config(session)).GetCallerIdentity(t.Context(), nil)
		wantCode(t, err, "ExpiredToken")
	})
	t.Run("AWrongSecretIsRefused", func(t *testing.T) {
		wrong := user
		wrong.SecretAccessKey = "wrong"
		_, err := ecs.NewFromConfig(cloud.Config(wrong)).ListClusters(t.Context(), nil)
		wantCode(t, err, "InvalidSignatureException")
	})
	t.Run("AWrongClockIsRefused", func(t *testing.T) {
		refused := post(t, cloud, user, cloud.Endpoint, "ecs", sixMinutesAgo)
		if refused.status != http.StatusBadRequest || !strings.Contains(refused.body, "Signature expired") {
			t.Errorf("a signature of six minutes ago gives %+v", refused)
		}
	})
	t.Run("ABucketOfAnotherAccountIsNotTheExpectedOnes", func(t *testing.T) {
		bucket := &s3.CreateBucketInput{Bucket: aws.String("taken"),
			CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
				LocationConstraint: s3types.BucketLocationConstraint(cloud.Region)}}
		other := s3.NewFromConfig(cloud.Config(cloud.OtherRoot("999999999999")))
		if _, err := other.CreateBucket(t.Context(), bucket); err != nil {
			t.Fatal(err)
		}
		head := &s3.HeadBucketInput{Bucket: bucket.Bucket, ExpectedBucketOwner: &cloud.AccountID}
		_, err := s3.NewFromConfig(cloud.RootConfig(t.Context())).HeadBucket(t.Context(), head)
		wantCode(t, err, "Forbidden")
		_, err = other.HeadBucket(t.Context(), head)
		wantCode(t, err, "Forbidden")
		head.ExpectedBucketOwner = aws.String("999999999999")
		if _, err := other.HeadBucket(t.Context(), head); err != nil {
			t.Error(err)
		}
	})
	t.Run("CallsFailOnOrder", func(t *testing.T) {
		cloud.FailCalls(t, "ecs:ListClusters", "ThrottlingException", 2)
		cloud.ClearRequests(t)
		if _, err := ecs.NewFromConfig(cloud.Config(user)).ListClusters(t.Context(), nil); err != nil {
			t.Error(err) // the SDK tries three times
		}
		if n := len(cloud.Requests(t)); n != 3 {
			t.Errorf("%d requests, want 3", n)
		}
	})
}

func TestWithoutAuth(t *testing.T) {
	cloud := standin.Start(t, standin.Options{NoAuth: true})
	other := standin.Start(t, standin.Options{NoAuth: true}) // two at once do not meet
	anybody := aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "any"}
	if _, err := ecs.NewFromConfig(cloud.Config(anybody)).CreateCluster(t.Context(), nil); err != nil {
		t.Error(err)
	}
	got, err := ecs.NewFromConfig(other.Config(anybody)).ListClusters(t.Context(), nil)
	if err != nil || len(got.ClusterArns) != 0 {
		t.Errorf("the other one has clusters %v, %v", got, err)
	}
	if got := standin.Actions(cloud.Requests(t)); !slices.Equal(got, []string{"ecs:CreateCluster"}) {
		t.Errorf("actions are %v", got)
	}
}

func whoIs(t *testing.T, cloud *standin.Cloud, keys aws.Credentials) string {
	t.Helper()
	out, err := sts.NewFromConfig(cloud.Config(keys)).GetCallerIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return *out.Arn
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var refused smithy.APIError
	if !errors.As(err, &refused) || refused.ErrorCode() != code {
		t.Errorf("the error is %v, want %s", err, code)
	}
}
