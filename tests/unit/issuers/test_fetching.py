"""A document is fetched from where it may be, once resolved, over TLS, small and soon; or not at all.

The connections are real: servers on this machine, and a recorder of every connection that this process tries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from gatepass.issuers import fetching
from gatepass.issuers.addresses import Reach, parse_url
from gatepass.issuers.fetching import LARGEST, Fetched, Fetcher, Unfetchable

Server = Any
NAMED = Reach.NAMED


class Resolver:
    """Answers in turn; the last answer for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


HERE = Resolver(["127.0.0.1"])


@pytest.fixture
def fetch(runner: asyncio.Runner, authority: Any) -> Callable[..., Fetched]:
    """Fetch a URL, by default from `issuer.test` on this machine."""

    def run(url: str, reach: Reach = NAMED, resolve: Any = HERE) -> Fetched:
        return runner.run(Fetcher(resolve=resolve, tls=authority.client)(parse_url(url), reach))

    return run


def refused(fetch: Callable[..., Fetched], *arguments: Any, **named: Any) -> str:
    with pytest.raises(Unfetchable) as caught:
        fetch(*arguments, **named)
    return str(caught.value)


def test_a_document_over_tls(fetch: Callable[..., Fetched], server: Server, egress: Any) -> None:
    server.reply(b'{"keys":[]}', Cache_Control="public, max-age=1234, must-revalidate")
    assert fetch(f"https://issuer.test:{server.port}/keys?v=1") == Fetched(b'{"keys":[]}', 1234)
    assert egress.connects == [("127.0.0.1", server.port)]
    assert egress.names == []
    head = server.heads[0].decode().lower()
    assert head.startswith("get /keys?v=1 http/1.1\r\n")
    assert f"host: issuer.test:{server.port}\r\n" in head
    assert "accept-encoding: identity\r\n" in head
    assert "cookie" not in head
    assert "authorization" not in head


@pytest.mark.parametrize(
    ("given", "max_age"),
    [
        ("max-age=60", 60),
        ("no-cache,MAX-AGE=0", 0),
        ("s-maxage=60", None),
        ("max-age=-1", None),
        ("max-age=9999999999", None),
        ("private", None),
    ],
)
def test_how_long_it_stays_good(fetch: Callable[..., Fetched], server: Server, given: str, max_age: int | None) -> None:
    server.reply(Cache_Control=given)
    assert fetch(f"https://issuer.test:{server.port}/").max_age == max_age


def test_a_path_is_sent_as_it_is_written(fetch: Callable[..., Fetched], server: Server) -> None:
    server.reply()
    fetch(f"https://issuer.test:{server.port}/a%2Fb/~c/!$&'()*+,;=:@?x=%20&y=/?")
    assert server.heads[0].startswith(b"GET /a%2Fb/~c/!$&'()*+,;=:@?x=%20&y=/? HTTP/1.1\r\n")


# --- who answers


def test_a_certificate_of_another_name_is_refused(fetch: Callable[..., Fetched], server: Server) -> None:
    server.reply()
    assert "certificate" in refused(fetch, f"https://other.test:{server.port}/").lower()
    assert server.heads == []


def test_a_certificate_of_an_authority_nobody_knows_is_refused(runner: asyncio.Runner, server: Server) -> None:
    server.reply()
    with pytest.raises(Unfetchable, match=r"(?i)certificate"):
        runner.run(Fetcher(resolve=HERE)(parse_url(f"https://issuer.test:{server.port}/"), NAMED))
    assert server.heads == []


def test_a_server_without_tls_is_no_https_server(
    fetch: Callable[..., Fetched], plain_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "PATIENCE", 0.3)
    plain_server.reply()
    refused(fetch, f"https://issuer.test:{plain_server.port}/")
    assert plain_server.heads == []


def test_http_on_this_machine_where_it_was_named(fetch: Callable[..., Fetched], plain_server: Server) -> None:
    plain_server.reply(b"{}")
    assert fetch(f"http://localhost:{plain_server.port}/", Reach.LOOPBACK).body == b"{}"


# --- where to

