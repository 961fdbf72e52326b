"""What is accepted, by a verifier that knows the signer and by one that does not, and what it says then."""

import gc
import sys
from collections.abc import Callable
from types import FunctionType, MethodType, ModuleType

import pytest
from tests.unit.sigv4.world import (
    DATE,
    GUEST,
    HOST,
    LIFETIME,
    NOW,
    OTHER,
    REGION,
    ROOT,
    SERVICE,
    Gate,
    also,
    by_hand,
    edited,
    header,
    plain_request,
    presigned,
    principal,
    signed,
    with_header,
    without,
)

from gatepass.errors import ExpiredToken, MissingAuthenticationToken, SignatureMismatch, UnrecognizedClient
from gatepass.http import Request
from gatepass.sigv4 import Key, Keys, Verified, Verifier, payload_hash, presign, sign

TOKEN = str(GUEST.session_token).encode()
SOMEBODY = principal("AKIAQAAAAAASOMEBODY1")
HTTP_DATE = b"Wed, 15 Jul 2026 11:34:56 GMT"


def upload(**options: object) -> Request:
    return signed(method="PUT", body=b"\x00\xff" * 5000, query=b"", options=options or None)


ACCEPTED: dict[str, Callable[[], Request]] = {
    "a session": signed,
    "a long-lived key": lambda: signed(ROOT),
    "no query": lambda: signed(query=b""),
    "a body": upload,
    "a body whose hash is in a header": lambda: upload(sign_payload_header=True),
    "a body on GET": lambda: signed(body=b"x"),
    "the hash of the body in an unsigned header": lambda: also(
        signed(), b"x-amz-content-sha256", payload_hash(b"").encode()
    ),
    "an unsigned token": lambda: signed(options={"sign_session_token": False}),
    "headers of hops": lambda: also(
        also(also(signed(), b"x-amz-cf-id", b"1"), b"x-amzn-trace-id", b"Root=1"), b"x-forwarded-for", b"::1"
    ),
    "headers that prove nothing": lambda: also(also(signed(), b"cookie", b"a"), b"cookie", b"b"),
    "a repeated signed header": lambda: signed(headers=[(b"host", HOST), (b"my-header", b"a"), (b"my-header", b"b")]),
    "white space to fold": lambda: signed(headers=[(b"host", HOST), (b"my-header", b'  "a   b"\tc ')]),
    "single blanks": lambda: signed(headers=[(b"host", HOST), (b"accept", b"application/json, text/plain, */*")]),
    "bytes that are no ASCII": lambda: signed(headers=[(b"host", HOST), (b"my-header", b"caf\xc3\xa9 \xff")]),
    "percent signs in a name and a value": lambda: signed(headers=[(b"host", HOST), (b"x-%b", b"%b %s")]),
    "a path as encoded": lambda: signed(path=b"/prod/caf%C3%A9/%2F/a%20b"),
    "a path as typed": lambda: signed(path=b"/prod/caf\xc3\xa9/a b/@x=$1"),
    "dots, signed as resolved": lambda: signed(path=b"/prod/./a/../b//c/"),
    "dots, signed as sent": lambda: signed(path=b"/prod/./a/../b//c/", options={"normalise": False}),
    "a query to encode": lambda: signed(query=b"$filter=id eq 1&b=\xc3\xa4&a=%zz&a=+&flag&=x&&%7e=~"),
    "names that are prefixes of each other": lambda: signed(query=b"a-b=1&a=2&a.b=3&a1=4&A=5"),
    "an unusual method": lambda: signed(method="PROPFIND"),
    "a host with a port": lambda: signed(headers=[(b"host", b"localhost:8080")]),
    "an address of version 6": lambda: signed(headers=[(b"host", b"[::1]:8080")]),
    "a host with an underscore": lambda: signed(headers=[(b"host", b"api_gateway:80")]),
    "no blanks in Authorization": lambda: edited(edited(signed(), b", ", b","), b", ", b","),
    "blanks alone in Authorization": lambda: edited(edited(signed(), b", ", b" "), b", ", b"   "),
    "Authorization in another order": lambda: reordered(signed()),
    "white space around the date": lambda: with_header(signed(), b"x-amz-date", b" " + DATE.encode() + b"\t"),
    "the date of HTTP": lambda: by_hand(b"date;host", headers=[(b"host", HOST), (b"date", HTTP_DATE)]),
    "the basic form in the date of HTTP": lambda: by_hand(
        b"date;host", headers=[(b"host", HOST), (b"date", DATE.encode())]
    ),
    "another date of HTTP beside ours": lambda: also(signed(), b"date", b"Thu, 01 Jan 1970 00:00:00 GMT"),
    "host alone signed": lambda: by_hand(b"host"),
    "presigned": presigned,
    "presigned, a long-lived key": lambda: presigned(ROOT),
    "presigned, no query of its own": lambda: presigned(query=b""),
    "presigned, a body": lambda: presigned(method="POST", body=b"a=1"),
    "presigned, in any order": lambda: shuffled(presigned()),
    "presigned, headers that were not signed": lambda: also(presigned(), b"user-agent", b"curl"),
    "presigned, the token not signed": lambda: token_after(),
    "presigned for a week": lambda: presigned(ROOT, expires=604800),
    "a header of exactly 16 KiB": lambda: also(signed(), b"cookie", b"x" * (16384 - len(b"cookie"))),
    "a query of exactly 8 KiB": lambda: signed(query=b"a=" + b"x" * 8190),
    "exactly 100 signed headers": lambda: signed(headers=[(b"host", HOST), *[(b"x-%02d" % n, b"") for n in range(97)]]),
}


