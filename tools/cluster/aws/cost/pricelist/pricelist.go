// Package pricelist reads prices from the AWS Price List API. It is for maintainers, who refresh the table of package cost with it.
// https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html
package pricelist

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/pricing/types"

	"github.com/bbf-build/bbf/tools/cluster/aws/cost"
)

// Endpoint is the region whose Price List API is asked; it knows the prices of all regions.
const Endpoint = "us-east-1"

// Products is what is called of the Price List API. It needs pricing:GetProducts.
type Products interface {
	GetProducts(context.Context, *pricing.GetProductsInput, ...func(*pricing.Options)) (*pricing.GetProductsOutput, error)
}

// product says under which name the list has an item. A usage type starts with the region's short name, such as EUC1-, or with
// nothing, mostly in us-east-1.
type product struct {
	service string
	usage   string
}

// Spot is not in the list: those prices are kept as they are.
var products = map[cost.Item]product{
	cost.VCPU:         {"AmazonECS", "Fargate-vCPU-Hours:perCPU"},
	cost.Memory:       {"AmazonECS", "Fargate-GB-Hours"},
	cost.ARMVCPU:      {"AmazonECS", "Fargate-ARM-vCPU-Hours:perCPU"},
	cost.ARMMemory:    {"AmazonECS", "Fargate-ARM-GB-Hours"},
	cost.Disk:         {"AmazonECS", "Fargate-EphemeralStorage-GB-Hours"},
	cost.IPv4:         {"AmazonVPC", "PublicIPv4:InUseAddress"},
	cost.S3Storage:    {"AmazonS3", "TimedStorage-ByteHrs"},
	cost.S3Get:        {"AmazonS3", "Requests-Tier2"},
	cost.ECRStorage:   {"AmazonECR", "TimedStorage-ByteHrs"},
	cost.LogsIn:       {"AmazonCloudWatch", "DataProcessing-Bytes"},
	cost.LogsStorage:  {"AmazonCloudWatch", "TimedStorage-ByteHrs"},
	cost.Lambda:       {"AWSLambda", "Request"},
	cost.LambdaGBs:    {"AWSLambda", "Lambda-GB-Second"},
	cost.LambdaARMGBs: {"AWSLambda", "Lambda-GB-Second-ARM"},
}

// Refresh replaces the region's prices in the table by those of the list. An item that the list doesn't have, or has at different
// prices, keeps the one it had, and is named in the error; all others are replaced nevertheless.
func Refresh(ctx context.Context, client Products, table *cost.Prices, region string) error {
	if table.Regions[region] == nil {
		table.Regions[region] = cost.Region{}
	}
	var failed []error
	for _, item := range cost.Items {
		p, listed := products[item]
		if !listed {
			continue
		}
		usd, date, err := p.find(ctx, client, region)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %s: %w", region, item, err))
			continue
		}
		source := "price-list-" + p.service
		table.Sources[source] = "AWS Price List API, pricing:GetProducts of " + p.service
		table.Regions[region][item] = cost.Price{USD: usd, Date: date, Source: source}
	}
	return errors.Join(failed...)
}

// find asks for all products of the region whose usage type contains ours, and takes the one that has no other name around it.
func (p product) find(ctx context.Context, client Products, region string) (usd float64, date string, err error) {
	exact := regexp.MustCompile(`^([A-Z]+\d?-)?` + regexp.QuoteMeta(p.usage) + `$`)
	var found []offer
	pages := pricing.NewGetProductsPaginator(client, &pricing.GetProductsInput{
		ServiceCode: aws.String(p.service),
		Filters: []types.Filter{
			{Type: types.FilterTypeTermMatch, Field: aws.String("regionCode"), Value: aws.String(region)},
			{Type: types.FilterTypeContains, Field: aws.String("usagetype"), Value: aws.String(p.usage)},
		},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, "", err
		}
		for _, text := range page.PriceList {
			o, err := parse(text)
			if err != nil {
				return 0, "", err
			}
			if exact.MatchString(o.usage) && o.usd > 0 {
				found = append(found, o)
			}
		}
	}
	if len(found) == 0 {
		return 0, "", errors.New("the price list doesn't have it")
	}
	for _, o := range found[1:] {
		if o.usd != found[0].usd {
			return 0, "", fmt.Errorf("the price list has it at %v and at %v USD", found[0].usd, o.usd)
		}
	}
	return found[0].usd, found[0].date, nil
}
