package pricelist_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pricing"

	"github.com/bbf-build/bbf/tools/cluster/aws/cost"
	"github.com/bbf-build/bbf/tools/cluster/aws/cost/pricelist"
)

// list is a price list: usage type to price, for one service and region.
type list map[string]string

func (l list) GetProducts(_ context.Context, in *pricing.GetProductsInput, _ ...func(*pricing.Options)) (*pricing.GetProductsOutput, error) {
	if l == nil {
		return nil, errors.New("AccessDeniedException")
	}
	region, usage := aws.ToString(in.Filters[0].Value), aws.ToString(in.Filters[1].Value)
	if region != "eu-west-9" {
		return nil, fmt.Errorf("asked for %s", region)
	}
	out := &pricing.GetProductsOutput{}
	for name, usd := range l {
		if strings.Contains(name, usage) {
			out.PriceList = append(out.PriceList, entry(name, usd))
		}
	}
	if in.NextToken == nil && len(out.PriceList) > 0 { // the first page is empty, so that all pages must be read
		return &pricing.GetProductsOutput{NextToken: aws.String("more")}, nil
	}
	return out, nil
}

func entry(usage, usd string) string {
	return fmt.Sprintf(`{"product":{"attributes":{"usagetype":%q}},"publicationDate":"2026-11-20T01:02:03Z","terms":{"OnDemand":{"A":{"priceDimensions":{
		"A.1":{"beginRange":"0","pricePerUnit":{"USD":%q}},"A.2":{"beginRange":"51200","pricePerUnit":{"USD":"0.0000001"}}}}}}}`, usage, usd)
}

func table() *cost.Prices {
	return &cost.Prices{Sources: map[string]string{"old": "x"}, Regions: map[string]cost.Region{"eu-west-9": {
		cost.VCPU:     {USD: 1, Date: "2020-01-01", Source: "old"},
		cost.SpotVCPU: {USD: 0.3, Date: "2020-01-01", Source: "old"},
	}}}
}

func TestRefresh(t *testing.T) {
	ctx := context.Background()
	t.Run("WhenAllAreListed", func(t *testing.T) {
		l := list{
			"EUW9-Fargate-vCPU-Hours:perCPU": "0.0404800000", "EUW9-Fargate-ARM-vCPU-Hours:perCPU": "0.03", "EUW9-SpotUsage-Fargate-vCPU-Hours:perCPU": "9",
			"EUW9-Fargate-GB-Hours": "0.004", "EUW9-Fargate-ARM-GB-Hours": "0.003", "EUW9-Fargate-EphemeralStorage-GB-Hours": "0.0001",
			"EUW9-PublicIPv4:InUseAddress": "0.005", "EUW9-TimedStorage-ByteHrs": "0.1", "EUW9-Requests-Tier2": "0.0000004",
			"EUW9-DataProcessing-Bytes": "0.5", "EUW9-Request": "0.0000002", "EUW9-Request-ARM": "7",
			"EUW9-Lambda-GB-Second": "0.0000166667", "EUW9-Lambda-GB-Second-ARM": "0.0000133334",
		}
		p := table()
		if err := pricelist.Refresh(ctx, l, p, "eu-west-9"); err != nil {
			t.Fatal(err)
		}
		r := p.Regions["eu-west-9"]
		want := cost.Price{USD: 0.04048, Date: "2026-11-20", Source: "price-list-AmazonECS"}
		if r[cost.VCPU] != want {
			t.Errorf("a vCPU is %+v, not %+v", r[cost.VCPU], want)
		}
		if r[cost.Lambda].USD != 0.0000002 || r[cost.LambdaGBs].USD != 0.0000166667 {
			t.Errorf("the ARM price was taken for the other: %+v, %+v", r[cost.Lambda], r[cost.LambdaGBs])
		}
		if r[cost.SpotVCPU].USD != 0.3 {
			t.Errorf("Spot isn't in the list, but its price is %+v now", r[cost.SpotVCPU])
		}
		text, err := p.Format()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := cost.Parse(text); err != nil {
			t.Errorf("what was refreshed can't be read again: %v", err)
		}
	})
	t.Run("WhenOneIsListedTwice", func(t *testing.T) {
		p := table()
		err := pricelist.Refresh(ctx, list{"EUW9-Fargate-vCPU-Hours:perCPU": "0.04", "Fargate-vCPU-Hours:perCPU": "0.05"}, p, "eu-west-9")
		if err == nil || !strings.Contains(err.Error(), "has it at") {
			t.Errorf("Refresh says %v", err)
		}
		if p.Regions["eu-west-9"][cost.VCPU].USD != 1 {
			t.Errorf("an ambiguous price was taken: %+v", p.Regions["eu-west-9"][cost.VCPU])
		}
	})
	t.Run("WhenTheRegionIsNotListed", func(t *testing.T) {
		err := pricelist.Refresh(ctx, list{}, table(), "eu-west-9")
		if err == nil || !strings.Contains(err.Error(), "eu-west-9: fargate_vcpu_hour: the price list doesn't have it") {
			t.Errorf("Refresh says %v", err)
		}
	})
	t.Run("WhenTheCallIsRefused", func(t *testing.T) {
		err := pricelist.Refresh(ctx, list(nil), table(), "eu-west-9")
		if err == nil || !strings.Contains(err.Error(), "AccessDenied") {
			t.Errorf("Refresh says %v", err)
		}
	})
}
