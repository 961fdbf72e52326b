"""`gatepass.requests.SigV4`: whatever requests sends is what was signed, and it goes nowhere else."""

from __future__ import annotations

import io
import json
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import requests
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatepass import ConfigurationError, Credentials, CredentialsError, IdentityPool, SigningError
from gatepass.http import Request, Response
from gatepass.requests import SigV4

if TYPE_CHECKING:
    from tests.unit.conftest import Peer

KEYS = Credentials("AKIDPEER", "a secret/key", "the+session/token==")
REGION = "eu-central-1"


def auth(**arguments: Any) -> SigV4:
    return SigV4(KEYS, region=REGION, **arguments)


def chunks() -> Iterator[bytes]:
    yield b"one,"
    yield b"two"


def redirect(location: str, status: int = 302) -> Callable[[Request], Response]:
    return lambda request: Response(status, ((b"location", location.encode()),))


# (method, what follows the origin, further arguments of requests.request)
KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "no path": ("GET", "", {}),
    "root": ("GET", "/", {}),
    "path": ("GET", "/api/items", {}),
    "trailing slash": ("GET", "/api/items/", {}),
    "double slash": ("GET", "/api//items", {}),
    "leading double slash": ("GET", "//api/items", {}),
    "dot segments": ("GET", "/api/./x/../items", {}),
    "escaped": ("GET", "/api/a%20b", {}),
    "escaped slash": ("GET", "/api/a%2Fb", {}),
    "escaped in lower case": ("GET", "/api/%c3%a4", {}),
    "escaped though it need not be": ("GET", "/api/%41%7E%2D", {}),
    "escape of an escape": ("GET", "/api/%2541", {}),
    "a percent sign alone": ("GET", "/api/100%", {}),
    "blank in the path": ("GET", "/api/a b", {}),
    "unicode in the path": ("GET", "/api/ä/日本", {}),
    "reserved in the path": ("GET", "/api/@connections/x=:;,!$&'()*+~", {}),
    "braces and bars in the path": ("GET", '/api/{a}|b^c`d"<e>', {}),
    "brackets in the path": ("GET", "/api/[a]", {}),
    "flag": ("GET", "/api?flag", {}),
    "empty query": ("GET", "/api?", {}),
    "empty value": ("GET", "/api?a=", {}),
    "two equals signs": ("GET", "/api?a==b", {}),
    "repeated, out of order": ("GET", "/api?b=2&a=3&b=1&a=", {}),
    "names that sort by more than text": ("GET", "/api?a-b=1&a=2&a%20=3", {}),
    "plus": ("GET", "/api?q=a+b", {}),
    "escaped plus": ("GET", "/api?q=a%2Bb", {}),
    "params with blank and plus": ("GET", "/api", {"params": {"q": "a b+c"}}),
    "params with unicode and repeats": ("GET", "/api", {"params": [("ä", "ö"), ("a", "1"), ("a", "0")]}),
    "reserved in the query": ("GET", "/api?u=http://x/?y:@,;'()*!~$", {}),
    "brackets in the query": ("GET", '/api?a[]=1&b={"c":[2]}', {}),
    "blank in the query": ("GET", "/api?$filter=id eq 1", {}),
    "escaped in lower case in the query": ("GET", "/api?a=%c3%a4%2f", {}),
    "percent sign in the query": ("GET", "/api?a=100%&b=%zz", {}),
    "ampersands in a row": ("GET", "/api?&a=1&&b=2&", {}),
    "fragment": ("GET", "/api#part?x=1", {}),
    "head": ("HEAD", "/api", {}),
    "delete": ("DELETE", "/api/1", {}),
    "options": ("OPTIONS", "/api", {}),
    "json": ("POST", "/api", {"json": {"ä": [1, 2]}}),
    "form": ("POST", "/api", {"data": {"a": "b c", "d": "+"}}),
    "text": ("POST", "/api", {"data": "grüße"}),
    "bytes": ("PUT", "/api", {"data": bytes(range(256))}),
    "empty post": ("POST", "/api", {}),
    "body on get": ("GET", "/api", {"data": b"query"}),
    "multipart": ("POST", "/api", {"files": {"f": ("a.txt", b"content")}, "data": {"x": "y"}}),
    "memory file": ("PUT", "/api", {"data": io.BytesIO(b"in memory")}),
    "text file": ("PUT", "/api", {"data": io.StringIO("grüße")}),
    "generator": ("PUT", "/api", {"data": chunks()}),
    "empty generator": ("PUT", "/api", {"data": iter(())}),
    "header with white space": ("GET", "/api", {"headers": {"X-Amz-Meta-A": "a   b  ", "X-Other": "c"}}),
    "headers that hops change": ("GET", "/api", {"headers": {"User-Agent": "me", "Cache-Control": "no-cache"}}),
    "quoted header": ("GET", "/api", {"headers": {"X-Amz-Quoted": '"a  b"', "Content-Type": 'text/x; a="b  c"'}}),
    "cookies": ("GET", "/api", {"cookies": {"a": "b"}}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_request_is_accepted(peer: Peer, kind: str) -> None:
    """What went over the socket is what was signed."""
    method, rest, arguments = KINDS[kind]
    response = requests.request(method, peer.origin + rest, auth=auth(), timeout=10, **arguments)
    assert (response.status_code, response.text) == (200, response.text)


ANYTHING = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("%/+&=~ ?;2fFé"), max_size=30)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=ANYTHING, query=ANYTHING, parameters=st.dictionaries(ANYTHING, ANYTHING | st.lists(ANYTHING), max_size=3))
def test_any_url_is_accepted(peer: Peer, path: str, query: str, parameters: dict[str, Any]) -> None:
    """Whatever is typed or passed as params."""
    url = f"{peer.origin}/{path}?{query}"
    response = requests.get(url, params=parameters, auth=auth(), timeout=10)
    assert (response.status_code, response.text) == (200, response.text)


