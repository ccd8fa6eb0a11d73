// Package api is what is said between bbf and the manager: POST /up, GET /status, POST /down and POST /certificate on the manager's
// Function URL, signed with the caller's IAM credentials (SigV4, service "lambda"). Both sides use these types.
package api

import "time"

// The paths. Everything is JSON.
const (
	PathUp          = "/up"
	PathStatus      = "/status"
	PathDown        = "/down"
	PathCertificate = "/certificate"
)

// Role is what a caller may do; each may do what those before it may.
type Role string

// The roles, from least to most. A reader may ask for the status and get a certificate to read caches with; a builder may also bring the
// cluster up and down and get a certificate to execute with; an admin may also force a redeployment.
const (
	RoleNone    Role = ""
	RoleReader  Role = "reader"
	RoleBuilder Role = "builder"
	RoleAdmin   Role = "admin"
)

// UpRequest asks for a running cluster. It returns at once; Status says when it is there.
type UpRequest struct {
	Workers *int `json:"workers,omitempty"` // nil: as many as run now, or the default of bbf.yaml when none do
	Force   bool `json:"force,omitempty"`   // replace all tasks by new ones of the current definition
}

// DownRequest asks for fewer workers; for none, and no server either, by default.
type DownRequest struct {
	To int `json:"to,omitempty"`
}

// CertificateRequest asks for a certificate for the caller.
type CertificateRequest struct {
	CSR string `json:"csr"` // PEM
}

// CertificateReply is the certificate and what to trust.
type CertificateReply struct {
	Certificate string    `json:"certificate"` // PEM, leaf first
	Authorities string    `json:"authorities"` // PEM
	NotAfter    time.Time `json:"notAfter"`
}

// The states of a cluster.
const (
	StateDown     = "down"     // nothing runs or is to run
	StateStarting = "starting" // the server, or no worker yet, is ready
	StateUp       = "up"       // the server and at least one worker (or all of zero) run
	StateStopping = "stopping" // down is wanted, but some tasks still run
	StateFailing  = "failing"  // tasks are wanted, and fail again and again
)

// Status is the answer to GET /status and, right after the change, to POST /up and POST /down.
type Status struct {
	Cluster  string     `json:"cluster"`
	State    string     `json:"state"`
	Endpoint string     `json:"endpoint,omitempty"` // grpcs://ADDRESS:PORT of the server's gateway, once it runs
	Since    *time.Time `json:"since,omitempty"`    // when it was brought up
	By       string     `json:"by,omitempty"`       // ARN of who brought it up
	Server   Service    `json:"server"`
	Workers  Service    `json:"workers"`
	Caller   Caller     `json:"caller"`
	Problem  string     `json:"problem,omitempty"` // what is wrong, in words
}

// Service is one of the two ECS services.
type Service struct {
	Desired  int       `json:"desired"`
	Running  int       `json:"running"`
	Pending  int       `json:"pending"`
	Tasks    []Task    `json:"tasks,omitempty"`    // only with ?tasks=true; at most 200, and not all of more than 100 that aren't all well
	Failures []Failure `json:"failures,omitempty"` // the last ones, newest first; only with ?tasks=true
	CPU      float64   `json:"cpu"`                // vCPU of one task
	Memory   int       `json:"memory"`             // MiB of one task
	Disk     int       `json:"disk"`               // GiB of one task
	Spot     bool      `json:"spot,omitempty"`
}

// The states of a task, in the order that they are gone through.
const (
	TaskPending  = "pending"  // waits for capacity
	TaskPulling  = "pulling"  // its image is being pulled
	TaskStarting = "starting" // its containers run and aren't healthy yet
	TaskRunning  = "running"
	TaskStopping = "stopping"
)

// Task is one Fargate task.
type Task struct {
	ID    string    `json:"id"`
	State string    `json:"state"`
	Since time.Time `json:"since,omitzero"` // of its creation; not told of those of more than a hundred tasks that all run well
	Zone  string    `json:"zone,omitempty"`
}

// Failure is why a task ended.
type Failure struct {
	Task   string    `json:"task"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"` // in words: what happened and what to do
}

// Caller is who the manager thinks you are.
type Caller struct {
	ARN  string `json:"arn"`
	Role Role   `json:"role"`
}

// Error is the body of every answer that isn't 200. The codes, with their HTTP statuses: bad_request (400), forbidden (403), not_found (404),
// method (405), not_set_up (409), internal, aws and denied (500), not_implemented (501), throttled (503), timeout (504).
type Error struct {
	Code    string `json:"code"`    // one word for programs
	Message string `json:"message"` // what failed and why
	Next    string `json:"next,omitempty"`
	Needed  Role   `json:"needed,omitempty"` // with code "forbidden"
}
