// Command hello greets its first argument.
package main

import (
	"fmt"
	"os"

	"example.com/greeting"
)

func main() {
	name := ""
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	fmt.Println(greeting.For(name))
}