@pytest.mark.parametrize(
    ("rest", "target"),
    [
        ("", "/"),
        ("/a%c3%a4?b=%2f", "/a%C3%A4?b=%2F"),
        ("/a b?q=a+b c&r=%2B", "/a%20b?q=a%20b%20c&r=%2B"),
        ("/100%?p=1%", "/100%25?p=1%25"),
        ("/x,y;z@w:(v)?u=/?:@", "/x,y;z@w:(v)?u=/?:@"),
    ],
)
def test_the_target_on_the_wire(peer: Peer, rest: str, target: str) -> None:
    """Reserved characters stay as they are, escapes are in upper case, and no plus is left to be read in two ways."""
    assert requests.get(peer.origin + rest, auth=auth(), timeout=10).json()["target"] == target


def test_few_headers_are_signed(peer: Peer) -> None:
    """Hops may change the rest."""
    headers = {"X-Amz-Meta": "1", "X-Mine": "2", "X-Amzn-Trace-Id": "3"}
    signed = requests.post(peer.origin, json=1, headers=headers, auth=auth(), timeout=10).json()["signed"]
    assert signed == ["content-type", "host", "x-amz-date", "x-amz-meta", "x-amz-security-token"]


def test_a_payload_header_given_by_the_caller_is_made_true(peer: Peer) -> None:
    """Nothing but the body's own hash is ever signed."""
    headers = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
    response = requests.put(peer.origin, data=b"x", headers=headers, auth=auth(), timeout=10)
    assert response.status_code == 200
    assert "x-amz-content-sha256" in response.json()["signed"]


def test_a_file_is_hashed_in_place_from_where_it_stands(peer: Peer, tmp_path: Path) -> None:
    """The file is read in chunks, and sent from the same place."""
    path = tmp_path / "large"
    path.write_bytes(b"head" + bytes(3_000_000))
    with path.open("rb") as file:
        file.seek(4)
        response = requests.put(peer.origin, data=file, auth=auth(), timeout=10)
    assert response.json()["length"] == 3_000_000


