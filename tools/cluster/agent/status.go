package agent

import (
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/tools/cluster/agent/forward"
)

// Status is what an agent says of itself.
type Status struct {
	Version  string          `json:"version"`
	PID      int             `json:"pid"`
	Started  time.Time       `json:"started"`
	Resident int64           `json:"resident,omitempty"` // bytes of memory
	Clusters []ClusterStatus `json:"clusters"`           // by name
}

// ClusterStatus is what an agent does for one cluster.
type ClusterStatus struct {
	Cluster     string             `json:"cluster"`
	Region      string             `json:"region"`
	Endpoint    string             `json:"endpoint"`              // the socket, as --remote_executor takes it
	Server      string             `json:"server,omitempty"`      // host:port of the last one; "" while there is none
	State       string             `json:"state,omitempty"`       // of the cluster, as the manager said last
	Certificate *CertificateStatus `json:"certificate,omitempty"` // none before the first build
	Workspaces  []string           `json:"workspaces"`
	forward.Status
}

// CertificateStatus is the certificate that the user has at a cluster.
type CertificateStatus struct {
	Identity string            `json:"identity"` // bbf://CLUSTER/ROLE/NAME
	Role     certificates.Role `json:"role"`
	NotAfter time.Time         `json:"notAfter"`
	Problem  string            `json:"problem,omitempty"` // why it could not be renewed
}

// Of returns what is said of a cluster.
func (s Status) Of(cluster string) (ClusterStatus, bool) {
	for _, c := range s.Clusters {
		if c.Cluster == cluster {
			return c, true
		}
	}
	return ClusterStatus{}, false
}

// Connections to all clusters.
func (s Status) Connections() (n int) {
	for _, c := range s.Clusters {
		n += c.Connections + c.Waiting
	}
	return n
}

// Registered is the answer to a Registration.
type Registered struct {
	Endpoint string `json:"endpoint"` // unix:/…
}

// Forgotten is the answer to a request to forget a cluster.
type Forgotten struct {
	Workspaces []string `json:"workspaces"` // that have built with it
	Left       int      `json:"left"`       // clusters that are still registered
}
