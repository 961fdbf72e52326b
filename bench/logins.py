"""Verifying a login token whose key is known: text, claims and signature, beside PyJWT and joserfc alone.

PyJWT and joserfc check issuer, audience and times too, but read headers and JSON as leniently as they do for everybody.
What cannot be had for less is the signature itself.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence

import jwt
from bench.harness import Row, at_most, interleave, main, microseconds, ratio
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwk
from joserfc import jwt as joserfc

from gatepass.issuers import Issuers
from gatepass.issuers.addresses import Reach, Url
from gatepass.issuers.fetching import Fetched
from gatepass.tokens.jwt_text import read
from gatepass.tokens.oidc import Expected

ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab1Cd2Ef3"
CLIENT = "5ov3i0gfrej294f05tjmhff52n"
NOW = 4_000_000_000
CLAIMS = {
    "iss": ISSUER,
    "aud": CLIENT,
    "sub": "a92151f2-a091-4a9d-ae61-d560110fe52a",
    "exp": NOW + 3600,
    "iat": 1_790_000_000,
    "token_use": "id",
    "auth_time": 1_790_000_000,
    "cognito:username": "a92151f2-a091-4a9d-ae61-d560110fe52a",
    "cognito:groups": ["admin", "staff"],
    "email": "alice@example.com",
    "email_verified": True,
}
EXPECTED = Expected((ISSUER,), frozenset({CLIENT}), token_use=True)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def ours(entry: Mapping[str, object], token: str) -> Callable[[], object]:
    """With the key in the cache nothing is waited for, so one step runs the whole."""

    async def fetch(url: Url, reach: Reach) -> Fetched:
        return Fetched(json.dumps({"keys": [entry]}).encode(), None)

    issuers = Issuers(fetch=fetch)
    asyncio.run(issuers.verify(token, EXPECTED, NOW))

    def verify() -> object:
        try:
            issuers.verify(token, EXPECTED, NOW).send(None)
        except StopIteration as done:
            return done.value
        raise AssertionError("it waits")

    return verify


def candidates(algorithm: str, key: PrivateKey) -> dict[str, Callable[[], object]]:
    imported = jwk.RSAKey.import_key(key) if isinstance(key, rsa.RSAPrivateKey) else jwk.ECKey.import_key(key)
    entry = {**imported.as_dict(private=False), "kid": "key", "alg": algorithm, "use": "sig"}
    token = jwt.encode(CLAIMS, key, algorithm, headers={"kid": "key"})
    public = key.public_key()
    unverified = read(token)
    second = jwk.RSAKey.import_key(entry) if algorithm == "RS256" else jwk.ECKey.import_key(entry)
    rules = joserfc.JWTClaimsRegistry(iss={"value": ISSUER}, aud={"value": CLIENT}, exp={"essential": True})
    found: dict[str, Callable[[], object]] = {
        "gatepass": ours(entry, token),
        "PyJWT": lambda: jwt.decode(token, public, [algorithm], audience=CLIENT, issuer=ISSUER),
        "joserfc": lambda: rules.validate(joserfc.decode(token, second, algorithms=[algorithm]).claims),
    }
    if isinstance(public, rsa.RSAPublicKey):
        found["signature"] = lambda: public.verify(
            unverified.signature, unverified.signed, padding.PKCS1v15(), SHA256()
        )
    return found


def run(rounds: int) -> Sequence[Row]:
    rows: list[Row] = []
    keys: dict[str, PrivateKey] = {
        "RS256": rsa.generate_private_key(65537, 2048),
        "ES256": ec.generate_private_key(ec.SECP256R1()),
    }
    for algorithm, key in keys.items():
        timings = interleave(candidates(algorithm, key), rounds=rounds, clock=time.process_time)
        rows += [microseconds(timings, name, f"{algorithm}: {name}") for name in timings]
        rows.append(at_most(f"{algorithm}: against PyJWT", ratio(timings, "gatepass", "PyJWT"), 1))
    return rows


if __name__ == "__main__":
    sys.exit(main(run, description=__doc__ or ""))