def test_a_pipe_is_read_before_it_is_sent(peer: Peer) -> None:
    """It cannot be read twice."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source:
        os.write(writing, b"through a pipe")
        os.close(writing)
        response = requests.put(peer.origin, data=source, auth=auth(), timeout=10)
    assert response.json()["length"] == 14


def test_a_stream_over_the_limit_is_refused_before_it_is_sent(peer: Peer) -> None:
    """Rather no request than one with a wrong signature."""
    with pytest.raises(SigningError, match="stream of more than 5 bytes"):
        requests.put(peer.origin, data=chunks(), auth=auth(spool_limit=5), timeout=10)
    with pytest.raises(SigningError, match="gives int, not bytes"):
        requests.put(peer.origin, data=cast(Any, iter([1])), auth=auth(), timeout=10)
    assert peer.requests == []


def test_a_session_signs_each_request_anew(peer: Peer) -> None:
    """`session.auth` is enough; repeated use of one object is fine."""
    with requests.Session() as session:
        session.auth = auth()
        assert [session.get(f"{peer.origin}/{n}", timeout=10).status_code for n in range(3)] == [200] * 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_origin_is_signed_anew(peer: Peer, status: int) -> None:
    """Path, query, method and body of the next request are under its signature."""
    peer.answers[b"/old"] = redirect("/new//place?x=a+b&y=%c3%a4", status)
    response = requests.post(peer.origin + "/old", data={"a": "b"}, auth=auth(), timeout=10)
    assert response.status_code == 200, response.text
    assert response.json()["target"] == "/new//place?x=a%20b&y=%C3%A4"
    assert response.json()["method"] == ("POST" if status in (307, 308) else "GET")
    assert len(peer.requests) == 2
    assert response.history[0].request.headers["Authorization"] != response.request.headers["Authorization"]


def test_a_redirected_file_is_sent_again_from_its_beginning(peer: Peer, tmp_path: Path) -> None:
    """307 keeps the body."""
    path = tmp_path / "body"
    path.write_bytes(b"0123456789")
    peer.answers[b"/old"] = redirect("/new", 307)
    with path.open("rb") as file:
        file.seek(2)
        response = requests.put(peer.origin + "/old", data=file, auth=auth(), timeout=10)
    assert response.json()["length"] == 8


def test_a_redirected_stream_is_sent_again(peer: Peer) -> None:
    """What was read into memory can be repeated."""
    peer.answers[b"/old"] = redirect("/new", 308)
    assert requests.put(peer.origin + "/old", data=chunks(), auth=auth(), timeout=10).json()["length"] == 7


@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_to_another_origin_carries_no_signature_and_no_token(
    peer: Peer, other_peer: Peer, status: int
) -> None:
    """Another port is another origin."""
    peer.answers[b"/old"] = redirect(other_peer.origin + "/taken", status)
    response = requests.post(peer.origin + "/old", data=b"x", auth=auth(), timeout=10)
    assert response.status_code == 403
    (arrived,) = other_peer.requests
    names = {name for name, _ in arrived.headers}
    assert not names & {b"authorization", b"x-amz-security-token", b"x-amz-date", b"x-amz-content-sha256"}


def test_another_origin_cannot_choose_what_is_signed(peer: Peer, other_peer: Peer) -> None:
    """There and back again: what comes back is not signed."""
    peer.answers[b"/old"] = redirect(other_peer.origin + "/bounce")
    other_peer.answers[b"/bounce"] = redirect(peer.origin + "/delete-everything")
    response = requests.get(peer.origin + "/old", auth=auth(), timeout=10)
    assert response.status_code == 403
    assert response.json() == {"message": "Missing Authentication Token"}


def test_a_name_and_password_for_the_host_do_not_replace_the_signature(
    peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """requests reads ~/.netrc anew for each redirect."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    peer.answers[b"/old"] = redirect("/new")
    assert requests.get(peer.origin + "/old", auth=auth(), timeout=10).status_code == 200


def test_redirects_can_be_declined(peer: Peer) -> None:
    """`allow_redirects=False` is the caller's word, and `next` is signed."""
    peer.answers[b"/old"] = redirect("/new")
    with requests.Session() as session:
        response = session.get(peer.origin + "/old", auth=auth(), allow_redirects=False, timeout=10)
        assert response.status_code == 302
        assert len(peer.requests) == 1
        assert response.next is not None
        assert session.send(response.next, timeout=10).status_code == 200


@pytest.mark.parametrize("wrong_by", [-7200, -301, 301, 7200])
def test_a_wrong_clock_is_corrected_by_the_servers(peer: Peer, wrong_by: float) -> None:
    """One refusal, one repeat, and from then on none."""
    true = peer.clock
    sign = auth(clock=lambda: true() + wrong_by)
    seen: list[int] = []
    hooks = {"response": lambda response, **_: seen.append(response.status_code)}
    first = requests.put(peer.origin, data=io.BytesIO(b"body"), auth=sign, hooks=hooks, timeout=10)
    assert (first.status_code, len(peer.requests)) == (200, 2)
    assert first.json()["length"] == 4
    assert [response.status_code for response in first.history] == [403]
    assert requests.get(peer.origin, auth=sign, timeout=10).status_code == 200
    assert len(peer.requests) == 3
    assert seen == [200], "the caller's own hook sees the answer that counts"


def test_a_clock_that_is_wrong_by_more_than_a_day_is_not_corrected(peer: Peer) -> None:
    """Nobody gets a signature for next year by answering with next year's date."""
    true = peer.clock
    response = requests.get(peer.origin, auth=auth(clock=lambda: true() - 100_000), timeout=10)
    assert response.status_code == 403
    assert "Signature expired" in response.json()["message"]
    assert len(peer.requests) == 1


