package cas

import (
	"math"
	"os"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

// Reclaimer is something else that keeps blobs' files on disk: trees of hard links, which pin their blobs. When the store is over its
// bound, the older of its least recently used blob and what Oldest tells of goes first. The methods are called from one goroutine at a
// time, with no lock of the store held; they may call Unpin.
type Reclaimer interface {
	// Oldest is when the thing that was not used for the longest time was used (see Store.Now); false if nothing can go.
	Oldest() (used int64, ok bool)
	// ReclaimOldest removes that thing and undoes its pins.
	ReclaimOldest()
}

// AddReclaimer makes eviction ask r too.
func (s *Store) AddReclaimer(r Reclaimer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reclaimers = append(s.reclaimers[:len(s.reclaimers):len(s.reclaimers)], r)
}

// wakeEviction starts eviction if the store is over its bound, and tells whether it is so far over that writers should help. mu is held.
func (s *Store) wakeEviction() (behind bool) {
	if s.bytes <= s.max {
		return false
	}
	select {
	case s.full <- struct{}{}:
	default:
	}
	return s.bytes > s.max+s.max/8
}

// enough is where eviction stops: a bit below the bound, so that it is rarely needed.
func (s *Store) enough() int64 { return s.max - s.max/20 }

func (s *Store) evictInBackground() {
	for {
		select {
		case <-s.full:
			s.evict()
		case <-s.quit:
			return
		}
	}
}

func (s *Store) evict() {
	for {
		select {
		case <-s.quit:
			return
		default:
		}
		d, used, over, reclaimers := s.candidate(s.enough())
		if !over {
			return
		}
		var oldest Reclaimer
		for _, r := range reclaimers {
			if u, ok := r.Oldest(); ok && u < used {
				oldest, used = r, u
			}
		}
		switch {
		case oldest != nil:
			oldest.ReclaimOldest()
		case used != math.MaxInt64:
			s.remove(d)
		default:
			return // all that is left is pinned; Unpin wakes us again
		}
	}
}

// shed evicts blobs, and blobs only, until the store is no longer far over its bound. Writers call it when the background lags behind;
// they may hold locks that a Reclaimer needs.
func (s *Store) shed() {
	for {
		d, used, over, _ := s.candidate(s.max)
		if !over || used == math.MaxInt64 {
			return
		}
		s.remove(d)
	}
}

// candidate is the unpinned blob that was not used for the longest time; used is math.MaxInt64 if there is none. over tells whether more
// than limit bytes are taken.
func (s *Store) candidate(limit int64) (d digest.Digest, used int64, over bool, reclaimers []Reclaimer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	used = math.MaxInt64
	if i := s.ix.Oldest(); i != 0 {
		e := s.ix.At(i)
		d, used = digest.Digest{Hash: e.Hash, Size: e.Size}, e.Used
	}
	return d, used, s.bytes > limit, s.reclaimers
}

// remove evicts a blob, unless it was pinned meanwhile.
func (s *Store) remove(d digest.Digest) {
	lock := s.stripe(&d)
	lock.Lock()
	defer lock.Unlock()
	s.mu.Lock()
	_, e := s.present(&d)
	if e == nil || e.Pins > 0 {
		s.mu.Unlock()
		return
	}
	plain := e.Plain
	s.drop(&d)
	s.evicted++
	s.mu.Unlock()
	if err := os.Remove(s.blobPath(d)); err != nil && !os.IsNotExist(err) {
		s.log.Warn("an evicted blob's file can't be removed", "err", err)
	}
	if plain {
		os.Remove(s.plainPath(d))
	}
}
