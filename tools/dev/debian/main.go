// Debian finishes what tools/dev/debian/install has unpacked: it gives Bazel's server the class path of the unpacked jars, with the
// jars in LIB in front of Debian's netty, and the native half of zstd.
//
//	debian ROOT LIB
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: debian ROOT LIB")
		os.Exit(2)
	}
	root, lib := os.Args[1], os.Args[2]
	if err := installZstd(root, lib); err != nil {
		fmt.Fprintln(os.Stderr, "debian: zstd:", err)
		os.Exit(1)
	}
	if err := writeClassPath(root, lib); err != nil {
		fmt.Fprintln(os.Stderr, "debian: class path:", err)
		os.Exit(1)
	}
}
