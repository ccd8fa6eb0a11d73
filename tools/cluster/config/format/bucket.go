package format

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

var (
	bucket      = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)
	notOfBucket = regexp.MustCompile(`[^a-z0-9.-]+`)

	// What S3 keeps for itself (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).
	bucketPrefixes = []string{"xn--", "sthree-", "amzn-s3-demo-"}
	bucketSuffixes = []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}
)

// Bucket accepts the name of a general purpose bucket of S3; the schema knows how long it may be.
func Bucket(s string) error {
	if strings.HasPrefix(s, "s3://") || strings.HasPrefix(s, "arn:") {
		return errors.New("is an address; write the bucket's name alone")
	}
	if !bucket.MatchString(s) {
		const why = "has to be small letters, digits, hyphens and dots, with a letter or digit at both ends"
		near := strings.Trim(notOfBucket.ReplaceAllString(strings.ToLower(s), "-"), ".-")
		if len(near) < 3 || Bucket(near) != nil {
			return errors.New(why)
		}
		return fmt.Errorf("%s; the nearest is %s", why, near)
	}
	if strings.Contains(s, "..") {
		return errors.New("has two dots side by side")
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return errors.New("is an IP address, which S3 refuses as a name")
	}
	for _, p := range bucketPrefixes {
		if strings.HasPrefix(s, p) {
			return fmt.Errorf("begins with %s, which S3 keeps for itself", p)
		}
	}
	for _, p := range bucketSuffixes {
		if strings.HasSuffix(s, p) {
			return fmt.Errorf("ends in %s, which S3 keeps for itself", p)
		}
	}
	return nil
}
