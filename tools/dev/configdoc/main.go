// Configdoc writes docs/config.md from the JSON schema of bbf.yaml. Run it from the root of the repository after changing
// infra/schema; with -check it changes nothing and fails when the page is stale.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
)

const page = "docs/config.md"

func main() {
	check := flag.Bool("check", false, "change nothing, fail when the page is stale")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "configdoc:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	content, err := document()
	if err != nil {
		return err
	}
	old, err := os.ReadFile(page)
	if err == nil && bytes.Equal(old, content) {
		return nil
	}
	if check {
		return fmt.Errorf("%s does not follow from infra/schema: run go run ./tools/dev/configdoc", page)
	}
	return os.WriteFile(page, content, 0o644)
}
