// Command prices rewrites tools/cluster/aws/cost/prices.json from the AWS Price List API.
//
//	go run ./tools/dev/prices [-regions=eu-west-1,us-east-1] [-file=…] [-format]
//
// It needs AWS credentials of any account that allow pricing:GetProducts; it costs nothing. Without -regions it refreshes those that
// the table has. Prices that the list doesn't have, those of Fargate Spot among them, stay as they are. Afterwards: go run ./tools/dev/costdoc
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/pricing"

	"github.com/bbf-build/bbf/tools/cluster/aws/cost"
	"github.com/bbf-build/bbf/tools/cluster/aws/cost/pricelist"
	"github.com/bbf-build/bbf/tools/cluster/aws/refusal"
)

func main() {
	regions := flag.String("regions", "", "regions to refresh, separated by commas; all of the table by default")
	file := flag.String("file", "tools/cluster/aws/cost/prices.json", "the table")
	formatOnly := flag.Bool("format", false, "write the table as it is, formatted; asks nobody")
	flag.Parse()
	if err := run(context.Background(), *file, *regions, *formatOnly); err != nil {
		fmt.Fprintf(os.Stderr, "prices: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, file, regions string, formatOnly bool) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	table, err := cost.Parse(data)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if !formatOnly {
		if err := refresh(ctx, table, regions); err != nil {
			return err
		}
	}
	text, err := table.Format()
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o666)
}

// refresh tells of what could not be refreshed, and goes on: one item that AWS renamed must not hold up the others.
func refresh(ctx context.Context, table *cost.Prices, regions string) error {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(pricelist.Endpoint))
	if err != nil {
		return err
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return refusal.Explain(err)
	}
	names := slices.Sorted(maps.Keys(table.Regions))
	if regions != "" {
		names = strings.Split(regions, ",")
	}
	client := pricing.NewFromConfig(cfg)
	for _, region := range names {
		if err := pricelist.Refresh(ctx, client, table, region); err != nil {
			fmt.Fprintf(os.Stderr, "kept as they were:\n%v\n", err)
		}
		if len(table.Regions[region]) == 0 {
			delete(table.Regions, region)
		}
	}
	return nil
}
