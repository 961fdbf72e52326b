"""Paths that two readers could read differently are noticed; ordinary ones are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.gateway.paths import ambiguity, other_readings


@pytest.mark.parametrize(
    "path",
    [
        *(b"/a/../b", b"/a/./b", b"/..", b"/.", b"/a/..", b"/a/.", b"//a", b"/a//b", b"/a//", b"/a/..;x/b", b"/a;b"),
        *(b"/a\\b", b"/a%5cb", b"/a%5Cb", b"/a%2fb", b"/a%2Fb", b"/%2e%2e/b", b"/%2E./b", b"/a%00", b"/a\x00"),
        *(b"/a%3bb", b"/a%3Bb", b"/%252e%252e/b", b"/a%252fb", b"/a%25252fb", b"/%61dmin", b"/a%7eb", b"/a%2Db"),
        *(b"/a%0d%0a", b"/a%7f", b"/a b", b"/a\x80", b"/a%", b"/a%2", b"/a%zz", b"/a%u002e", b"/%c0%ae", b"/a%ff"),
        *(b"/a#b", b"/a?b", b"/a\tb", b"/a%09"),
    ],
)
def test_ambiguous(path: bytes) -> None:
    """Dot segments, separators, path parameters, controls, double encoding, and encoding of what needs none."""
    assert ambiguity(path)


@pytest.mark.parametrize(
    "path",
    [
        *(
            b"/",
            b"/a",
            b"/a/",
            b"/a/b.c",
            b"/..a",
            b"/a..",
            b"/a...b",
            b"/.well-known/x",
            b"/a%20b",
            b"/%C3%A9",
            b"/%c3%a9",
        ),
        *(b"/a@b", b"/a:b", b"/a=b&c", b"/a+b", b"/a%2Bb", b"/~a", b"/a%40b", b"/100%25", b"/a%25b", b"/$metadata"),
        *(b"/(x)", b"/a,b", b"/%E3%81%82", b"/a!*'"),
    ],
)
def test_plain(path: bytes) -> None:
    """What clients send in earnest."""
    assert ambiguity(path) == ""


@given(st.text(min_size=1))
def test_whatever_a_client_encodes_is_plain(segment: str) -> None:
    """A name that was percent-encoded once, as clients do, is refused only for what it decodes to."""
    from urllib.parse import quote

    try:
        path = b"/" + quote(segment, safe="").encode()
    except UnicodeEncodeError:
        return  # lone surrogates have no UTF-8
    harmless = not set(segment) & set("/\\;\0\x7f") and all(ord(character) >= 32 for character in segment)
    if harmless and segment not in (".", "..") and "%" not in segment:
        assert ambiguity(path) == ""


@pytest.mark.parametrize(
    ("path", "readings"),
    [
        ("pets/1", ()),
        ("", ()),
        ("admin/", ("admin",)),
        ("a%20b", ("a b",)),
        ("caf%c3%a9", ("café", "caf%C3%A9")),
        ("a%21", ("a!",)),
    ],
)
def test_other_readings(path: str, readings: tuple[str, ...]) -> None:
    """Without the slash at the end, decoded, and encoded as most clients do."""
    found = other_readings(path)
    assert set(readings) <= set(found)
    assert path not in found
