// Package metrics answers Prometheus in its text format (https://prometheus.io/docs/instrumenting/exposition_formats/). The client library would
// add a tenth to the program's size for what is a dozen numbers.
package metrics

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
)

// Kind is a metric's type.
type Kind string

// The types.
const (
	Counter Kind = "counter" // never gets smaller
	Gauge   Kind = "gauge"
)

// Metric is a number that is asked for when somebody wants to know.
type Metric struct {
	Name   string // with its unit, as Prometheus has it
	Help   string
	Kind   Kind
	Labels string // such as role="reader"; "" for none
	Value  func() float64
}

// Set is all metrics. Those of one name follow each other.
type Set []Metric

// Add appends a metric.
func (s *Set) Add(kind Kind, name, labels, help string, value func() float64) {
	*s = append(*s, Metric{name, help, kind, labels, value})
}

// ServeHTTP writes all of them.
func (s Set) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	s.write(w)
}

func (s Set) write(w io.Writer) {
	last := ""
	for _, m := range s {
		if m.Name != last {
			fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", m.Name, m.Help, m.Name, m.Kind)
			last = m.Name
		}
		labels := ""
		if m.Labels != "" {
			labels = "{" + m.Labels + "}"
		}
		fmt.Fprintf(w, "%s%s %v\n", m.Name, labels, m.Value())
	}
}

// AddProcess appends what the Go runtime knows of itself.
func (s *Set) AddProcess() {
	s.Add(Gauge, "go_goroutines", "", "Goroutines.", func() float64 { return float64(runtime.NumGoroutine()) })
	s.Add(Gauge, "go_memstats_sys_bytes", "", "Memory taken from the system.", func() float64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.Sys)
	})
}
