// Package index remembers which blobs a store has and in what order they were used, in about 75 bytes a blob and with
// nothing that the garbage collector has to look at: a table of numbers into one array of entries.
//
// An Index is not safe for concurrent use; its owner has a lock.
package index

import "encoding/binary"

// Entry is what is known of one blob. Its fields but the hash are the owner's to change.
type Entry struct {
	Hash    [32]byte
	Size    int64 // in bytes
	Used    int64 // when it was last used, on the owner's logical clock
	Pins    int32 // how often it is pinned
	prev    int32 // towards newer entries
	next    int32 // towards older entries; the next free entry where this one is free
	Present bool  // false: the file is gone, the entry is here only for its pins
	Plain   bool  // there is a second, not executable file
	listed  bool  // it is in the list of what may be evicted
}

const chunk = 1024 // entries are made this many at a time, so that growing never copies them

// Index is a set of entries by hash, with a list from the most to the least recently used. The zero value is empty.
// Entries are named by number; 0 is none.
type Index struct {
	slots  []int32         // numbers of entries by hash, open addressing with linear probing; 0 is a free slot
	chunks []*[chunk]Entry // entry 0 is the list's sentinel
	made   int32           // entries ever made, the sentinel included
	free   int32           // the first free entry
	count  int
}

// Len is the number of entries.
func (x *Index) Len() int { return x.count }

// At is the entry of that number. It stays valid until the entry is deleted.
func (x *Index) At(i int32) *Entry { return &x.chunks[i/chunk][i%chunk] }

// Find returns the number of the entry with that hash, 0 if there is none.
func (x *Index) Find(hash *[32]byte) int32 {
	if len(x.slots) == 0 {
		return 0
	}
	mask := uint64(len(x.slots) - 1)
	for s := home(hash) & mask; ; s = (s + 1) & mask {
		i := x.slots[s]
		if i == 0 || x.At(i).Hash == *hash {
			return i
		}
	}
}

// Add makes the entry of a hash that has none. It is in no list yet.
func (x *Index) Add(hash *[32]byte, size int64) int32 {
	if 4*(x.count+1) > 3*len(x.slots) {
		x.grow()
	}
	i := x.take()
	*x.At(i) = Entry{Hash: *hash, Size: size}
	x.place(i)
	x.count++
	return i
}

// Delete forgets an entry. Its number may be given to another one afterwards.
func (x *Index) Delete(i int32) {
	x.Unlist(i)
	mask := uint64(len(x.slots) - 1)
	hole := home(&x.At(i).Hash) & mask
	for x.slots[hole] != i {
		hole = (hole + 1) & mask
	}
	// Entries behind the hole that could have stood in it move up, so that no search stops too early.
	for s := (hole + 1) & mask; x.slots[s] != 0; s = (s + 1) & mask {
		wanted := home(&x.At(x.slots[s]).Hash) & mask
		if (s-wanted)&mask >= (s-hole)&mask {
			x.slots[hole] = x.slots[s]
			hole = s
		}
	}
	x.slots[hole] = 0
	*x.At(i) = Entry{next: x.free}
	x.free = i
	x.count--
}

// All calls f for each entry, in no order, until it returns false. f must not add or delete.
func (x *Index) All(f func(i int32, e *Entry) bool) {
	for _, i := range x.slots {
		if i != 0 && !f(i, x.At(i)) {
			return
		}
	}
}

func home(hash *[32]byte) uint64 { return binary.LittleEndian.Uint64(hash[8:]) }

func (x *Index) place(i int32) {
	mask := uint64(len(x.slots) - 1)
	s := home(&x.At(i).Hash) & mask
	for x.slots[s] != 0 {
		s = (s + 1) & mask
	}
	x.slots[s] = i
}

func (x *Index) take() int32 {
	if i := x.free; i != 0 {
		x.free = x.At(i).next
		return i
	}
	if int(x.made) == len(x.chunks)*chunk {
		x.chunks = append(x.chunks, new([chunk]Entry))
	}
	if x.made == 0 {
		x.made = 1 // the sentinel
	}
	i := x.made
	x.made++
	return i
}

func (x *Index) grow() {
	old := x.slots
	x.slots = make([]int32, max(64, 2*len(old)))
	for _, i := range old {
		if i != 0 {
			x.place(i)
		}
	}
}
