package aws_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/aws"
)

// cloud answers for a manager, whose statuses the test gives one by one, for the manager's stack and for the bucket.
type cloud struct {
	*httptest.Server
	statuses []api.Status // the last one stays
	deployed *state.Deployed
	noStack  bool
	denied   bool     // reading of the bucket
	asked    []string // of the manager
	lookUps  int
	onCall   func(n int)
	manager  http.HandlerFunc // answers instead of statuses
}

func newCloud(t *testing.T, statuses ...api.Status) *cloud {
	aws.SetSecond(time.Millisecond)
	c := &cloud{statuses: statuses}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, isManager := strings.CutPrefix(r.URL.Path, "/manager")
	switch {
	case isManager:
		c.asked = append(c.asked, r.Method+" "+path+strings.TrimSuffix("?"+r.URL.RawQuery, "?"))
		if c.onCall != nil {
			c.onCall(len(c.asked))
		}
		if c.manager != nil {
			c.manager(w, r)
			return
		}
		json.NewEncoder(w).Encode(c.statuses[0])
		if len(c.statuses) > 1 {
			c.statuses = c.statuses[1:]
		}
	case r.Method == http.MethodPost:
		c.describeStacks(w)
	case r.Method == http.MethodGet && c.denied:
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, `<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`)
	case r.Method == http.MethodGet && c.deployed != nil:
		json.NewEncoder(w).Encode(c.deployed)
	case strings.HasPrefix(r.URL.Path, "/gone"):
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, `{"Message":"Forbidden"}`)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (c *cloud) describeStacks(w http.ResponseWriter) {
	c.lookUps++
	if c.noStack {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id acme-manager does not exist</Message></Error></ErrorResponse>`)
		return
	}
	fmt.Fprintf(w, `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>acme-manager</StackName><StackId>arn</StackId><StackStatus>CREATE_COMPLETE</StackStatus>
<Outputs><member><OutputKey>FunctionUrl</OutputKey><OutputValue>%s/manager/</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`, c.URL)
}

func (c *cloud) config() *schema.Config {
	config := &schema.Config{Cluster: "acme", Backend: schema.BackendAWS, AWS: schema.AWS{Region: "eu-west-1", Bucket: "acme-builds"}}
	schema.Defaults(config)
	return config
}

func (c *cloud) cluster(t *testing.T, root string) *aws.Cluster {
	return aws.New(t.Context(), c.config(), root, sdk.Config{BaseEndpoint: &c.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", "")})
}

// remember writes .bbf/aws.json as an earlier command would have.
func (c *cloud) remember(t *testing.T, root, url string) {
	t.Helper()
	data, _ := json.Marshal(map[string]string{"cluster": "acme", "region": "eu-west-1", "stack": "acme-manager", "functionUrl": url})
	if err := os.MkdirAll(filepath.Join(root, ".bbf"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, ".bbf", "aws.json"), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// status is of a cluster that wants a server and two workers.
func status(name string, server, workers int, change ...func(*api.Status)) api.Status {
	s := api.Status{Cluster: "acme", State: name, Server: api.Service{Desired: 1, Running: server}, Workers: api.Service{Desired: 2, Running: workers}}
	if server > 0 {
		s.Endpoint = "grpcs://198.51.100.1:8980"
	}
	for _, f := range change {
		f(&s)
	}
	return s
}
