package local

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"github.com/bbf-build/bbf/tools/engine"
)

// registration is the body of POST /workspaces.
type registration struct {
	Path string `json:"path"` // absolute
}

// newControlServer answers on the control socket. Stop is called once for every request that asks for it.
func newControlServer(status func() engine.Status, stop func(), r *registry, log *slog.Logger) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, status(), log)
	})
	mux.HandleFunc("POST /stop", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, struct{}{}, log)
		if err := http.NewResponseController(w).Flush(); err != nil {
			log.Warn("the one who asked the engine to stop is gone", "error", err)
		}
		stop()
	})
	mux.HandleFunc("POST /workspaces", func(w http.ResponseWriter, req *http.Request) {
		var in registration
		if err := json.NewDecoder(http.MaxBytesReader(w, req.Body, 64<<10)).Decode(&in); err != nil {
			http.Error(w, "body: "+err.Error(), http.StatusBadRequest)
			return
		}
		if !filepath.IsAbs(in.Path) || in.Path != filepath.Clean(in.Path) || in.Path == "/" {
			http.Error(w, "path: not an absolute, clean path of a folder", http.StatusBadRequest)
			return
		}
		if err := r.add(in.Path); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, struct{}{}, log)
	})
	return &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

func answer(w http.ResponseWriter, v any, log *slog.Logger) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Warn("an answer on the control socket was not sent", "error", err)
	}
}
