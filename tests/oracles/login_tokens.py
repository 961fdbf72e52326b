"""An identity provider for tests: its keys, good tokens of it, and a zoo of tokens that nobody may believe.

Every specimen that breaks a rule about the text, the header or the claims is signed with the right key, so that only
this rule stands between it and credentials; those that break the signature break nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NOW = 1_800_000_000
ISSUER = "https://login.example.test/tenant"
CLIENT = "client-1"
OTHER_CLIENT = "client-2"
SUBJECT = "user-1"

GARBAGE = "Invalid login token. Not a valid OpenId Connect identity token."
SIGNATURE = "Invalid login token. Couldn't verify signed token."
WRONG_ISSUER = "Invalid login token. Issuer doesn't match providerName"
WRONG_AUDIENCE = "Token is not from a supported provider of this identity pool."

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Json: TypeAlias = dict[str, Any]


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """A key of its own for each name; the same all through one run."""
    return rsa.generate_private_key(65537, 2048)


@cache
def elliptic_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def edwards_key(name: str) -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def jwk(key: PrivateKey, key_id: str, **changed: Any) -> Json:
    """The public half, as an entry of a key set."""
    entry: Json
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        entry = {"kty": "RSA", "alg": "RS256", "n": _number(numbers.n), "e": _number(numbers.e)}
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        point = key.public_key().public_numbers()
        x, y = (b64(number.to_bytes(32, "big")) for number in (point.x, point.y))
        entry = {"kty": "EC", "alg": "ES256", "crv": "P-256", "x": x, "y": y}
    else:
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        entry = {"kty": "OKP", "alg": "EdDSA", "crv": "Ed25519", "x": b64(raw)}
    entry |= {"kid": key_id, "use": "sig", **changed}
    return {name: value for name, value in entry.items() if value is not ...}


def _number(number: int) -> str:
    return b64(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def key_set() -> bytes:
    """What the issuer publishes."""
    return compact({"keys": [jwk(rsa_key("issuer"), "rsa"), jwk(elliptic_key("issuer"), "ec")]})


def claims(**changed: Any) -> Json:
    """Of a good token; `...` leaves one out."""
    all_of_them: Json = {
        "iss": ISSUER,
        "aud": CLIENT,
        "sub": SUBJECT,
        "exp": NOW + 3600,
        "iat": NOW - 60,
        **changed,
    }
    return {name: value for name, value in all_of_them.items() if value is not ...}


def header(**changed: Any) -> Json:
    every: Json = {"alg": "RS256", "kid": "rsa", "typ": "JWT", **changed}
    return {name: value for name, value in every.items() if value is not ...}


Signer: TypeAlias = Callable[[bytes], bytes]


def by_rsa(name: str = "issuer") -> Signer:
    return lambda signed: rsa_key(name).sign(signed, padding.PKCS1v15(), SHA256())


def by_ec(name: str = "issuer") -> Signer:
    def sign(signed: bytes) -> bytes:
        r, s = decode_dss_signature(elliptic_key(name).sign(signed, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign


def forge(head: Json | bytes, payload: Json | bytes, sign: Signer = by_rsa()) -> str:  # noqa: B008  (it has no state)
    """Any token whatever, signed."""
    parts = (part if isinstance(part, bytes) else compact(part) for part in (head, payload))
    signed = ".".join(map(b64, parts))
    return f"{signed}.{b64(sign(signed.encode()))}"


def token(**changed: Any) -> str:
    """A good token, but for the claims given."""
    return forge(header(), claims(**changed))


# --- tokens to believe


def good_tokens() -> dict[str, str]:
    groups = [f"group-{number}" for number in range(500)]
    return {
        "RS256": token(),
        "ES256": forge(header(alg="ES256", kid="ec"), claims(), by_ec()),
        "without a type": forge(header(typ=...), claims()),
        "of the type JWS": forge(header(typ="JWS"), claims()),
        "with a thumbprint of a certificate": forge(header(x5t="dGh1bWI"), claims()),
        "a list of one audience": token(aud=[CLIENT]),
        "two audiences and an authorized party": token(aud=["elsewhere", CLIENT], azp=CLIENT),
        "an authorized party": token(azp=CLIENT),
        "another client as authorized party": token(aud=CLIENT, azp=OTHER_CLIENT),
        "valid from before": token(nbf=NOW - 60),
        "issued by a clock that is ahead": token(iat=NOW + 299, nbf=NOW + 299),
        "times with fractions": token(exp=NOW + 0.5, iat=NOW - 0.5),
        "the last second": token(exp=NOW + 1),
        "other alphabets": token(name="名前 Ünïcödé 🎫"),
        "escapes": forge(header(), compact(claims(name="x")).replace(b'"x"', b'"\\u540d\\ud83c\\udfab"')),
        "groups and nested claims": token(groups=groups, realm={"roles": {"app": ["admin"]}}),
        "token_use id": token(token_use="id"),
        "typ ID": token(typ="ID"),
        "blanks in the JSON": forge(json.dumps(header(), indent=1).encode(), json.dumps(claims(), indent=1).encode()),
        "a subject with colons": token(sub="repo:org/app:environment:dev"),
    }


# --- tokens not to believe


class Specimen(NamedTuple):
    """A token that nobody may believe.

    Attributes:
        cause: the class of the refusal.
        answer: what Cognito says.
        crypto: another library that knows nothing of identity tokens must refuse it too.
        user_pool: it is shown as a token of a user pool.
    """

    name: str
    token: str
    cause: str
    answer: str
    crypto: bool = False
    user_pool: bool = False


@cache
def zoo() -> tuple[Specimen, ...]:
    specimens = (*_algorithms(), *_headers(), *_texts(), *_payloads(), *_signatures(), *_claims())
    assert len({specimen.name for specimen in specimens}) == len(specimens)
    return specimens


def zoo_at(now: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Specimen, ...]:
    """The same animals, for a checker whose clock is not the tests' own."""
    with monkeypatch.context() as changed:
        changed.setattr(sys.modules[__name__], "NOW", now)
        return zoo.__wrapped__()


