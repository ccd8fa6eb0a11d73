package format

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// The grammar is that of the OCI distribution specification
// (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests), with the registry in front.
var (
	registry   = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$`)
	repository = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
	imageTag   = regexp.MustCompile(`^\w[\w.-]{0,127}$`)
	digest     = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// Image accepts a reference of a container image: [registry/]repository[:tag][@sha256:digest].
func Image(s string) error {
	if scheme, rest, found := strings.Cut(s, "://"); found {
		return fmt.Errorf("begins with %s://, which an image has not; the nearest is %s", scheme, rest)
	}
	name, sum, hasDigest := strings.Cut(s, "@")
	if hasDigest && !digest.MatchString(sum) {
		return errors.New("has no digest after the @; it is sha256: and 64 of the characters 0-9 and a-f")
	}
	if first, rest, found := strings.Cut(name, "/"); found && (strings.ContainsAny(first, ".:") || first == "localhost") {
		if !registry.MatchString(first) {
			return fmt.Errorf("has %s in front, which is no registry", Quote(first))
		}
		name = rest
	}
	name, tag, hasTag := strings.Cut(name, ":")
	switch {
	case hasTag && !imageTag.MatchString(tag):
		return fmt.Errorf("has the tag %s, which is none: letters, digits, dots, hyphens and underscores, at most 128", Quote(tag))
	case name != strings.ToLower(name) && repository.MatchString(strings.ToLower(name)):
		return fmt.Errorf("has capital letters in the name of the image; the nearest is %s", strings.ToLower(name))
	case !repository.MatchString(name):
		return errors.New("is no reference of an image, such as debian:bookworm")
	}
	return nil
}
