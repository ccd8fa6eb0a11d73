package ec2_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/bbf-build/bbf/infra/ec2"
)

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `<Response><Errors><Error><Code>%s</Code><Message>Because.</Message></Error></Errors><RequestID>1</RequestID></Response>`, code)
}

func TestErrors(t *testing.T) {
	t.Run("WhenItIsRefused", func(t *testing.T) {
		c, forms := server(t, func(w http.ResponseWriter, _ int) { refuse(w, http.StatusForbidden, "UnauthorizedOperation") })
		_, err := c.DescribeVpcs(t.Context(), ec2.Query{})
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != "UnauthorizedOperation" || !strings.Contains(err.Error(), "DescribeVpcs") {
			t.Errorf("got %v", err)
		}
		if len(*forms) != 1 {
			t.Errorf("asked %d times; asking again can't help", len(*forms))
		}
	})
	t.Run("WhenItIsThrottledTwice", func(t *testing.T) {
		c, forms := server(t, func(w http.ResponseWriter, n int) {
			if n < 2 {
				refuse(w, http.StatusServiceUnavailable, "RequestLimitExceeded")
				return
			}
			fmt.Fprint(w, `<R><vpcSet/></R>`)
		})
		if _, err := c.DescribeVpcs(t.Context(), ec2.Query{}); err != nil || len(*forms) != 3 {
			t.Errorf("%d requests, %v", len(*forms), err)
		}
	})
	t.Run("WhenItIsThrottledAllTheTime", func(t *testing.T) {
		c, forms := server(t, func(w http.ResponseWriter, _ int) { refuse(w, http.StatusServiceUnavailable, "RequestLimitExceeded") })
		_, err := c.DescribeVpcs(t.Context(), ec2.Query{})
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != "RequestLimitExceeded" || len(*forms) != 3 {
			t.Errorf("%d requests, %v", len(*forms), err)
		}
	})
	t.Run("WhenSomethingElseAnswers", func(t *testing.T) {
		c, _ := server(t, func(w http.ResponseWriter, _ int) { http.Error(w, "a proxy's page", http.StatusForbidden) })
		if _, err := c.DescribeVpcs(t.Context(), ec2.Query{}); err == nil || !strings.Contains(err.Error(), "a proxy's page") {
			t.Errorf("got %v", err)
		}
	})
}