METADATA_SERVICE = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize(
    "to", [METADATA_SERVICE, "https://evil.test/", "/keys2", "file:///etc/passwd", "//127.0.0.1:1/"]
)
def test_a_redirect_leads_nowhere(
    fetch: Callable[..., Fetched], server: Server, egress: Any, status: str, to: str
) -> None:
    server.reply(b'{"keys":[]}', status, Location=to)
    assert status[:3] in refused(fetch, f"https://issuer.test:{server.port}/keys")
    assert egress.connects == [("127.0.0.1", server.port)]
    assert len(server.heads) == 1


FORBIDDEN = [
    *(
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "255.255.255.255",
    ),
    *("::1", "::", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "fe80::1", "fe80::1%lo", "fd00::1"),
    *("64:ff9b::7f00:1", "2002:7f00:1::", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "ff02::1"),
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_name_that_leads_inside_is_not_followed(fetch: Callable[..., Fetched], egress: Any, address: str) -> None:
    assert address in refused(fetch, "https://issuer.test/keys", Reach.PUBLIC, Resolver([address]))
    assert egress.connects == []


@pytest.mark.parametrize("address", FORBIDDEN)
@pytest.mark.parametrize("first", [True, False])
def test_nor_where_one_of_its_addresses_does(
    fetch: Callable[..., Fetched], egress: Any, address: str, first: bool
) -> None:
    both = [address, "93.184.216.34"] if first else ["93.184.216.34", address]
    refused(fetch, "https://issuer.test/keys", Reach.PUBLIC, Resolver(both))
    assert egress.connects == []


def test_a_name_that_leads_elsewhere_the_second_time_is_asked_once(fetch: Callable[..., Fetched], egress: Any) -> None:
    """The connection goes to the address that was judged, whatever the name resolves to by then."""
    rebinding = Resolver(["93.184.216.34"], ["127.0.0.1"])
    refused(fetch, "https://issuer.test/keys", Reach.PUBLIC, rebinding)
    assert rebinding.asked == [("issuer.test", 443)]
    assert egress.connects == [("93.184.216.34", 443)]
    assert egress.names == []


def test_addresses_are_tried_in_turn_and_not_for_ever(fetch: Callable[..., Fetched], egress: Any) -> None:
    many = Resolver([f"93.184.216.{number}" for number in range(20)])
    refused(fetch, "https://issuer.test/keys", Reach.PUBLIC, many)
    assert egress.connects == [(f"93.184.216.{number}", 443) for number in range(4)]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://127.0.0.1/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://10.0.0.1/",
        ),
        *("http://169.254.169.254/latest/meta-data/", "https://[::ffff:169.254.169.254]/", "https://0.0.0.0/"),
    ],
)
def test_an_address_in_place_of_a_name_is_judged_too(fetch: Callable[..., Fetched], egress: Any, url: str) -> None:
    refused(fetch, url, Reach.PUBLIC)
    assert egress.connects == []


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "fe80::1"])
@pytest.mark.parametrize("reach", list(Reach))
def test_metadata_services_are_out_of_every_reach(
    fetch: Callable[..., Fetched], egress: Any, address: str, reach: Reach
) -> None:
    refused(fetch, "https://issuer.test/keys", reach, Resolver([address]))
    assert egress.connects == []


def test_without_tls_only_this_machine_is_reached(fetch: Callable[..., Fetched], egress: Any) -> None:
    for address in ("10.0.0.1", "93.184.216.34"):
        refused(fetch, "http://localhost/keys", Reach.LOOPBACK, Resolver([address]))
    assert egress.connects == []


def test_a_name_that_does_not_resolve(fetch: Callable[..., Fetched], egress: Any) -> None:
    async def nobody(host: str, port: int) -> list[str]:
        raise OSError(-2, "Name or service not known")

    assert "does not resolve" in refused(fetch, "https://issuer.test/keys", Reach.PUBLIC, nobody)
    assert "no address" in refused(fetch, "https://issuer.test/keys", Reach.PUBLIC, Resolver([]))
    assert egress.connects == []


def test_the_systems_resolver(runner: asyncio.Runner) -> None:
    assert set(runner.run(fetching.resolve("localhost", 443))) <= {"127.0.0.1", "::1"}


