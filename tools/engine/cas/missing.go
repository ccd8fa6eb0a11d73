package cas

import (
	"fmt"
	"strings"

	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// lookups is how many blobs are looked up under one lock: few enough that nobody else waits for long.
const lookups = 1024

// Missing returns which of the blobs are not there, in the order given and each once. Those that are there count as used. It
// answers from memory. The empty blob is never missing.
func (s *Store) Missing(ds []digest.Digest) []digest.Digest {
	var missing []digest.Digest
	for len(ds) > 0 {
		batch := ds[:min(len(ds), lookups)]
		ds = ds[len(batch):]
		s.mu.Lock()
		for i := range batch {
			if !s.touch(&batch[i]) && batch[i] != digest.Empty {
				missing = append(missing, batch[i])
			}
		}
		s.mu.Unlock()
	}
	return unique(missing)
}

// unique removes all but the first of equal digests, in place.
func unique(ds []digest.Digest) []digest.Digest {
	if len(ds) < 2 {
		return ds
	}
	seen := make(map[digest.Digest]struct{}, len(ds))
	kept := ds[:0]
	for _, d := range ds {
		if _, again := seen[d]; !again {
			seen[d] = struct{}{}
			kept = append(kept, d)
		}
	}
	return kept
}

// MissingError says that blobs are not in the store. As a status it is codes.NotFound.
type MissingError struct {
	Digests []digest.Digest // at least one, each once
}

// named is how many digests an error's message lists.
const named = 20

func (e *MissingError) Error() string {
	var b strings.Builder
	b.WriteString("not in the cache:")
	for i, d := range e.Digests {
		if i == named {
			fmt.Fprintf(&b, " and %d more", len(e.Digests)-named)
			break
		}
		fmt.Fprintf(&b, " %s", d)
	}
	return b.String()
}

// GRPCStatus makes the error a status for those who send it over gRPC.
func (e *MissingError) GRPCStatus() *status.Status {
	return status.New(codes.NotFound, e.Error())
}