def of_user_pool(specimen: Specimen, provider: str, audience: str = "web") -> str:
    """The specimen, as a token of this user pool."""
    told = json.loads(base64.urlsafe_b64decode(specimen.token.split(".")[1] + "=="))
    return forge(header(), told | {"iss": f"https://{provider}"} | ({"aud": audience} if "aud" in told else {}))


def _algorithms() -> Iterator[Specimen]:
    def refused(name: str, head: Json, sign: Signer) -> Specimen:
        return Specimen(name, forge(head, claims(), sign), "Unverifiable", SIGNATURE, crypto=True)

    for name in ("none", "None", "nOnE", "NONE", ""):
        yield refused(f"alg `{name}`, no signature", header(alg=name), lambda signed: b"")
        yield refused(f"alg `{name}`, a good signature", header(alg=name), by_rsa())
    for name, value in {"missing": ..., "null": None, "0": 0, "a list": ["RS256"]}.items():
        yield refused(f"alg {name}", header(alg=value), by_rsa())
    for name in ("rs256", "RS256 ", "RS256\0", "RSA-SHA256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"):
        yield refused(f"alg {name!r}", header(alg=name), by_rsa())
    for name, secret in _public_key_bytes().items():
        yield refused(f"HS256 with the public key as {name}", header(alg="HS256"), _hmac(secret, "sha256"))
    yield refused("HS256 with an empty key", header(alg="HS256"), _hmac(b"", "sha256"))
    yield refused("HS384 with the public key", header(alg="HS384"), _hmac(_public_key_bytes()["PEM"], "sha384"))
    yield refused("HS512 with the key id", header(alg="HS512"), _hmac(b"rsa", "sha512"))
    key = rsa_key("issuer")
    yield refused("RS384", header(alg="RS384"), lambda signed: key.sign(signed, padding.PKCS1v15(), SHA384()))
    yield refused("RS512", header(alg="RS512"), lambda signed: key.sign(signed, padding.PKCS1v15(), SHA512()))
    pss = padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size)
    yield refused("PS256 with a key for RS256", header(alg="PS256"), lambda signed: key.sign(signed, pss, SHA256()))
    yield refused("PS256 that is RS256", header(alg="PS256"), by_rsa())
    yield refused("ES256 with the id of the RSA key", header(alg="ES256"), by_ec())
    yield refused("RS256 with the id of the elliptic key", header(kid="ec"), by_rsa())
    yield refused("ES384", header(alg="ES384", kid="ec"), by_ec())
    yield refused("ES256K", header(alg="ES256K", kid="ec"), by_ec())
    yield refused("EdDSA with a key of nobody", header(alg="EdDSA"), edwards_key("attacker").sign)
    yield refused("RSA1_5", header(alg="RSA1_5", enc="A128GCM"), by_rsa())


