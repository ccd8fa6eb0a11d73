package sandbox

import "log/slog"

// Options say what the actions of a Runner may see.
type Options struct {
	Hide    []string        // host paths that stay hidden even below a visible folder: the cache, the socket, workspaces
	Show    []string        // host paths to show, read-only, beside the system's folders
	Hidden  func() []string // more paths like Hide, asked for each action; may be nil
	Scratch string          // a folder for what is prepared once; made when it is missing
	Disable bool            // run plain processes even where namespaces are to be had
	Log     *slog.Logger    // nil: slog.Default()
}

// Facts say what a Runner can do on this machine.
type Facts struct {
	Namespaces bool   // actions are kept apart by namespaces
	Overlay    bool   // exec roots may be made of layers
	Reason     string // why one of the two is not there, in words, with the way to mend it; else empty
}
