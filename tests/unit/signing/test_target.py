"""The wire form of a URL is a fixed point: no layer below changes what was signed."""

from urllib.parse import unquote, unquote_plus, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util.url import _encode_target

from gatepass.errors import SigningError
from gatepass.signing import Origin, wire_path, wire_query

TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("%/+&=~ 2fFé"), max_size=40)


@given(TEXT, TEXT)
def test_it_stays_as_it_is(path: str, query: str) -> None:
    """Through itself, and through urllib3, which escapes again what it must."""
    path, query = "/" + wire_path(path.replace("?", "").replace("#", "")), wire_query(query)
    assert (wire_path(path), wire_query(query)) == (path, query)
    assert _encode_target(f"{path}?{query}") == f"{path}?{query}"


@given(TEXT)
def test_it_means_the_same(text: str) -> None:
    """Escaping adds nothing and loses nothing; a plus meant a blank."""
    assert unquote(wire_path("/" + text)) == unquote("/" + text)
    assert unquote(wire_query(text)) == unquote_plus(text)


def test_an_empty_path_is_the_root() -> None:
    assert wire_path("") == "/"


@pytest.mark.parametrize(
    ("url", "netloc"),
    [
        ("http://Example.COM:80/x", "example.com"),
        ("https://example.com:443", "example.com"),
        ("https://example.com:80", "example.com:80"),
        ("http://[::1]:8080/", "[::1]:8080"),
        ("http://user:secret@example.com", "example.com"),
        ("http://Bücher.example/", "xn--bcher-kva.example"),
    ],
)
def test_the_host_header(url: str, netloc: str) -> None:
    """The port only where it is not the scheme's own."""
    assert Origin.of(urlsplit(url)).netloc == netloc


def test_origins_differ_by_scheme_host_and_port() -> None:
    origins = ["http://a", "https://a", "http://b", "http://a:81"]
    assert len({Origin.of(urlsplit(origin)) for origin in [*origins, "http://a:80/path", "HTTP://A"]}) == 4


@pytest.mark.parametrize(
    "url", ["ftp://a", "/path", "http://", "http://a:x", "http://a:99999", "mailto:a@b", "http://ü..b"]
)
def test_what_cannot_be_sent_to(url: str) -> None:
    with pytest.raises(SigningError):
        Origin.of(urlsplit(url))
