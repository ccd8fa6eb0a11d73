package engine

import "time"

// Status is what an engine says of itself: what `bbf status` prints, as text or as JSON.
type Status struct {
	Version  string    `json:"version"`
	PID      int       `json:"pid"`
	Started  time.Time `json:"started"`
	Endpoint string    `json:"endpoint"`         // unix:/path, as --remote_executor takes it
	Listen   string    `json:"listen,omitempty"` // grpc://127.0.0.1:PORT, where asked for
	Sandbox  Sandbox   `json:"sandbox"`          // how actions are kept apart on this machine
	Slots    int       `json:"slots"`            // actions that may run at once
	Running  []Running `json:"running"`          // oldest first
	Queued   int       `json:"queued"`           // actions waiting for a slot
	Executed int64     `json:"executed"`         // since the start; failed ones included
	Failed   int64     `json:"failed"`           // of these, the ones that ended with another code than 0
	Cache    Cache     `json:"cache"`
	Hits     Hits      `json:"hits"`
	Resident int64     `json:"residentBytes"` // the process's resident memory; 0 where it can't be read
}

// Sandbox says how actions are kept apart.
type Sandbox struct {
	Kind   string `json:"kind"`             // "namespaces" or "processes"
	Inputs string `json:"inputs"`           // "overlay" or "hardlinks"
	Reason string `json:"reason,omitempty"` // why it is not namespaces and overlay, in words, with the way to mend it
}

// Running is one action in a slot.
type Running struct {
	Action   string    `json:"action"` // digest, HASH/SIZE
	Mnemonic string    `json:"mnemonic,omitempty"`
	Target   string    `json:"target,omitempty"`
	Since    time.Time `json:"since"`
}

// Cache is the state of the stores on disk.
type Cache struct {
	Dir      string `json:"dir"`
	Blobs    int64  `json:"blobs"`
	Bytes    int64  `json:"bytes"`
	MaxBytes int64  `json:"maxBytes"`
	Evicted  int64  `json:"evicted"` // blobs, since the start
}

// Hits counts look-ups since the start.
type Hits struct {
	ActionHits   int64 `json:"actionHits"`
	ActionMisses int64 `json:"actionMisses"`
}