def test_proxies_of_the_environment_are_not_used(
    fetch: Callable[..., Fetched], server: Server, plain_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{plain_server.port}")
    server.reply(b"direct")
    assert fetch(f"https://issuer.test:{server.port}/").body == b"direct"
    assert plain_server.heads == []


# --- what is answered


@pytest.mark.parametrize(
    "status", ["204 No Content", "206 Partial", "401 No", "404 Not Found", "500 Broken", "101 Other"]
)
def test_any_status_but_200_is_no_document(fetch: Callable[..., Fetched], server: Server, status: str) -> None:
    server.reply(b"" if status[0] in "12" else b"{}", status)
    refused(fetch, f"https://issuer.test:{server.port}/")


def test_the_largest_document(fetch: Callable[..., Fetched], server: Server) -> None:
    server.reply(b"x" * LARGEST)
    assert len(fetch(f"https://issuer.test:{server.port}/").body) == LARGEST
    server.reply(b"x" * (LARGEST + 1))
    assert "65536" in refused(fetch, f"https://issuer.test:{server.port}/")


@pytest.mark.parametrize("head", [b"Content-Length: 1073741824\r\n", b"", b"Transfer-Encoding: chunked\r\n"])
def test_a_gigabyte_is_cut_off(fetch: Callable[..., Fetched], server: Server, head: bytes) -> None:
    part = b"10000\r\n" + b"x" * 65536 + b"\r\n" if b"chunked" in head else b"x" * 65536

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        await server.stream(writer, part, 16384)

    server.answer = answer
    assert "65536" in refused(fetch, f"https://issuer.test:{server.port}/")
    assert server.sent < 16 << 20  # what the buffers of both sides take


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, identity"])
def test_nothing_is_unpacked(fetch: Callable[..., Fetched], server: Server, encoding: str) -> None:
    server.reply(b"\x1f\x8b", Content_Encoding=encoding)
    assert "compressed" in refused(fetch, f"https://issuer.test:{server.port}/")


def test_an_endless_head_is_cut_off(fetch: Callable[..., Fetched], server: Server) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        await server.stream(writer, b"X: " + b"x" * 1000 + b"\r\n", 100_000)

    server.answer = answer
    refused(fetch, f"https://issuer.test:{server.port}/")
    assert server.sent < 16 << 20


@pytest.mark.parametrize("text", [b"", b"\0" * 100, b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1\r\n\r\n"])
def test_an_answer_that_is_none(fetch: Callable[..., Fetched], server: Server, text: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)

    server.answer = answer
    refused(fetch, f"https://issuer.test:{server.port}/")


def test_a_body_that_is_shorter_than_it_says(fetch: Callable[..., Fetched], server: Server) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")

    server.answer = answer
    refused(fetch, f"https://issuer.test:{server.port}/")


# --- how soon


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"])
def test_a_server_that_takes_its_time_is_left(
    fetch: Callable[..., Fetched], server: Server, monkeypatch: pytest.MonkeyPatch, begin: bytes
) -> None:
    """However often it sends a byte: the time is for everything together."""
    monkeypatch.setattr(fetching, "PATIENCE", 0.3)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)  # its pace: a byte now and then

    server.answer = answer
    assert "did not answer" in refused(fetch, f"https://issuer.test:{server.port}/")


def test_a_resolver_that_takes_its_time_is_left(
    fetch: Callable[..., Fetched], egress: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "PATIENCE", 0.05)

    async def never(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    assert "did not answer" in refused(fetch, "https://issuer.test/keys", Reach.PUBLIC, never)
    assert egress.connects == []


def test_the_loop_goes_on_while_a_server_takes_its_time(runner: asyncio.Runner, authority: Any, server: Server) -> None:
    released = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async def both() -> bytes:
        url = parse_url(f"https://issuer.test:{server.port}/")
        fetching_it = asyncio.create_task(Fetcher(resolve=HERE, tls=authority.client)(url, NAMED))
        while not server.heads:
            await asyncio.sleep(0)
        released.set()
        return (await fetching_it).body

    server.answer = answer
    assert runner.run(both()) == b"{}"
