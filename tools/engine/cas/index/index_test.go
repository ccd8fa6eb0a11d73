package index_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/bbf-build/bbf/tools/engine/cas/index"
)

// TestModel compares an index with a map and a slice, over random steps. Few hashes share few slots, so that chains of
// collisions are made and broken up.
func TestModel(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		var x index.Index
		model := map[[32]byte]int32{}
		var order [][32]byte // oldest first
		for range 500 {
			var h [32]byte
			binary.LittleEndian.PutUint64(h[8:], uint64(r.IntN(4))*61)
			h[0] = byte(r.IntN(30))
			i := x.Find(&h)
			if i != model[h] {
				t.Fatalf("seed %d: Find gives %d, want %d", seed, i, model[h])
			}
			order = slices.DeleteFunc(order, func(o [32]byte) bool { return o == h })
			switch {
			case i == 0:
				i = x.Add(&h, 1)
				model[h] = i
				x.Newest(i)
				order = append(order, h)
			case r.IntN(3) == 0:
				x.Delete(i)
				delete(model, h)
			case r.IntN(3) == 0:
				x.Unlist(i)
			default:
				x.Newest(i)
				order = append(order, h)
			}
			if x.Len() != len(model) {
				t.Fatalf("seed %d: %d entries, want %d", seed, x.Len(), len(model))
			}
			switch i := x.Oldest(); {
			case i == 0 && len(order) > 0:
				t.Fatalf("seed %d: nothing is the oldest", seed)
			case i != 0 && (len(order) == 0 || x.At(i).Hash != order[0]):
				t.Fatalf("seed %d: the oldest is another", seed)
			}
		}
		seen := 0
		x.All(func(i int32, e *index.Entry) bool {
			if model[e.Hash] != i {
				t.Fatalf("seed %d: All gives %d", seed, i)
			}
			seen++
			return true
		})
		if seen != len(model) {
			t.Fatalf("seed %d: All gives %d entries of %d", seed, seen, len(model))
		}
	}
}

func TestRelist(t *testing.T) {
	var x index.Index
	add := func(name byte, used int64) int32 {
		i := x.Add(&[32]byte{name}, 0)
		x.At(i).Used = used
		return i
	}
	for used := range int64(200) {
		x.Newest(add(byte(used), 10*used))
	}
	middle, ancient, recent := add(201, 25), add(202, -1), add(203, 1500)
	for _, i := range []int32{middle, ancient, recent} {
		x.Relist(i, 5000)
	}
	var got []byte
	for range 6 {
		got = append(got, x.At(x.Oldest()).Hash[0])
		x.Unlist(x.Oldest())
	}
	if want := []byte{202, 0, 1, 2, 201, 3}; !slices.Equal(got, want) {
		t.Fatalf("oldest first: %v, want %v", got, want)
	}
	if x.At(recent).Used != 5000 {
		t.Fatal("what belongs far from the old end counts as new")
	}
}
