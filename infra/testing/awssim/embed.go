// Package awssim carries the AWS stand-in's Python sources, for package standin to run.
//
// README.md says what the stand-in is.
package awssim

import "embed"

// Sources are the modules of the Python package awssim, and its requirements.txt.
//
//go:embed *.py requirements.txt
var Sources embed.FS