def reordered(request: Request) -> Request:
    algorithm, *pieces = header(request, b"authorization").replace(b",", b"").split(b" ")
    return with_header(request, b"authorization", algorithm + b" " + b", ".join(reversed(pieces)))


def shuffled(request: Request) -> Request:
    return request._replace(query=b"&".join(sorted(request.query.split(b"&"), reverse=True)))


def token_after() -> Request:
    request = plain_request()
    options = {"region": REGION, "service": SERVICE, "now": NOW, "expires": 60, "sign_session_token": False}
    return request._replace(query=presign(request, GUEST, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
@pytest.mark.parametrize("build", [pytest.param(build, id=name) for name, build in ACCEPTED.items()])
def test_is_accepted(build: Callable[[], Request], known: bool) -> None:
    gate = Gate(known)
    gate.show(build())
    assert isinstance(gate.verify(build()), Verified)


def test_says_who_signed_what_and_when() -> None:
    gate = Gate()
    for _ in range(2):
        verified = gate.verify(signed())
        assert verified == Verified(
            principal=principal(GUEST.access_key_id),
            signed_headers=frozenset((b"accept", b"host", b"x-amz-date", b"x-amz-security-token")),
            presigned=False,
            date=NOW,
        )


def test_says_that_a_request_was_presigned() -> None:
    verified = Gate().verify(presigned(), NOW + 60)
    assert (verified.presigned, verified.date) == (True, NOW)
    assert verified.signed_headers == {b"accept", b"host"}


def test_never_calls_an_unsigned_header_signed() -> None:
    gate = Gate()
    for _ in range(2):
        assert b"user-agent" not in gate.verify(also(signed(), b"user-agent", b"curl")).signed_headers


@pytest.mark.parametrize("service", ["execute-api", "cognito-identity", "sts", "iam"])
@pytest.mark.parametrize("region", ["us-east-1", REGION])
def test_serves_any_service_in_any_of_its_regions(service: str, region: str) -> None:
    gate = Gate(service=service, regions=("us-east-1", REGION))
    request = plain_request(method="POST")
    request = request._replace(
        headers=[*request.headers, *sign(request, ROOT, region=region, service=service, now=NOW)]
    )
    assert gate.verify(request).principal.access_key_id == ROOT.access_key_id


def test_a_mismatch_tells_what_should_have_been_signed() -> None:
    with pytest.raises(SignatureMismatch) as caught:
        Gate().verify(signed()._replace(path=b"/prod/caf%C3%A9"))
    digest = payload_hash(caught.value.canonical_request)
    assert caught.value.canonical_request == (
        b"GET\n/prod/caf%25C3%25A9\na=1&b=2\naccept:*/*\nhost:" + HOST + b"\nx-amz-date:20260715T113456Z\n"
        b"x-amz-security-token:" + TOKEN + b"\n\naccept;host;x-amz-date;x-amz-security-token\n"
        b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert caught.value.string_to_sign == (
        f"AWS4-HMAC-SHA256\n20260715T113456Z\n20260715/eu-west-1/execute-api/aws4_request\n{digest}".encode()
    )


def test_a_presigned_mismatch_leaves_the_signature_out() -> None:
    with pytest.raises(SignatureMismatch) as caught:
        Gate().verify(presigned()._replace(path=b"/other"))
    assert b"X-Amz-Signature" not in caught.value.canonical_request
    assert b"X-Amz-Security-Token=" in caught.value.canonical_request


# --- the clock


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
@pytest.mark.parametrize("apart", [-300, -299, -1, 0, 0.999, 1, 300, 300.999])
def test_five_minutes_either_way(apart: float, known: bool) -> None:
    gate = Gate(known)
    gate.show(signed(ROOT))
    assert gate.verify(signed(ROOT), NOW + apart)


@pytest.mark.parametrize("apart", [-300, 0, 900, 900.5])
def test_a_presigned_request_lives_from_five_minutes_before_its_date_to_its_end(apart: float) -> None:
    assert Gate().verify(presigned(ROOT), NOW + apart)


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_over_midnight(known: bool) -> None:
    midnight, gate = 1_784_160_000, Gate(known)
    gate.show(signed(ROOT, now=midnight + 2), midnight)
    gate.show(signed(ROOT, now=midnight - 2), midnight)
    assert gate.verify(signed(ROOT, now=midnight - 1), midnight + 200)
    assert gate.verify(signed(ROOT, now=midnight + 1), midnight - 200)


def test_on_a_leap_day() -> None:
    leap_day = 1_835_431_200  # 29 February 2028
    request = signed(ROOT, now=leap_day)
    assert header(request, b"x-amz-date").startswith(b"20280229")
    assert Gate().verify(request, leap_day)


# --- what is remembered


def test_a_session_ends_for_a_known_signer_too() -> None:
    gate = Gate()
    gate.verify(signed(now=NOW + LIFETIME - 1), NOW + LIFETIME - 0.5)
    with pytest.raises(ExpiredToken):
        gate.verify(signed(now=NOW + LIFETIME - 1), NOW + LIFETIME)


def test_a_revoked_key_is_refused_once_the_verifier_is_told() -> None:
    gate = Gate()
    gate.verify(signed())
    del gate.keys[GUEST]
    gate.verifier.forget()
    with pytest.raises(UnrecognizedClient):
        gate.verify(signed())


def test_a_key_revoked_while_it_is_verified_is_not_remembered() -> None:
    gate = Gate()

    def look_up_and_lose(access_key_id: str, session_token: str | None, now: float) -> object:
        key = gate.look_up(access_key_id, session_token, now)
        gate.keys.clear()
        gate.verifier.forget()
        return key

    gate.verifier = Verifier(look_up_and_lose, service=SERVICE, regions=[REGION])  # type: ignore[arg-type]
    gate.verify(signed())
    with pytest.raises(UnrecognizedClient):
        gate.verify(signed())


def test_one_key_with_two_tokens_is_two_signers() -> None:
    renewed = GUEST._replace(session_token="IQoJb3JpZ2luX2Vj/renewed==")
    gate = Gate(keys={GUEST: NOW + 60, renewed: NOW + LIFETIME})
    options = {"sign_session_token": False}
    for keys in (GUEST, renewed, GUEST):
        assert gate.verify(signed(keys, options=options))
    with pytest.raises(ExpiredToken):
        gate.verify(signed(options=options), NOW + 60)
    assert gate.verify(signed(renewed, options=options), NOW + 60)


def test_refused_requests_teach_nothing() -> None:
    gate = Gate()
    request = signed(options={"sign_session_token": False})
    authorization = header(request, b"authorization")
    forged = [
        edited(request, b"Credential=ASIA", b"Credential=ASIB"),
        without(request, b"x-amz-security-token"),
        with_header(request, b"authorization", authorization[:-64] + b"0" * 64),
    ]
    gate.verify(request)
    before = held(gate.verifier)
    for n in range(100):
        for one in forged:
            with pytest.raises((UnrecognizedClient, SignatureMismatch)):
                gate.verify(also(one, b"x-%d" % n, b"")._replace(path=b"/%d" % n))
    assert held(gate.verifier) == before


def test_many_signers_take_bounded_memory() -> None:
    def look_up(access_key_id: str, session_token: str | None, now: float) -> Key:
        return Key("many/secret", SOMEBODY, None)

    verifier = Verifier(look_up, service=SERVICE, regions=[REGION])
    most = 0
    for n in range(5000):
        keys = Keys(f"ASIAQAAAAAAMANYKEY{n:04}", "many/secret", f"IQoJb3JpZ2luX2Vj/{n:04}" + "x" * 900)
        request = also(signed(keys, path=b"/%d" % n, query=b"", now=NOW + n % 300), b"x-%d" % n, b"")
        verifier.verify(request, payload_hash(b""), NOW)
        if n % 500 == 0:
            most = max(most, held(verifier))
    assert 1_000_000 < most < 8_000_000


def held(root: object) -> int:
    """Bytes of all that can be reached from it; what all programs share (classes, functions, modules) left out."""
    seen: set[int] = set()
    size, waiting = 0, [root]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType | MethodType):
            continue
        seen.add(id(one))
        size += sys.getsizeof(one)
        waiting += gc.get_referents(one)
    return size


# --- what leaks


def test_an_unknown_key_is_the_same_work_as_a_wrong_signature() -> None:
    gate = Gate()
    wrong = edited(signed(), b"Signature=", b"Signature=0")
    nobody = edited(wrong, GUEST.access_key_id.encode(), b"ASIAQAAAAAAANOBODYKEY"[: len(GUEST.access_key_id)])
    malformed = with_header(wrong, b"x-amz-security-token", b"x" * 9000)
    assert hashes(gate, wrong) == hashes(gate, nobody) == hashes(gate, malformed)


def hashes(gate: Gate, request: Request) -> list[str]:
    """The names of the hash functions called while the request is refused, in order."""
    called: list[str] = []

    def note(frame: object, event: str, function: object) -> None:
        name = getattr(function, "__name__", "")
        if event == "c_call" and name in ("hmac_digest", "openssl_sha256", "_compare_digest", "compare_digest"):
            called.append(name)

    sys.setprofile(note)
    try:
        gate.verify(request)
    except (SignatureMismatch, UnrecognizedClient):
        pass
    finally:
        sys.setprofile(None)
    assert called
    return called


def test_secrets_are_in_no_text() -> None:
    gate = Gate()
    gate.verify(signed())
    key = gate.look_up(GUEST.access_key_id, GUEST.session_token, NOW)
    texts = [repr(GUEST), str(GUEST), f"{GUEST}", repr(key), repr(gate.verifier), repr(vars(gate.verifier))]
    with pytest.raises(SignatureMismatch) as caught:
        gate.verify(signed(OTHER)._replace(path=b"/x"))
    texts += [repr(caught.value), str(caught.value), repr(vars(caught.value))]
    assert not [text for text in texts for keys in (GUEST, OTHER) if keys.secret_access_key in text]


def test_no_signature_is_no_mismatch() -> None:
    with pytest.raises(MissingAuthenticationToken):
        Gate().verify(plain_request())
