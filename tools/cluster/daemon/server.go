package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// ControlServer answers on the control socket.
type ControlServer struct {
	http.Server
	mux *http.ServeMux
	log *slog.Logger
}

// NewControlServer answers GET /status, with something that has a "pid", and POST /stop, which calls stop each time.
func NewControlServer(status func() any, stop func(), log *slog.Logger) *ControlServer {
	mux := http.NewServeMux()
	s := &ControlServer{mux: mux, log: log, Server: http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) { s.answer(w, status()) })
	mux.HandleFunc("POST /stop", func(w http.ResponseWriter, _ *http.Request) {
		s.answer(w, struct{}{})
		if err := http.NewResponseController(w).Flush(); err != nil {
			log.Warn("the one who asked to stop is gone", "error", err)
		}
		stop()
	})
	return s
}

// Refusal is an error that is the caller's mistake.
type Refusal struct{ error }

// Refuse makes a Refusal.
func Refuse(format string, args ...any) error { return Refusal{fmt.Errorf(format, args...)} }

// HandlePost adds POST path, whose body is an In. What do returns is the answer, an error of it the caller's to read.
func HandlePost[In, Out any](s *ControlServer, path string, do func(In) (Out, error)) {
	s.mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&in); err != nil {
			http.Error(w, "body: "+err.Error(), http.StatusBadRequest)
			return
		}
		out, err := do(in)
		switch {
		case err == nil:
			s.answer(w, out)
		case errors.As(err, new(Refusal)):
			http.Error(w, err.Error(), http.StatusBadRequest)
		default:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
}

func (s *ControlServer) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.log.Warn("an answer on the control socket was not sent", "error", err)
	}
}