def test_a_request_is_repeated_only_once(peer: Peer) -> None:
    """A server that never agrees on the time ends with its refusal."""
    body = json.dumps({"message": "Signature expired: 1 is now earlier than 2"}).encode()
    peer.answers[b"/never"] = lambda request: Response(403, (), body)
    assert requests.get(peer.origin + "/never", auth=auth(), timeout=10).status_code == 403
    assert len(peer.requests) == 2


def test_other_refusals_are_not_repeated(peer: Peer) -> None:
    """A wrong key stays wrong."""
    wrong = SigV4(Credentials("AKIDPEER", "another", "the+session/token=="), region=REGION)
    assert requests.get(peer.origin, auth=wrong, timeout=10).status_code == 403
    assert len(peer.requests) == 1


def test_a_streamed_refusal_can_still_be_read(peer: Peer) -> None:
    """Looking at a 403 does not use it up."""
    wrong = SigV4(Credentials("AKIDPEER", "another", "the+session/token=="), region=REGION)
    with requests.get(peer.origin, auth=wrong, stream=True, timeout=10) as response:
        assert b"".join(response.iter_content(7)).startswith(b'{"message":"The request signature we calculated')


def test_credentials_of_botocore(peer: Peer) -> None:
    """Anything with `get_frozen_credentials()`."""
    found = BotocoreCredentials("AKIDPEER", "a secret/key", "the+session/token==")
    assert requests.get(peer.origin, auth=SigV4(found, region=REGION), timeout=10).status_code == 200


def test_credentials_of_the_environment(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else to type."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDPEER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret/key")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "the+session/token==")
    monkeypatch.setenv("AWS_REGION", REGION)
    assert requests.get(peer.origin, auth=SigV4(), timeout=10).status_code == 200


def test_no_credentials_and_no_region_are_said(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is sent."""
    with pytest.raises(CredentialsError, match="no credentials in the environment"):
        requests.get(peer.origin, auth=SigV4(), timeout=10)
    with pytest.raises(ConfigurationError, match="does not tell its region"):
        requests.get(peer.origin, auth=SigV4(KEYS), timeout=10)
    with pytest.raises(CredentialsError, match="are empty"):
        requests.get(peer.origin, auth=SigV4(BotocoreCredentials("", ""), region=REGION), timeout=10)
    assert peer.requests == []


def test_the_region_of_the_pool_is_the_last_resort(peer: Peer) -> None:
    """A pool's id says where it is."""

    class Pool(IdentityPool):
        def get_frozen_credentials(self) -> Credentials:
            return KEYS

    pool = Pool(f"{REGION}:00000000-0000-0000-0000-000000000000")
    assert requests.get(peer.origin, auth=SigV4(pool), timeout=10).status_code == 200


def test_a_copy_of_a_prepared_request_keeps_its_signature(peer: Peer) -> None:
    """Libraries that repeat requests copy them."""
    prepared = requests.Request("GET", peer.origin + "/a", auth=auth()).prepare()
    copied = prepared.copy()
    assert copied.headers == prepared.headers
    with requests.Session() as session:
        assert session.send(copied, timeout=10).status_code == 200


def test_a_host_header_of_the_callers_is_the_one_that_is_signed(peer: Peer) -> None:
    """It also tells region and service."""
    headers = {"Host": f"abc.execute-api.{REGION}.amazonaws.com"}
    assert requests.get(peer.origin, headers=headers, auth=SigV4(KEYS), timeout=10).status_code == 200


def test_through_a_proxy(peer: Peer) -> None:
    """The request line then holds the whole URL; what is signed is the same."""
    url = "http://abc.execute-api.eu-central-1.amazonaws.com:80/a?b=c"
    proxies = {"http": peer.origin}
    session = requests.Session()
    session.trust_env = False
    session.get(url, auth=SigV4(KEYS), proxies=proxies, timeout=10)
    (arrived,) = peer.requests
    assert arrived.path == b"http://abc.execute-api.eu-central-1.amazonaws.com/a"
    assert arrived.header(b"host") == b"abc.execute-api.eu-central-1.amazonaws.com"
    assert peer.verified(arrived._replace(path=b"/a")).status == 200


def test_secrets_are_in_no_repr() -> None:
    """Nor is anything else."""
    assert "secret" not in repr(KEYS)
    assert "token" not in repr(auth())


def test_signed_requests_can_be_pickled_when_their_credentials_can() -> None:
    """Queues of prepared requests exist."""
    prepared = requests.Request("GET", "http://localhost/a", auth=auth()).prepare()
    assert pickle.loads(pickle.dumps(prepared)).headers == prepared.headers
