package cas

import (
	"errors"
	"fmt"
	"syscall"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// DiskError says what failed for want of err. A full disk (or quota) becomes codes.ResourceExhausted, with the folder and what to do; an
// error that carries a gRPC status keeps it. nil stays nil.
func (s *Store) DiskError(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return status.Errorf(codes.ResourceExhausted, "%s: the disk that holds %s is full (%v): free some space there, or give the cache a smaller bound or another disk", what, s.dir, err)
	}
	var coded interface{ GRPCStatus() *status.Status }
	if errors.As(err, &coded) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

func isNotDir(err error) bool { return errors.Is(err, syscall.ENOTDIR) }

// most is the largest bound that a store takes by itself.
const most = 100 << 30

// sensible is a bound for a store that nobody gave one: half of the disk space that is free or used by the store.
func sensible(dir string, used int64) int64 {
	free, err := freeSpace(dir)
	if err != nil {
		return most
	}
	return min((free+used)/2, most)
}
