package cas_test

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func BenchmarkPut(b *testing.B) {
	for _, size := range []int{100, 10_000, 1 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := open(b, b.TempDir(), 64<<30)
			data := make([]byte, size)
			rand.Read(data)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			n := uint64(0)
			for b.Loop() {
				n++
				binary.LittleEndian.PutUint64(data, n)
				if _, err := s.Put(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMissing(b *testing.B) {
	s := open(b, b.TempDir(), 64<<30)
	ds := fill(b, s, "x", 20_000)
	b.ReportAllocs()
	for b.Loop() {
		if m := s.Missing(ds); len(m) != 0 {
			b.Fatal(len(m))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(ds)), "ns/blob")
}

func BenchmarkRead(b *testing.B) {
	s := open(b, b.TempDir(), 64<<30)
	d := put(b, s, "some bytes")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Read(d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHas(b *testing.B) {
	s := open(b, b.TempDir(), 64<<30)
	d := put(b, s, "some bytes")
	b.ReportAllocs()
	for b.Loop() {
		if !s.Has(d) {
			b.Fatal("it is gone")
		}
	}
}

func BenchmarkLink(b *testing.B) {
	s := open(b, b.TempDir(), 64<<30)
	ds := fill(b, s, "x", 100)
	dir := b.TempDir()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		if err := s.Link(ds[n%len(ds)], filepath.Join(dir, fmt.Sprint(n)), true); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAdopt(b *testing.B) {
	for _, size := range []int{100, 64 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := open(b, b.TempDir(), 64<<30)
			path := filepath.Join(b.TempDir(), "f")
			data := make([]byte, size)
			b.SetBytes(int64(size))
			n := uint64(0)
			for b.Loop() {
				b.StopTimer()
				n++
				binary.LittleEndian.PutUint64(data, n)
				if err := os.WriteFile(path, data, 0o644); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				d, err := s.Adopt(path)
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if size > 1<<20 {
					os.Remove(file(s, d)) // don't fill the disk
				}
				b.StartTimer()
			}
		})
	}
}
