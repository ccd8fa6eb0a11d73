package cfssl

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// largest is how much of an answer is read, in bytes.
const largest = 1 << 20

// sign goes to authsign when there is a key: the request is then an HMAC-SHA-256 of itself richer.
func (a *Authenticator) sign(ctx context.Context, in, out any) error {
	if a.Key == "" {
		return a.call(ctx, "sign", in, out)
	}
	key, err := hex.DecodeString(a.Key)
	if err != nil {
		return errors.New("the key of the CFSSL server isn't hexadecimal")
	}
	request, err := json.Marshal(in)
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(request)
	return a.call(ctx, "authsign", map[string][]byte{"token": mac.Sum(nil), "request": request}, out)
}

// call posts to an endpoint and reads its result.
func (a *Authenticator) call(ctx context.Context, endpoint string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	to := strings.TrimSuffix(a.URL, "/") + "/api/v1/cfssl/" + endpoint
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	client := a.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("the CFSSL server can't be reached: %w", err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, largest))
	if err != nil {
		return fmt.Errorf("the CFSSL server's answer: %w", err)
	}
	var answer struct {
		Success bool            `json:"success"`
		Result  json.RawMessage `json:"result"`
		Errors  []struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return fmt.Errorf("%s answers %s, which is nothing of CFSSL's", to, res.Status)
	}
	if !answer.Success {
		why := res.Status
		if len(answer.Errors) > 0 {
			why = fmt.Sprintf("%s (code %d)", answer.Errors[0].Message, answer.Errors[0].Code)
		}
		return fmt.Errorf("the CFSSL server refuses %s: %s", endpoint, why)
	}
	if err := json.Unmarshal(answer.Result, out); err != nil {
		return fmt.Errorf("the CFSSL server's answer to %s can't be read: %w", endpoint, err)
	}
	return nil
}
