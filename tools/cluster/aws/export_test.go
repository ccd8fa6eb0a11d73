package aws

import "time"

// SetSecond makes the pauses of tests shorter.
func SetSecond(d time.Duration) { second = d }
