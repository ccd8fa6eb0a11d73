import base64
import json
import unittest

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from awssim.web_identity import Refused, check

ISSUER, NOW = "ci.example.com", 1_000_000
PRIVATE = rsa.generate_private_key(65537, 2048)


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(n: int) -> str:
    return encode(n.to_bytes((n.bit_length() + 7) // 8, "big"))


def keys(private=PRIVATE) -> dict:
    public = private.public_key().public_numbers()
    return {ISSUER: [{"kid": "1", "kty": "RSA", "e": number(public.e), "n": number(public.n)}]}


def token(algorithm="RS256", **changed) -> str:
    claims = {"iss": "https://" + ISSUER, "sub": "repo:acme/widgets:pull_request", "aud": "sts", "exp": NOW + 60}
    parts = [{"alg": algorithm, "kid": "1"}, {**claims, **changed}]
    signed = ".".join(encode(json.dumps(part).encode()) for part in parts)
    return signed + "." + encode(PRIVATE.sign(signed.encode(), padding.PKCS1v15(), SHA256()))


class Tokens(unittest.TestCase):
    providers = {ISSUER: {"ClientIDList": ["sts"]}}

    def test_one_of_the_issuer(self):
        self.assertIsNone(check(token(), self.providers, keys(), NOW))

    def test_others(self):
        other, another = rsa.generate_private_key(65537, 2048), {"elsewhere": {}}
        for name, text, providers, published, want in (
            ("no token", "x", self.providers, keys(), "not a valid JWT"),
            ("an issuer that nobody trusts", token(), another, keys(), "No OpenIDConnect provider found"),
            ("an issuer without keys", token(), self.providers, {}, "Couldn't retrieve verification key"),
            ("no signature", token("none"), self.providers, keys(), "Couldn't retrieve verification key"),
            ("another's signature", token(), self.providers, keys(other), "signature is invalid"),
            ("an old one", token(exp=NOW), self.providers, keys(), "Token expired"),
            ("one for somebody else", token(aud="other"), self.providers, keys(), "Incorrect token audience"),
        ):
            with self.subTest(name), self.assertRaisesRegex(Refused, want):
                check(text, providers, published, NOW)
