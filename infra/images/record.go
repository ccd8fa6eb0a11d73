package images

import "time"

// Record is what `bbf images` leaves in the bucket, and `setup` reads.
type Record struct {
	Cluster string              `json:"cluster"`
	Images  map[string]Recorded `json:"images"`  // by Names
	Version string              `json:"version"` // of the bbf that has made them
	By      string              `json:"by"`      // ARN
	At      time.Time           `json:"at"`
}

// Recorded is one image.
type Recorded struct {
	Reference string            `json:"reference"` // with the digest, for task definitions
	Digest    string            `json:"digest"`
	Tag       string            `json:"tag"`     // by content
	Sources   map[string]string `json:"sources"` // what it is made of: references as they were given → digests
}

// RecordKey of a cluster's record in its bucket.
func RecordKey(cluster string) string { return "bbf/" + cluster + "/images.json" }

// Tag is an image's tag by content.
func Tag(digestHex string) string { return "content-" + digestHex[:min(16, len(digestHex))] }
