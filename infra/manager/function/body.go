package function

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// largest is how long a body may be, in bytes. A CSR takes two thousand.
const largest = 16 << 10

// body is the request's, which Lambda may have encoded.
func body(event events.LambdaFunctionURLRequest) ([]byte, error) {
	data := []byte(event.Body)
	if event.IsBase64Encoded {
		var err error
		if data, err = base64.StdEncoding.DecodeString(event.Body); err != nil {
			return nil, bad("the body isn't base64: %v", err)
		}
	}
	if len(data) > largest {
		return nil, bad("the body has %d bytes; more than %d are not read", len(data), largest)
	}
	return data, nil
}

// decode reads a body into a request's type, strictly: a misspelt field would otherwise silently be none. No body is the zero request.
func decode(data []byte, into any) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return bad("%s: is %s, and has to be %s", kind.Field, kind.Value, word(kind.Type))
	case errors.As(err, &kind):
		return bad("the body is %s, and has to be an object", kind.Value)
	case err != nil && strings.HasPrefix(err.Error(), "json: unknown field "):
		return bad("%s: there is no such field; there are %s", strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`), fields(into))
	case err != nil:
		return bad("the body is not JSON: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return bad("the body is more than one JSON object")
	}
	return nil
}

func bad(format string, args ...any) *refusal {
	return refuse(http.StatusBadRequest, "bad_request", "", format, args...)
}

// fields are the names of a request's.
func fields(of any) string {
	t := reflect.TypeOf(of).Elem()
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func word(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int:
		return "a whole number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	default:
		return t.String()
	}
}
