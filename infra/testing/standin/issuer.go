package standin

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"testing"
	"time"
)

// Issuer signs tokens that say who somebody is, as CI services do for their jobs (OpenID Connect).
type Issuer struct {
	host string
	key  *rsa.PrivateKey
}

// keyID names an issuer's only key.
const keyID = "1"

// Issuer makes an issuer by its host, such as "token.actions.githubusercontent.com", whose public key the stand-in knows
// as STS would after a look at that host. Another one of the same host takes its place.
func (c *Cloud) Issuer(t testing.TB, host string) *Issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public := map[string]string{"kid": keyID, "kty": "RSA", "alg": "RS256",
		"n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes())}
	c.control(t, http.MethodPost, "issuer", map[string]any{"issuer": host, "keys": []any{public}}, nil)
	return &Issuer{host, key}
}

// Token returns a JSON web token with these claims, valid for five minutes, for AssumeRoleWithWebIdentity.
func (i *Issuer) Token(t testing.TB, claims map[string]any) string {
	t.Helper()
	all := map[string]any{"iss": "https://" + i.host, "iat": time.Now().Unix(), "exp": time.Now().Add(5 * time.Minute).Unix()}
	maps.Copy(all, claims)
	signed := part(t, map[string]any{"typ": "JWT", "alg": "RS256", "kid": keyID}) + "." + part(t, all)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + encode(signature)
}

func part(t testing.TB, value map[string]any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return encode(data)
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
