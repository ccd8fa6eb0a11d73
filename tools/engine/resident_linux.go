package engine

import (
	"os"
	"strconv"
	"strings"
)

// resident is this process's resident memory in bytes; 0 when it can't be read.
func resident() int64 {
	data, err := os.ReadFile("/proc/self/statm") // proc(5): pages, the second number is the resident ones
	fields := strings.Fields(string(data))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
