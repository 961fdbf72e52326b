"""The canonical request, piece by piece: the bytes are the specification's."""

import pytest

from gatepass.sigv4 import (
    EMPTY_PAYLOAD_HASH,
    CredentialScope,
    canonical_path,
    canonical_query,
    canonical_request,
    payload_hash,
    signature,
    signing_key,
    string_to_sign,
)
from gatepass.sigv4.canonical import canonical_headers

SCOPE = CredentialScope("20150830", "us-east-1", "iam")


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        (b"", b"/"),
        (b"/", b"/"),
        (b"//", b"/"),
        (b"/a/b", b"/a/b"),
        (b"/a/b/", b"/a/b/"),
        (b"/a//b", b"/a/b"),
        (b"/./a/./b/.", b"/a/b"),
        (b"/a/b/..", b"/a"),
        (b"/a/b/../", b"/a/"),
        (b"/../..", b"/"),
        (b"/.hidden/..dots/a..", b"/.hidden/..dots/a.."),
        (b"/%C3%A4", b"/%25C3%25A4"),
        (b"/\xc3\xa4", b"/%C3%A4"),
        (b"/%2e%2e/a%2Fb", b"/%252e%252e/a%252Fb"),
        (b"/test/@connections/x=", b"/test/%40connections/x%3D"),
        (b"/a*b+c d;e,f~g-h_i.j", b"/a%2Ab%2Bc%20d%3Be%2Cf~g-h_i.j"),
        (b"/\xff\x00", b"/%FF%00"),
    ],
)
def test_a_path_is_resolved_and_encoded_once_more(path: bytes, canonical: bytes) -> None:
    assert canonical_path(path) == canonical


def test_a_path_may_be_left_as_it_was_sent() -> None:
    assert canonical_path(b"//a/./b/../c ", normalise=False) == b"//a/./b/../c%20"


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        (b"", b""),
        (b"a=1", b"a=1"),
        (b"a", b"a="),
        (b"=", b"="),
        (b"=a", b"=a"),
        (b"a=", b"a="),
        (b"b=2&a=1", b"a=1&b=2"),
        (b"a=2&a=1&a=", b"a=&a=1&a=2"),
        (b"a-b=1&a=2", b"a=2&a-b=1"),
        (b"a1=1&a=2&a.=3", b"a=2&a.=3&a1=1"),
        (b"B=1&a=2", b"B=1&a=2"),
        (b"a=1&&b=2&", b"a=1&b=2"),
        (b"a=b=c", b"a=b%3Dc"),
        (b"a+b=c+d", b"a%2Bb=c%2Bd"),
        (b"a=%2b%20", b"a=%2B%20"),
        (b"$filter=id eq 123", b"%24filter=id%20eq%20123"),
        (b"a=%7E%41", b"a=~A"),
        (b"a=%zz%", b"a=%25zz%25"),
        (b"\xe1\x88\xb4=b", b"%E1%88%B4=b"),
        (b"a=1;b=2", b"a=1%3Bb%3D2"),
    ],
)
def test_a_query_is_encoded_anew_and_sorted(query: bytes, canonical: bytes) -> None:
    assert canonical_query(query) == canonical


def test_a_long_query_is_sorted_as_a_short_one() -> None:
    names = [b"p%03d" % n for n in range(100)]
    query = b"&".join(name + b"=1" for name in reversed(names))
    assert canonical_query(query) == b"&".join(name + b"=1" for name in names)


def test_headers_are_folded_joined_and_listed() -> None:
    headers = [(b"host", b"h"), (b"b", b" x  y "), (b"unsigned", b"z"), (b"a", b"1"), (b"a", b"\t2"), (b"c", b"")]
    assert canonical_headers(headers, [b"a", b"b", b"c", b"host"]) == b"a:1,2\nb:x y\nc:\nhost:h\n\na;b;c;host"


def test_the_documented_example() -> None:
    """The worked example that AWS's documentation of Signature Version 4 has used since 2015."""
    headers = [
        (b"content-type", b"application/x-www-form-urlencoded; charset=utf-8"),
        (b"host", b"iam.amazonaws.com"),
        (b"x-amz-date", b"20150830T123600Z"),
    ]
    query = b"Action=ListUsers&Version=2010-05-08"
    canonical = canonical_request("GET", b"/", query, headers, [name for name, _ in headers], EMPTY_PAYLOAD_HASH)
    assert payload_hash(canonical) == "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
    text = string_to_sign("20150830T123600Z", SCOPE, canonical)
    key = signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", SCOPE)
    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
    assert signature(key, text) == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"


def test_an_empty_body_has_a_hash() -> None:
    assert payload_hash(b"") == EMPTY_PAYLOAD_HASH
    assert payload_hash(b"x") != EMPTY_PAYLOAD_HASH


def test_a_scope_is_written_as_in_a_credential() -> None:
    assert str(SCOPE) == "20150830/us-east-1/iam/aws4_request"
