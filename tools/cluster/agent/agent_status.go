package agent

import (
	"cmp"
	"os"

	"github.com/bbf-build/bbf/tools/version"
)

// Status says what the agent does.
func (a *Agent) Status() Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := Status{Version: version.Version, PID: os.Getpid(), Started: a.started, Resident: resident(), Clusters: []ClusterStatus{}}
	for _, c := range a.sorted() {
		s.Clusters = append(s.Clusters, c.status(a.paths.Endpoint(c.Name)))
	}
	return s
}

func (c *served) status(endpoint string) ClusterStatus {
	kept := c.certificate.State()
	s := ClusterStatus{Cluster: c.Name, Region: c.Region, Endpoint: endpoint, Server: c.server.Address(), State: c.server.State().State,
		Status: c.front.Status(), Workspaces: c.Workspaces}
	if !kept.NotAfter.IsZero() {
		s.Certificate = &CertificateStatus{Identity: kept.Identity.String(), Role: kept.Identity.Role, NotAfter: kept.NotAfter}
	}
	if kept.Err != nil {
		s.Certificate = cmp.Or(s.Certificate, &CertificateStatus{})
		s.Certificate.Problem = kept.Err.Error()
	}
	return s
}
