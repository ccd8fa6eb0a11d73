package cloudformation

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bbf-build/bbf/infra/schema"
)

// CurrentTag is the tag of the images that `bbf images` has pushed last.
const CurrentTag = "current"

// Images returns the references of the images that the cluster's tasks run: those of the configuration; for those left out what `bbf images`
// has pushed, by digest; and before it has pushed anything what is tagged with CurrentTag in the cluster's own repositories.
func Images(c *schema.Config, accountID string, pushed schema.Images) schema.Images {
	own := func(configured, pushed, name string) string {
		if known := cmp.Or(configured, pushed); known != "" {
			return known
		}
		return fmt.Sprintf("%s.dkr.ecr.%s.%s/bbf/%s/%s:%s", accountID, c.AWS.Region, urlSuffix(c.AWS.Region), c.Cluster, name, CurrentTag)
	}
	return schema.Images{
		Server:  own(c.Images.Server, pushed.Server, "server"),
		Worker:  own(c.Images.Worker, pushed.Worker, "worker"),
		Gateway: own(c.Images.Gateway, pushed.Gateway, "gateway"),
		Redis:   own(c.Images.Redis, pushed.Redis, "redis"),
	}
}

// An image in a private ECR registry: account, region, repository.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-pull-ecr-image.html
var ecrImage = regexp.MustCompile(`^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^:@]+)`)

// pullFrom returns the ARNs of the ECR repositories that the configured images come from. The cluster's own need no mention.
func pullFrom(c *schema.Config) []string {
	var arns []string
	for _, image := range []string{c.Images.Server, c.Images.Worker, c.Images.Gateway, c.Images.Redis} {
		if m := ecrImage.FindStringSubmatch(image); m != nil {
			arns = append(arns, fmt.Sprintf("arn:%s:ecr:%s:%s:repository/%s", Partition(m[2]), m[2], m[1], m[3]))
		}
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}

// Partition is the part of AWS that a region is in; ARNs begin with it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func urlSuffix(region string) string {
	if Partition(region) == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}
