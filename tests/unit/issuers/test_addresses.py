"""A URL has one spelling, and of all addresses only public ones are reached by names that others chose."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.issuers.addresses import Reach, may_connect, parse_url


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("https://login.test", ("https", "login.test", 443, "/")),
        ("https://login.test/", ("https", "login.test", 443, "/")),
        ("https://login.test:443/a", ("https", "login.test", 443, "/a")),
        ("https://login.test:8443/a/b.json?p=x%20y&q", ("https", "login.test", 8443, "/a/b.json?p=x%20y&q")),
        ("http://127.0.0.1:80/keys", ("http", "127.0.0.1", 80, "/keys")),
        ("https://[2606:4700::1111]/keys", ("https", "2606:4700::1111", 443, "/keys")),
        ("https://xn--bcher-kva.test/", ("https", "xn--bcher-kva.test", 443, "/")),
        ("https://localhost:9000", ("https", "localhost", 9000, "/")),
        ("https://a.test/~user/!$&'()*+,;=:@-._", ("https", "a.test", 443, "/~user/!$&'()*+,;=:@-._")),
    ],
)
def test_plain_urls(text: str, parts: tuple[str, str, int, str]) -> None:
    assert tuple(parse_url(text)) == parts
    assert parse_url(str(parse_url(text))) == parse_url(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "login.test",
        "//login.test/",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "ftp://login.test/",
        "gopher://login.test/",
        "jar:https://login.test!/",
        "data:application/json,{}",
        "unix:/run/docker.sock",
        "https:login.test",
        "https:/login.test",
        "https:///login.test",
        "https://",
        "HTTPS://login.test/",
        "https://LOGIN.test/",
        " https://login.test/",
        "https://login.test/\n",
        "https://login.test/ ",
        "https://login.test\r\nHost: evil.test/",
        "https://user@login.test/",
        "https://user:password@login.test/",
        "https://login.test@evil.test/",
        "https://login.test/#fragment",
        "https://login.test\\@evil.test/",
        "https://login.test/a\\b",
        "https://login.test/é",
        "https://lögin.test/",
        "https://login.test./",
        "https://.login.test/",
        "https://login..test/",
        "https://-login.test/",
        "https://login_1.test/",
        f"https://{'a' * 64}.test/",
        f"https://{'a.' * 127}test/",
        "https://login.test:/",
        "https://login.test:0/",
        "https://login.test:65536/",
        "https://login.test:44 3/",
        "https://login.test/../keys",
        "https://login.test/a/./keys",
        "https://login.test/%2e%2e/keys",
        "https://login.test/.%2E/keys",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.01/",
        "https://127.0.0.1.1/",
        "https://1.1.1.256/",
        "https://login.0x10/",
        "https://login.1/",
        "https://[::ffff:127.0.0.1]:/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://::1/",
        "https://[login.test]/",
        "https://login.test/" + "a" * 2048,
    ],
)
def test_urls_with_two_readings_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (which of the reasons it is does not matter)
        parse_url(text)


@given(st.text("https:/.@[]0123456789axf%#?\\ \n-_", max_size=40).map(lambda text: f"https://{text}") | st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        url = parse_url(text)
    except ValueError:
        return
    assert parse_url(str(url)) == url


PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "172.15.0.1",
    "172.32.0.1",
    "192.167.1.1",
    "2606:4700::1111",
    "2a00::1",
]
PRIVATE = [
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "fc00::1",
    "fd12::1",
]
LOOPBACK = ["127.0.0.1", "127.0.0.53", "127.255.255.255", "::1"]
NEVER = [
    *("169.254.169.254", "169.254.170.2", "0.0.0.0", "0.1.2.3", "255.255.255.255", "224.0.0.1", "240.0.0.1"),
    *("192.0.0.170", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1"),
    *("100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd00:ec2::23"),
    *("::", "::2", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001::1"),
    *("2001:db8::1", "3fff::1", "100::1", "5f00::1", "4000::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1"),
    *("", "localhost", "2130706433", "0x7f000001", "127.1", "[::1]", "127.0.0.1:80", " 127.0.0.1"),
]


def test_how_far_each_reach_goes() -> None:
    reaches = {
        Reach.PUBLIC: {*PUBLIC},
        Reach.NAMED: {*PUBLIC, *PRIVATE, *LOOPBACK},
        Reach.LOOPBACK: {*LOOPBACK},
    }
    for reach, reached in reaches.items():
        for address in [*PUBLIC, *PRIVATE, *LOOPBACK, *NEVER]:
            assert may_connect(address, reach) == (address in reached), (address, reach)


@given(st.ip_addresses() | st.ip_addresses(network="0.0.0.0/4") | st.ip_addresses(network="2000::/12"))
def test_nothing_is_public_that_pythons_registry_says_is_not(address: IPv4Address | IPv6Address) -> None:
    if may_connect(str(address), Reach.PUBLIC):
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:{}", "::{}", "64:ff9b::{}", "::ffff:0:{}"]))
def test_no_address_inside_another_is_reached(address: IPv4Address, form: str) -> None:
    for reach in Reach:
        inner = str(IPv6Address(form.format(address)))
        assert not may_connect(inner, reach) or inner == "::1"
