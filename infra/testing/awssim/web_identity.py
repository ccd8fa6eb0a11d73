"""AssumeRoleWithWebIdentity looks at the token as STS does; ministack believes whatever a token says.

A token is a JWT, signed by an issuer whom the account has an identity provider for (RFC 7519, RFC 7515). STS fetches
the issuer's keys from its address; here POST /_awssim/issuer says what they are. The trust policy of the role, with its
conditions on the claims, is ministack's part.
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
"""
from __future__ import annotations

import base64
import json
import time
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from ministack import app
from ministack.services import iam, sts

_keys: dict[str, list[dict]] = {}  # JWKs by issuer, without its https://


def publish(issuer: str, keys: list[dict]) -> None:
    """Makes the public keys of an issuer known (RFC 7517); RSA only."""
    _keys[issuer] = keys


class Refused(Exception):
    def __init__(self, message: str, code: str = "InvalidIdentityToken"):
        super().__init__(message)
        self.code = code


def check(token: str, providers: dict[str, dict], keys: dict[str, list[dict]], now: float) -> None:
    """Raises Refused, in STS's words. providers are the account's, by issuer."""
    try:
        signed, _, signature = token.rpartition(".")
        header, claims = (json.loads(decode(part)) for part in signed.split("."))
        issuer = claims["iss"].removeprefix("https://")
        signature = decode(signature)
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise Refused("The ID Token provided is not a valid JWT. "
                      "(You may see this error if you sent an Access Token)") from err
    if issuer not in providers:
        raise Refused(f"No OpenIDConnect provider found in your account for https://{issuer}")
    key = next((k for k in keys.get(issuer, []) if k.get("kid") == header.get("kid")), None)
    if key is None or header.get("alg") != "RS256":
        raise Refused("Couldn't retrieve verification key from your identity provider, "
                      "please reference AssumeRoleWithWebIdentity documentation for requirements")
    try:
        public_key(key).verify(signature, signed.encode(), padding.PKCS1v15(), SHA256())
    except InvalidSignature as err:
        raise Refused("Provided Token's signature is invalid") from err
    if claims.get("exp", 0) <= now:
        raise Refused(f"Token expired: current date/time {now:.0f} must be before the expiration date/time "
                      f"{claims.get('exp')}", "ExpiredTokenException")
    if claims.get("aud") not in providers[issuer]["ClientIDList"]:
        raise Refused("Incorrect token audience")


def decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def public_key(jwk: dict) -> rsa.RSAPublicKey:
    e, n = (int.from_bytes(decode(jwk[name]), "big") for name in ("e", "n"))
    return rsa.RSAPublicNumbers(e, n).public_key()


def providers_beside(role: str) -> dict[str, dict]:
    """The identity providers of the role's account, whatever account the caller is taken to be of."""
    prefix = role.partition(":role/")[0] + ":oidc-provider/"
    everybodys = list(iam._oidc_providers._data.values())
    return {p["Arn"].removeprefix(prefix): p for p in everybodys if p["Arn"].startswith(prefix)}


async def handle(method, path, headers, body, query, _handle=sts.handle_request):
    form = parse_qs((body or b"").decode("utf-8", "replace"))
    asked = {name: values[0] for name, values in {**query, **form}.items()}
    if app.AUTH and asked.get("Action") == "AssumeRoleWithWebIdentity":
        try:
            check(asked.get("WebIdentityToken", ""), providers_beside(asked.get("RoleArn", "")), _keys, time.time())
        except Refused as err:
            return sts._error(400, err.code, str(err), ns="sts")
    return await _handle(method, path, headers, body, query)


def install() -> None:
    sts.handle_request = handle
