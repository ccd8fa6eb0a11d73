package main_test

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/issued"
	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/schema"
)

// TestCertificate has the real program sign for people and for tasks with the credentials that the stand-in gives them, signatures and
// policies checked.
func TestCertificate(t *testing.T) {
	r := start(t)
	r.allow(t, "manager", fmt.Sprintf(`{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::%[1]s/bbf/acme/ca/*"},
		{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::%[1]s/bbf/acme/certificates/revoked.json"}`, r.config.AWS.Bucket))
	for _, role := range []string{"server", "worker"} {
		r.allow(t, role, `{"Effect": "Allow", "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"],
			"Resource": "arn:aws:lambda:*:*:function:acme-manager"}`)
	}
	r.config.Access = append(r.config.Access, schema.Access{ARN: "arn:aws:iam::*:role/bbf-acme-*", Role: "reader"})
	r.save(t, state.ConfigKey(cluster), state.Deployed{Config: r.config, Version: "test", At: time.Now()})
	policy := string(cloudformation.Policy("builder", &r.config, r.AccountID))
	people := map[certificates.Role]aws.Credentials{certificates.RoleBuilder: r.User(t, "builder", policy), certificates.RoleReader: r.User(t, "reader", policy)}
	r.call(t, people[certificates.RoleBuilder], "POST", "/up", `{"workers":1}`).told(t)
	var status api.Status
	wait(t, "the cluster to be up", func() bool {
		status = r.call(t, people[certificates.RoleReader], "GET", "/status?tasks=true", "").told(t)
		return status.State == api.StateUp
	})

	get := func(t *testing.T, keys aws.Credentials) (*certificates.Bundle, error) {
		t.Helper()
		client := &issued.Client{URL: r.url, Region: r.Region, HTTP: r.HTTPClient(),
			Credentials: credentials.NewStaticCredentialsProvider(keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken)}
		k := certificates.NewKeeper(issued.New(client), certificates.Identity{Cluster: cluster, Role: certificates.RoleBuilder, Name: "me"}, certificates.KeeperOptions{})
		if err := k.Renew(t.Context()); err != nil {
			return nil, err
		}
		return k.Current()
	}
	has := map[certificates.Role]*certificates.Bundle{}
	for _, c := range []struct {
		role certificates.Role
		keys aws.Credentials
		name string
	}{
		{certificates.RoleServer, r.task(t, status.Server.Tasks[0].ID), status.Server.Tasks[0].ID},
		{certificates.RoleWorker, r.task(t, status.Workers.Tasks[0].ID), status.Workers.Tasks[0].ID},
		{certificates.RoleBuilder, people[certificates.RoleBuilder], "arn:aws:iam::" + r.AccountID + ":user/builder"},
		{certificates.RoleReader, people[certificates.RoleReader], "arn:aws:iam::" + r.AccountID + ":user/reader"},
	} {
		b, err := get(t, c.keys)
		if err != nil {
			t.Fatalf("%s: %v", c.role, err)
		}
		if want := (certificates.Identity{Cluster: cluster, Role: c.role, Name: c.name}); b.Identity != want {
			t.Errorf("%s is %s", want, b.Identity)
		}
		has[c.role] = b
	}
	t.Run("TheServersNamesItsAddress", func(t *testing.T) {
		host, _, err := net.SplitHostPort(strings.TrimPrefix(status.Endpoint, "grpcs://"))
		if err != nil {
			t.Fatal(err)
		}
		if err := has[certificates.RoleServer].Certificate.Leaf.VerifyHostname(host); err != nil {
			t.Error(err)
		}
	})
	t.Run("EverybodyMeetsTheServer", func(t *testing.T) {
		for role, b := range has {
			here, there := net.Pipe()
			done := make(chan error, 1)
			go func() {
				done <- tls.Server(there, certificates.ServerTLS(has[certificates.RoleServer], cluster, nil)).Handshake()
			}()
			if err := tls.Client(here, certificates.ClientTLS(b, cluster, certificates.RoleServer)).Handshake(); err != nil {
				t.Errorf("%s: %v", role, err)
			}
			if err := <-done; err != nil {
				t.Errorf("%s: %v", role, err)
			}
		}
	})
	t.Run("TheKeyIsEncryptedAndNoTaskReadsIt", func(t *testing.T) {
		in := &s3.GetObjectInput{Bucket: &r.config.AWS.Bucket, Key: aws.String(state.AuthorityKey(cluster))}
		out, err := s3.NewFromConfig(r.Config(r.Root())).GetObject(t.Context(), in)
		if err != nil || out.ServerSideEncryption != "AES256" {
			t.Errorf("encrypted with %q: %v", out.ServerSideEncryption, err)
		}
		for _, keys := range []aws.Credentials{r.task(t, status.Server.Tasks[0].ID), r.task(t, status.Workers.Tasks[0].ID), people[certificates.RoleBuilder]} {
			if _, err := s3.NewFromConfig(r.Config(keys)).GetObject(t.Context(), in); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
				t.Errorf("got %v", err)
			}
		}
	})
	t.Run("AStrangerGetsNone", func(t *testing.T) {
		if _, err := get(t, r.User(t, "stranger", policy)); err == nil || !strings.Contains(err.Error(), "has none") {
			t.Errorf("got %v", err)
		}
		if _, err := get(t, r.User(t, "nobody")); err == nil || !strings.Contains(err.Error(), "IAM doesn't let") {
			t.Errorf("got %v", err)
		}
	})
}

// allow gives one of the cluster's roles more rights.
func (r *rig) allow(t *testing.T, role, statements string) {
	t.Helper()
	_, err := iam.NewFromConfig(r.RootConfig(t.Context())).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String(fmt.Sprintf("bbf-acme-%s-%s", r.Region, role)), PolicyName: aws.String("certificates"),
		PolicyDocument: aws.String(`{"Version": "2012-10-17", "Statement": [` + statements + `]}`)})
	if err != nil {
		t.Fatal(err)
	}
}

// task is the credentials that a task gets from where Fargate has them.
func (r *rig) task(t *testing.T, id string) aws.Credentials {
	t.Helper()
	res, err := http.Get(r.Endpoint + "/v2/credentials/" + id)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var keys struct{ AccessKeyId, SecretAccessKey, Token string }
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &keys); err != nil || keys.Token == "" {
		t.Fatalf("%s: %v", data, err)
	}
	return aws.Credentials{AccessKeyID: keys.AccessKeyId, SecretAccessKey: keys.SecretAccessKey, SessionToken: keys.Token}
}