def _hmac(secret: bytes, hash_name: str) -> Signer:
    return lambda signed: hmac.digest(secret, signed, hash_name)


def _public_key_bytes() -> dict[str, bytes]:
    public = rsa_key("issuer").public_key()
    spki, pkcs1 = PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1
    return {
        "PEM": public.public_bytes(Encoding.PEM, spki),
        "PEM without its last line end": public.public_bytes(Encoding.PEM, spki).rstrip(),
        "PKCS1 PEM": public.public_bytes(Encoding.PEM, pkcs1),
        "DER": public.public_bytes(Encoding.DER, spki),
        "PKCS1 DER": public.public_bytes(Encoding.DER, pkcs1),
        "JWK": compact(jwk(rsa_key("issuer"), "rsa")),
        "an SSH key": public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        "its modulus": _number(public.public_numbers().n).encode(),
    }


def _headers() -> Iterator[Specimen]:
    attacker = jwk(rsa_key("attacker"), "rsa")

    def refused(name: str, head: Json | bytes, cause: str = "Unverifiable", answer: str = SIGNATURE) -> Specimen:
        return Specimen(name, forge(head, claims()), cause, answer)

    yield refused("crit of something unknown", header(crit=["exp"], exp=NOW))
    yield refused("crit of nothing", header(crit=[]))
    yield refused("b64 false", header(b64=False, crit=["b64"]))
    yield refused("b64 false, not critical", header(b64=False))
    yield refused("b64 true", header(b64=True))
    yield refused("jku", header(jku="https://attacker.test/keys"))
    yield refused("x5u", header(x5u="https://attacker.test/certificate"))
    yield refused("x5c", header(x5c=["MIIB"]))
    yield refused("zip", header(zip="DEF"))
    yield refused("enc", header(enc="A256GCM"))
    yield refused("a nested token", header(cty="JWT"))
    brings = forge(header(jwk=attacker), claims(), by_rsa("attacker"))
    yield Specimen("a key of its own in jwk", brings, "Unverifiable", SIGNATURE, crypto=True)
    unknown = {
        "unknown": "nobody",
        "a path": "../../../../dev/null",
        "SQL": "x' UNION SELECT 'k",
        "a URL": "https://x.test/k",
    }
    for name, key_id in unknown.items():
        made = forge(header(kid=key_id), claims())
        yield Specimen(f"kid {name}", made, "UnknownKey", SIGNATURE, crypto=True)
    for name, value in {
        "missing": ...,
        "null": None,
        "a number": 1,
        "empty": "",
        "a list": ["rsa"],
        "long": "r" * 257,
    }.items():
        yield refused(f"kid {name}", header(kid=value))
    for kind in ("at+jwt", "application/at+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt", "JOSE+JSON", "", 1, None):
        yield refused(f"typ {kind!r}", header(typ=kind), "NotAnIdToken", GARBAGE)
    garbage = ("Unreadable", GARBAGE)
    yield refused("alg twice", b'{"alg":"none","kid":"rsa","alg":"RS256"}', *garbage)
    yield refused("kid twice, once in escapes", b'{"alg":"RS256","kid":"rsa","\\u006bid":"rsa"}', *garbage)
    yield refused("a header that is a list", b'["RS256"]', *garbage)
    yield refused("a header that is text", b'"RS256"', *garbage)
    yield refused("an empty header", b"{}")
    yield refused("a header of blanks", b"  ", *garbage)
    yield refused("a long header", header(pad="x" * 4096), *garbage)


