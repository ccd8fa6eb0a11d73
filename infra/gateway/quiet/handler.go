// Package quiet keeps logs short when the same happens again and again: what is written is what a log group costs.
package quiet

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Handler passes the first record of a message on, and those that come within the period after it not. The next one that it passes says by
// "more" how many it has kept. Messages are constant strings: what differs from record to record is in their attributes.
type Handler struct {
	next   slog.Handler
	period time.Duration
	said   *messages
}

type messages struct {
	mu  sync.Mutex
	all map[string]*message
}

type message struct {
	at   time.Time
	more int
}

// New makes a Handler.
func New(next slog.Handler, period time.Duration) *Handler {
	return &Handler{next, period, &messages{all: map[string]*message{}}}
}

// Enabled is the other handler's.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// WithAttrs returns a Handler that counts together with this one.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &Handler{h.next.WithAttrs(attrs), h.period, h.said}
}

// WithGroup returns a Handler that counts together with this one.
func (h *Handler) WithGroup(name string) slog.Handler {
	return &Handler{h.next.WithGroup(name), h.period, h.said}
}

// Handle passes a record on, or counts it.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	more, pass := h.said.pass(r.Message, r.Time, h.period)
	if !pass {
		return nil
	}
	if more > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("more", more))
	}
	return h.next.Handle(ctx, r)
}

func (m *messages) pass(text string, at time.Time, period time.Duration) (more int, pass bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	said := m.all[text]
	if said == nil {
		m.all[text] = &message{at: at}
		return 0, true
	}
	if at.Sub(said.at) < period {
		said.more++
		return 0, false
	}
	more = said.more
	*said = message{at: at}
	return more, true
}
