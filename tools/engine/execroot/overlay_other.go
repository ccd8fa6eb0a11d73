//go:build !linux

package execroot

import "os"

func isWhiteout(os.FileInfo) bool { return false }

func isOpaque(string) bool { return false }

func clearAttributes(string) error { return nil }
