package index

// near is how far Relist looks for an entry's place before it takes the entry for a new one.
const near = 64

// Newest puts an entry at the new end of the list, whether it is in the list or not.
func (x *Index) Newest(i int32) {
	x.Unlist(i)
	x.insert(i, x.At(0).next)
}

// Relist puts an entry into the list where its time of use belongs, if that is near the old end; otherwise at the new end, and
// its time of use becomes now. So the list stays sorted and this stays cheap.
func (x *Index) Relist(i int32, now int64) {
	x.Unlist(i)
	e := x.At(i)
	older := int32(0) // the sentinel: the end of the list
	for range near {
		at := x.newerThan(older)
		if at == 0 || x.At(at).Used >= e.Used {
			x.insert(i, older)
			return
		}
		older = at
	}
	e.Used = now
	x.insert(i, x.At(0).next)
}

// Unlist takes an entry out of the list: it is no longer among what Oldest returns.
func (x *Index) Unlist(i int32) {
	e := x.At(i)
	if !e.listed {
		return
	}
	x.At(e.prev).next = e.next
	x.At(e.next).prev = e.prev
	e.prev, e.next, e.listed = 0, 0, false
}

// Oldest is the listed entry that was not used for the longest time, 0 if none is listed.
func (x *Index) Oldest() int32 {
	if x.made == 0 {
		return 0
	}
	return x.At(0).prev
}

// newerThan is the entry before i in the list; before the sentinel stands the oldest one.
func (x *Index) newerThan(i int32) int32 { return x.At(i).prev }

// insert puts an entry into the list in front of an older one (or of the sentinel).
func (x *Index) insert(i, older int32) {
	newer := x.At(older).prev
	e := x.At(i)
	e.prev, e.next, e.listed = newer, older, true
	x.At(newer).next = i
	x.At(older).prev = i
}
