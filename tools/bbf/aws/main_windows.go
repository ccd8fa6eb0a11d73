package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "bbf: Windows is not supported: run Bazel and bbf inside WSL")
	os.Exit(1)
}