def _texts() -> Iterator[Specimen]:
    good = token()
    head, payload, signature = good.split(".")
    flattened = {"protected": head, "payload": payload, "signature": signature}
    general = {"payload": payload, "signatures": [{"protected": head, "signature": signature}]}
    texts = {
        "no text": "",
        "a word": "token",
        "dots": "..",
        "a user name and password": "dXNlcjpwYXNzd29yZA==",
        "an opaque access token": "EAACEdEose0cBAJ" + "x" * 160,
        "two parts": f"{head}.{payload}",
        "four parts": f"{good}.",
        "five parts": f"{good}.{payload}.{signature}",
        "flattened JSON": compact(flattened).decode(),
        "general JSON": compact(general).decode(),
        "JSON with an empty list of signatures": compact({"payload": payload, "signatures": []}).decode(),
        "a detached payload": f"{head}..{signature}",
        "a line end at the end": f"{good}\n",
        "a blank before": f" {good}",
        "a blank inside": f"{head}. {payload}.{signature}",
        "Bearer": f"Bearer {good}",
        "padding on the header": f"{head}{'=' * (-len(head) % 4) or '===='}.{payload}.{signature}",
        "padding on the signature": f"{good}==",
        "a zero byte": f"{good}\0",
        "full width letters": good.replace("e", "ｅ", 1),
        "the letter K of Kelvin": good.replace(".", "\u212a.", 1),
        "a lone surrogate": f"{good}\ud800",
        "too long": token(pad="x" * 50_000),
        "only a header": f"{head}..",
    }
    for name, text in texts.items():
        yield Specimen(name, text, "Unreadable", GARBAGE, crypto=name not in ("a lone surrogate", "too long"))
    yield Specimen(
        "another spelling of the signature", head + "." + payload + "." + _respelled(signature), *_UNREADABLE
    )
    yield Specimen("the standard alphabet", _in_standard_alphabet(), *_UNREADABLE)


_UNREADABLE = ("Unreadable", GARBAGE)


