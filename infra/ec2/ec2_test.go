package ec2_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/bbf-build/bbf/infra/ec2"
)

// server answers the n-th request (from 0) with what answer writes, and keeps the forms that came.
func server(t *testing.T, answer func(w http.ResponseWriter, n int)) (*ec2.Client, *[]url.Values) {
	t.Helper()
	var forms []url.Values
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/ec2/aws4_request") {
			t.Errorf("not signed for EC2 in eu-west-1: %q", r.Header.Get("Authorization"))
		}
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		forms = append(forms, r.PostForm)
		answer(w, len(forms)-1)
	}))
	t.Cleanup(s.Close)
	return ec2.New(aws.Config{
		Region:       "eu-west-1",
		BaseEndpoint: &s.URL,
		Credentials:  credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts = 3
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		},
	}), &forms
}

func TestDescribe(t *testing.T) {
	t.Run("NetworkInterfaces", func(t *testing.T) {
		c, forms := server(t, func(w http.ResponseWriter, _ int) {
			fmt.Fprint(w, `<?xml version="1.0"?><DescribeNetworkInterfacesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
			<networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><privateIpAddress>10.0.0.4</privateIpAddress>
			<association><publicIp>198.51.100.7</publicIp></association></item></networkInterfaceSet></DescribeNetworkInterfacesResponse>`)
		})
		got, err := c.DescribeNetworkInterfaces(t.Context(), ec2.Query{IDs: []string{"eni-1"}})
		if err != nil || len(got) != 1 || got[0].Association.PublicIp != "198.51.100.7" || got[0].PrivateIpAddress != "10.0.0.4" {
			t.Errorf("got %+v, %v", got, err)
		}
		want := url.Values{"Action": {"DescribeNetworkInterfaces"}, "Version": {"2016-11-15"}, "NetworkInterfaceId.1": {"eni-1"}}
		if !reflect.DeepEqual((*forms)[0], want) {
			t.Errorf("asked %v, want %v", (*forms)[0], want)
		}
	})
	t.Run("RouteTablesOfAVpc", func(t *testing.T) {
		c, forms := server(t, func(w http.ResponseWriter, _ int) {
			fmt.Fprint(w, `<DescribeRouteTablesResponse><routeTableSet><item><routeTableId>rtb-1</routeTableId>
			<routeSet><item><destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId><state>active</state></item>
			<item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId><state>active</state></item></routeSet>
			<associationSet><item><main>true</main></item><item><subnetId>subnet-1</subnetId><main>false</main></item></associationSet>
			</item></routeTableSet></DescribeRouteTablesResponse>`)
		})
		got, err := c.DescribeRouteTables(t.Context(), ec2.Query{Filters: []ec2.Filter{{Name: "vpc-id", Values: []string{"vpc-1", "vpc-2"}}}})
		if err != nil || len(got) != 1 || got[0].Routes[1].GatewayId != "igw-1" || !got[0].Associations[0].Main || got[0].Associations[1].SubnetId != "subnet-1" {
			t.Errorf("got %+v, %v", got, err)
		}
		if f := (*forms)[0]; f.Get("Filter.1.Name") != "vpc-id" || f.Get("Filter.1.Value.2") != "vpc-2" {
			t.Errorf("asked %v", f)
		}
	})
	t.Run("SubnetsOnThreePages", func(t *testing.T) {
		c, forms := server(t, func(w http.ResponseWriter, n int) {
			token := []string{"a", "b", ""}[n]
			fmt.Fprintf(w, `<DescribeSubnetsResponse><nextToken>%s</nextToken><subnetSet><item><subnetId>subnet-%d</subnetId>
			<availableIpAddressCount>250</availableIpAddressCount><mapPublicIpOnLaunch>true</mapPublicIpOnLaunch></item></subnetSet></DescribeSubnetsResponse>`, token, n)
		})
		got, err := c.DescribeSubnets(t.Context(), ec2.Query{})
		if err != nil || len(got) != 3 || got[2].SubnetId != "subnet-2" || got[0].AvailableIpAddressCount != 250 || !got[0].MapPublicIpOnLaunch {
			t.Errorf("got %+v, %v", got, err)
		}
		if len(*forms) != 3 || (*forms)[2].Get("NextToken") != "b" {
			t.Errorf("asked %v", *forms)
		}
	})
	t.Run("VpcsAndZones", func(t *testing.T) {
		c, _ := server(t, func(w http.ResponseWriter, n int) {
			fmt.Fprint(w, []string{
				`<DescribeVpcsResponse><vpcSet><item><vpcId>vpc-1</vpcId><cidrBlock>10.90.0.0/16</cidrBlock></item></vpcSet></DescribeVpcsResponse>`,
				`<R><availabilityZoneInfo><item><zoneName>eu-west-1a</zoneName><zoneState>available</zoneState></item></availabilityZoneInfo></R>`,
			}[n])
		})
		if got, err := c.DescribeVpcs(t.Context(), ec2.Query{}); err != nil || len(got) != 1 || got[0].CidrBlock != "10.90.0.0/16" {
			t.Errorf("got %+v, %v", got, err)
		}
		if got, err := c.DescribeAvailabilityZones(t.Context(), ec2.Query{}); err != nil || len(got) != 1 || got[0].ZoneState != "available" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}
