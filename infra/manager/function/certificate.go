package function

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/fleet"
	"github.com/bbf-build/bbf/infra/manager/signing"
)

// certificate signs one for the caller: as what the caller is, whatever the request says. The cluster's own tasks get theirs by the roles that
// the stacks have made for them, all others by the access list.
func (f *Function) certificate(ctx context.Context, r *request) (any, error) {
	id, err := f.identity(ctx, r)
	if err != nil {
		return nil, err
	}
	var in api.CertificateRequest
	if err := decode(r.body, &in); err != nil {
		return nil, err
	}
	if _, err := certificates.ParseRequest([]byte(in.CSR)); err != nil {
		return nil, bad("csr: %v", err)
	}
	issued := r.deployed.Config.Auth.Issued
	if issued == nil {
		return nil, refuse(http.StatusConflict, "not_issued", "", "the certificates of this cluster don't come from the manager, but from where auth in bbf.yaml says")
	}
	hosts, err := f.hosts(ctx, r, id)
	if err != nil {
		return nil, err
	}
	longest := time.Duration(issued.Validity)
	signer := signing.Signer{Objects: f.Store, Cluster: f.Cluster, Validity: longest}
	reply, err := signer.Sign(ctx, signing.Request{
		CSR: []byte(in.CSR), Identity: id, Hosts: hosts, Validity: signing.Validity(id.Role, longest), Now: f.Now(),
	})
	if errors.Is(err, certificates.ErrRevoked) {
		return nil, refuse(http.StatusForbidden, "forbidden", "ask an admin of the cluster", "%v", err)
	}
	if err != nil {
		return nil, err
	}
	r.log.InfoContext(ctx, "signed", "identity", id.String(), "hosts", hosts, "until", reply.NotAfter)
	return reply, nil
}

// identity is whom the certificate is for.
func (f *Function) identity(ctx context.Context, r *request) (certificates.Identity, error) {
	c := f.tasks(ctx, r)
	if id, ok := c.Task(r.caller.ARN); ok {
		return id, nil
	}
	if err := r.need(api.RoleReader); err != nil {
		return certificates.Identity{}, err
	}
	id, ok := c.Person(r.caller.ARN, r.caller.Role)
	if !ok {
		return id, fmt.Errorf("the role %q has no certificates", r.caller.Role)
	}
	return id, nil
}

// tasks tells the cluster's own tasks from other callers.
func (f *Function) tasks(ctx context.Context, r *request) signing.Cluster {
	return signing.Cluster{Name: f.Cluster, Region: r.deployed.Config.AWS.Region, Account: account(ctx)}
}

// hosts are the addresses that the server's certificate names too, for clients that go by them, as Bazel itself does.
func (f *Function) hosts(ctx context.Context, r *request, id certificates.Identity) ([]string, error) {
	if id.Role != certificates.RoleServer {
		return nil, nil
	}
	c := r.deployed.Config.AWS
	partition := strings.Split(r.caller.ARN, ":")[1]
	hosts, err := f.Fleet.Hosts(ctx, fmt.Sprintf("arn:%s:ecs:%s:%s:task/%s/%s", partition, c.Region, account(ctx), c.ECSCluster, id.Name))
	if errors.Is(err, fleet.ErrNoTask) {
		return nil, refuse(http.StatusForbidden, "forbidden", "", "the server's role is for its tasks, and %s is none of them", id.Name)
	}
	return hosts, err
}