def _respelled(part: str) -> str:
    """The same bytes, with other bits where none count."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert len(part) % 4 == 2
    return part[:-1] + alphabet[alphabet.index(part[-1]) + 1]


def _in_standard_alphabet() -> str:
    """A signature with `+` or `/`, which nearly every signature has."""
    number = 0
    while not set((made := token(number=number)).rpartition(".")[2]) & set("-_"):
        number += 1
    head, _, signature = made.rpartition(".")
    return f"{head}.{signature.replace('-', '+').replace('_', '/')}"


def _payloads() -> Iterator[Specimen]:
    whole = compact(claims())
    payloads = {
        "aud twice": whole[:-1] + b',"aud":"elsewhere"}',
        "sub twice, once in escapes": whole[:-1] + b',"s\\u0075b":"admin"}',
        "a member twice, deep inside": whole[:-1] + b',"realm":{"a":{"b":1,"b":2}}}',
        "a list": b"[" + whole + b"]",
        "text": compact(whole.decode()),
        "null": b"null",
        "a number": b"1",
        "something behind": whole + b"{}",
        "a comment": whole + b"//",
        "a trailing comma": whole[:-1] + b",}",
        "single quotes": whole.replace(b'"', b"'"),
        "exp NaN": whole[:-1].replace(b'"exp":%d' % (NOW + 3600), b'"exp":NaN') + b"}",
        "exp Infinity": whole[:-1].replace(b'"exp":%d' % (NOW + 3600), b'"exp":Infinity') + b"}",
        "exp 1e999": whole[:-1].replace(b'"exp":%d' % (NOW + 3600), b'"exp":1e999') + b"}",
        "exp of 5000 digits": whole[:-1].replace(b'"exp":%d' % (NOW + 3600), b'"exp":' + b"9" * 5000) + b"}",
        "17 deep": whole[:-1] + b',"x":' + b"[" * 16 + b"]" * 16 + b"}",
        "10,000 deep": whole[:-1] + b',"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        "not UTF-8": whole[:-1] + b',"x":"\xff"}',
        "UTF-8 that is too long": whole[:-1] + b',"x":"\xc0\xaf"}',
        "UTF-16": whole.decode().encode("utf-16"),
        "a byte order mark": b"\xef\xbb\xbf" + whole,
        "half of a surrogate pair": whole[:-1] + b',"x":"\\ud800"}',
        "half of a surrogate pair as a name": whole[:-1] + b',"\\udfff":1}',
        "a line end in a text": whole[:-1] + b',"x":"\n"}',
        "nothing": b" ",
    }
    for name, payload in payloads.items():
        yield Specimen(f"payload: {name}", forge(header(), payload), *_UNREADABLE)


def _signatures() -> Iterator[Specimen]:
    def refused(name: str, text: str) -> Specimen:
        return Specimen(name, text, "Unverifiable", SIGNATURE, crypto=True)

    def elliptic(name: str, signature: bytes) -> Specimen:
        return refused(name, forge(header(alg="ES256", kid="ec"), claims(), lambda signed: signature))

    good = token()
    head, payload, signature = good.split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    yield refused("another subject, the old signature", f"{head}.{b64(compact(claims(sub='admin')))}.{signature}")
    yield refused("another header, the old signature", f"{b64(compact(header(x=1)))}.{payload}.{signature}")
    yield refused("the signature of another token", f"{head}.{payload}.{token(sub='x').rpartition('.')[2]}")
    yield refused("signed by another key", forge(header(), claims(), by_rsa("attacker")))
    yield refused("signed by another elliptic key", forge(header(alg="ES256", kid="ec"), claims(), by_ec("attacker")))
    yield refused("no signature", f"{head}.{payload}.")
    yield refused("a signature of one byte", f"{head}.{payload}.AA")
    yield refused("a signature that was cut", f"{head}.{payload}.{b64(raw[:-1])}")
    yield refused("a signature with a byte more", f"{head}.{payload}.{b64(raw + bytes(1))}")
    yield refused("a zero before the signature", f"{head}.{payload}.{b64(bytes(1) + raw)}")
    yield refused("a bit of the signature", f"{head}.{payload}.{b64(bytes([raw[0] ^ 1]) + raw[1:])}")
    yield refused("the signature 0", f"{head}.{payload}.{b64(bytes(256))}")
    yield refused("the signature 1", f"{head}.{payload}.{b64(bytes(255) + bytes([1]))}")
    yield refused(
        "signed over the bytes, not their base64", forge(header(), claims(), lambda s: by_rsa()(compact(claims())))
    )
    digest = hashlib.sha256(b"x").digest()
    yield refused("the hash as signature", f"{head}.{payload}.{b64(digest)}")
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    yield elliptic("elliptic, r and s 0", bytes(64))
    yield elliptic("elliptic, r and s the order", order.to_bytes(32, "big") * 2)
    yield elliptic("elliptic, r 1 and s 0", bytes(31) + b"\1" + bytes(32))
    yield elliptic("elliptic, empty", b"")
    yield refused("elliptic, a DER signature", forge(header(alg="ES256", kid="ec"), claims(), _der))
    for name, change in _LENGTHS.items():
        yield refused(f"elliptic, {name}", forge(header(alg="ES256", kid="ec"), claims(), _changed(change)))


_LENGTHS: dict[str, Signer] = {
    "63 bytes": lambda signature: signature[:-1],
    "65 bytes": lambda signature: signature + b"\0",
    "twice": lambda signature: signature * 2,
}


def _changed(change: Signer) -> Signer:
    return lambda signed: change(by_ec()(signed))


def _der(signed: bytes) -> bytes:
    return elliptic_key("issuer").sign(signed, ec.ECDSA(SHA256()))


def _claims() -> Iterator[Specimen]:
    yield from _issuers_and_audiences()
    yield from _subjects_and_uses()
    yield from _times()


def _issuers_and_audiences() -> Iterator[Specimen]:
    issuers: dict[str, Any] = {
        "another": "https://attacker.test",
        "with a slash": f"{ISSUER}/",
        "a longer one": f"{ISSUER}x",
        "a shorter one": ISSUER[:-1],
        "in capitals": ISSUER.upper(),
        "without the scheme": ISSUER.removeprefix("https://"),
        "over http": ISSUER.replace("https", "http"),
        "with the port": ISSUER.replace(".test/", ".test:443/"),
        "with a blank": f"{ISSUER} ",
        "with a zero": f"{ISSUER}\0",
        "a list": [ISSUER],
        "null": None,
        "a number": 1,
        "Cognito itself": "https://cognito-identity.amazonaws.com",
    }
    for name, value in issuers.items():
        yield Specimen(f"iss {name}", token(iss=value), "WrongIssuer", WRONG_ISSUER)
    audiences: dict[str, Json] = {
        "another": {"aud": "elsewhere"},
        "the issuer": {"aud": ISSUER},
        "a longer one": {"aud": f"{CLIENT}x"},
        "a shorter one": {"aud": CLIENT[:-1]},
        "in capitals": {"aud": CLIENT.upper()},
        "empty": {"aud": ""},
        "an empty list": {"aud": []},
        "both clients in one text": {"aud": f"{CLIENT} {OTHER_CLIENT}"},
        "two, nobody authorized": {"aud": [CLIENT, "elsewhere"]},
        "two of ours, nobody authorized": {"aud": [CLIENT, OTHER_CLIENT]},
        "two, the other authorized": {"aud": [CLIENT, "elsewhere"], "azp": "elsewhere"},
        "ours, another authorized": {"aud": CLIENT, "azp": "elsewhere"},
        "another, ours authorized": {"aud": "elsewhere", "azp": CLIENT},
        "ours, nothing authorized": {"aud": CLIENT, "azp": ""},
        "ours, null authorized": {"aud": CLIENT, "azp": None},
        "ours, a list authorized": {"aud": CLIENT, "azp": [CLIENT]},
    }
    for name, changed in audiences.items():
        yield Specimen(f"aud {name}", token(**changed), "WrongAudience", WRONG_AUDIENCE)
    for name, value in {
        "null": None,
        "a number": 1,
        "an object": {CLIENT: True},
        "a list of lists": [[CLIENT]],
    }.items():
        yield Specimen(f"aud {name}", token(aud=value), *_UNREADABLE)
    for claim in ("iss", "aud", "sub", "exp", "iat"):
        answer = f"Invalid login token. Missing a required claim: {claim}"
        yield Specimen(f"no {claim}", token(**{claim: ...}), "MissingClaim", answer)


def _subjects_and_uses() -> Iterator[Specimen]:
    subjects = {"empty": "", "null": None, "a number": 7, "a list": ["a"], "long": "x" * 256}
    subjects |= {"with a line end": "a\r\nx-gatepass-account: 1", "with a zero": "a\0", "not ASCII": "admın"}
    for name, value in subjects.items():
        yield Specimen(f"sub {name}", token(sub=value), *_UNREADABLE)
    access = claims(aud=..., token_use="access", client_id=CLIENT, scope="openid", username="u")
    missing = "Invalid login token. Missing a required claim: aud"
    yield Specimen("an access token of a user pool", forge(header(), access), "MissingClaim", missing, user_pool=True)
    other = "NotAnIdToken", GARBAGE
    for value in ("access", "refresh", "ID", "", None, ["id"], True):
        made = token(token_use=value)
        yield Specimen(f"token_use {value!r}", made, *other)
        yield Specimen(f"token_use {value!r} of a user pool", made, *other, user_pool=True)
    yield Specimen("no token_use in a user pool's", token(), *other, user_pool=True)
    for value in ("Bearer", "Refresh", "Offline", "Logout", "at+jwt", 1, None):
        yield Specimen(f"typ {value!r} among the claims", token(typ=value), *other)
    events: Json = {"http://schemas.openid.net/event/backchannel-logout": {}}
    yield Specimen("a logout token", token(events=events), *other)


def _times() -> Iterator[Specimen]:
    for name, value in {
        "now": NOW,
        "a second ago": NOW - 1,
        "years ago": 1_000_000_000,
        "zero": 0,
        "just now": NOW - 0.5,
    }.items():
        answer = f"Invalid login token. Token expired: {NOW} >= {int(value)}"
        yield Specimen(f"exp {name}", token(exp=value), "Expired", answer)
    no_times: dict[str, Any] = {
        "text": str(NOW + 3600),
        "true": True,
        "null": None,
        "a list": [NOW + 3600],
        "negative": -1,
    }
    for claim in ("exp", "iat", "nbf"):
        for name, value in no_times.items():
            yield Specimen(f"{claim} {name}", token(**{claim: value}), *_UNREADABLE)
    later = "NotYetValid", GARBAGE
    yield Specimen("nbf in 301 seconds", token(nbf=NOW + 301), *later)
    yield Specimen("iat in 301 seconds", token(iat=NOW + 301), *later)
    yield Specimen("iat in milliseconds", token(iat=NOW * 1000), *later)
    yield Specimen("iat ahead, nbf not", token(iat=NOW + 3000, nbf=NOW - 60), *later)
