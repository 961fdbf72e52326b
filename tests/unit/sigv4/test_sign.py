"""Signing: which headers are signed, which are added, and that the fast signer says what the plain one says."""

from typing import Any

import pytest
from tests.unit.sigv4.world import GUEST, HOST, NOW, REGION, ROOT, SERVICE, Gate, plain_request

from gatepass.http import Request
from gatepass.sigv4 import Keys, Signer, payload_hash, presign, sign
from gatepass.sigv4.sign import NEVER_SIGNED

WHERE: dict[str, Any] = {"region": REGION, "service": SERVICE}


def signed_names(added: list[tuple[bytes, bytes]]) -> list[bytes]:
    return dict(added)[b"authorization"].split(b"SignedHeaders=")[1].split(b",")[0].split(b";")


def test_adds_the_date_the_token_and_the_signature() -> None:
    added = sign(plain_request(), GUEST, **WHERE, now=NOW)
    assert [name for name, _ in added] == [b"x-amz-date", b"x-amz-security-token", b"authorization"]
    assert signed_names(added) == [b"accept", b"host", b"x-amz-date", b"x-amz-security-token"]


def test_a_long_lived_key_has_no_token() -> None:
    assert [name for name, _ in sign(plain_request(), ROOT, **WHERE, now=NOW)] == [b"x-amz-date", b"authorization"]


def test_adds_the_payload_hash_if_asked() -> None:
    added = sign(plain_request(body=b"x"), ROOT, **WHERE, now=NOW, sign_payload_header=True)
    assert (b"x-amz-content-sha256", payload_hash(b"x").encode()) in added
    assert b"x-amz-content-sha256" in signed_names(added)


def test_leaves_out_what_others_change_on_the_way() -> None:
    headers = [(b"host", HOST), (b"my-header", b"1"), *[(name, b"x") for name in sorted(NEVER_SIGNED)]]
    names = signed_names(sign(plain_request(headers=headers), ROOT, **WHERE, now=NOW))
    assert names == [b"host", b"my-header", b"x-amz-date"]


def test_signs_anew_what_was_signed_before() -> None:
    """Headers of an older signature are replaced, not signed: a request may be sent again."""
    request = plain_request()
    old = request._replace(headers=[*request.headers, *sign(request, GUEST, **WHERE, now=NOW - 3600)])
    assert sign(old, GUEST, **WHERE, now=NOW) == sign(request, GUEST, **WHERE, now=NOW)


def test_needs_a_host() -> None:
    with pytest.raises(ValueError, match="host"):
        sign(plain_request(headers=[]), ROOT, **WHERE, now=NOW)


def test_keys_hide_their_secrets() -> None:
    assert repr(ROOT) == f"Keys(access_key_id='{ROOT.access_key_id}', secret_access_key='***', session_token=None)"
    assert "guest" not in repr(GUEST).lower().replace("guestkey", "")


# --- the fast signer

HEADERS = {
    "none": [],
    "one": [(b"accept", b"*/*")],
    "in order": [(b"accept", b"*/*"), (b"content-type", b"text/plain")],
    "out of order": [(b"x-b", b"2"), (b"accept", b"*/*"), (b"x-a", b"1")],
    "one after the token": [(b"x-amz-target", b"S.Op")],
    "white space": [(b"my-header", b"  a   b\t")],
    "blanks": [(b"content-type", b"text/plain; charset=utf-8")],
    "repeated": [(b"my-header", b"a"), (b"my-header", b"b")],
    "never signed": [(b"user-agent", b"x"), (b"accept", b"*/*"), (b"connection", b"close")],
    "ours, from an older signature": [(b"x-amz-date", b"x"), (b"x-amz-security-token", b"y"), (b"accept", b"*/*")],
    "percent signs": [(b"x-%b", b"%s %b")],
    "the payload hash": [(b"x-amz-content-sha256", b"0")],
    "its own host": [(b"host", b"other"), (b"accept", b"*/*")],
}


@pytest.mark.parametrize("payload", [False, True], ids=["", "payload header"])
@pytest.mark.parametrize("keys", [ROOT, GUEST], ids=["root", "guest"])
@pytest.mark.parametrize("name", HEADERS)
def test_the_fast_signer_says_what_the_plain_one_says(name: str, keys: Keys, payload: bool) -> None:
    signer = Signer(keys, **WHERE, host=HOST.decode(), sign_payload_header=payload)
    headers = HEADERS[name]
    others = [header for header in headers if header[0] != b"host"]
    for now in (NOW, NOW + 0.9, NOW + 1, NOW + 86400, NOW):
        for body in (b"", b"x"):
            path, query = b"/prod//caf\xc3\xa9/../x", b"b=2&a=%zz&a"
            request = Request("POST", path, query, [(b"host", HOST), *others], body)
            plain = sign(request, keys, **WHERE, now=now, sign_payload_header=payload)
            assert signer.sign("POST", path, query, headers, body, now=now) == plain


def test_what_the_fast_signer_signed_is_verified_on_both_sides_of_midnight() -> None:
    midnight, gate = 1_784_160_000, Gate()
    signer = Signer(ROOT, **WHERE, host=HOST.decode())
    for now in (midnight - 1, midnight, midnight + 1):
        added = signer.sign("GET", b"/a", b"b=c", now=now)
        assert gate.verify(Request("GET", b"/a", b"b=c", [(b"host", HOST), *added]), now)


def test_the_fast_signer_gives_a_list_of_its_own() -> None:
    signer = Signer(ROOT, **WHERE, host=HOST.decode())
    first = signer.sign("GET", b"/", now=NOW)
    first.clear()
    assert signer.sign("GET", b"/", now=NOW) != []


# --- presigned


def test_the_query_of_a_presigned_request() -> None:
    query = presign(plain_request(), GUEST, **WHERE, now=NOW, expires=60)
    names = [part.split(b"=")[0].decode() for part in query.split(b"&")]
    assert names == [
        *["a", "b", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"],
        *["X-Amz-Security-Token", "X-Amz-Signature"],
    ]
    assert b"X-Amz-SignedHeaders=accept%3Bhost" in query
    assert b"%2Bsession%2Ftoken%3D%3D" in query


@pytest.mark.parametrize("expires", [0, -1, 604801])
def test_a_lifetime_out_of_range_is_refused(expires: int) -> None:
    with pytest.raises(ValueError, match="604800"):
        presign(plain_request(), ROOT, **WHERE, now=NOW, expires=expires)


def test_a_presigned_query_is_not_presigned_again() -> None:
    query = presign(plain_request(), ROOT, **WHERE, now=NOW, expires=60)
    with pytest.raises(ValueError, match="X-Amz-Algorithm"):
        presign(plain_request(query=query), ROOT, **WHERE, now=NOW, expires=60)
