package ec2

import (
	"context"
	"fmt"
	"net/url"
)

// Query narrows a question down. The zero Query asks for everything. An ID that doesn't exist is an error (…NotFound), a filter that
// matches nothing isn't.
type Query struct {
	IDs     []string
	Filters []Filter
}

// Filter keeps what has one of the values; the names are those of the action's page in EC2's API reference, such as "vpc-id".
type Filter struct {
	Name   string
	Values []string
}

// form is the query as EC2's protocol writes it: lists are numbered from 1.
func (q Query) form(action, id string) url.Values {
	form := url.Values{"Action": {action}, "Version": {version}}
	for i, v := range q.IDs {
		form.Set(fmt.Sprintf("%s.%d", id, i+1), v)
	}
	for i, f := range q.Filters {
		form.Set(fmt.Sprintf("Filter.%d.Name", i+1), f.Name)
		for j, v := range f.Values {
			form.Set(fmt.Sprintf("Filter.%d.Value.%d", i+1, j+1), v)
		}
	}
	return form
}

// reply has the sets of all five answers; an answer has one of them.
type reply struct {
	NextToken         string             `xml:"nextToken"`
	NetworkInterfaces []NetworkInterface `xml:"networkInterfaceSet>item"`
	Subnets           []Subnet           `xml:"subnetSet>item"`
	RouteTables       []RouteTable       `xml:"routeTableSet>item"`
	Vpcs              []Vpc              `xml:"vpcSet>item"`
	AvailabilityZones []AvailabilityZone `xml:"availabilityZoneInfo>item"`
}

// all asks for page after page. It sends no MaxResults: EC2 refuses it together with IDs.
func all[T any](ctx context.Context, c *Client, form url.Values, pick func(*reply) []T) ([]T, error) {
	var found []T
	for {
		page, err := c.call(ctx, form)
		if err != nil {
			return nil, err
		}
		found = append(found, pick(page)...)
		if page.NextToken == "" {
			return found, nil
		}
		form.Set("NextToken", page.NextToken)
	}
}
