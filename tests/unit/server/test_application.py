"""The application, entrance by entrance: what it answers, what it keeps, and that it holds nothing open."""

import json
import logging
from typing import Any

import pytest

from gatepass.errors import NotAuthorized
from gatepass.gateway import authorizer
from gatepass.http import Request
from gatepass.server import asgi
from gatepass.sigv4 import presign

HOST = (b"host", b"gate.test")


def test_a_guest_calls_the_api(house: Any) -> None:
    """Credentials from the pool, a signature, the app's answer, identifiers on it."""
    answer = house.send(house.signed("GET", b"/api/pets/1", house.guest()))
    headers = dict(answer.headers)
    assert (answer.status, json.loads(answer.body)) == (200, {"path": "/api/pets/1", "method": "GET"})
    assert len(headers[b"x-amzn-requestid"]) == 36
    assert headers[b"x-amz-apigw-id"].endswith(b"=")
    assert house.decision(answer)["outcome"] == "allowed"


def test_the_app_is_not_called_without_a_decision(house: Any) -> None:
    """Whatever is refused, its counter stays where it was."""
    keys = house.guest()
    for request in (
        Request("GET", b"/api/", b"", [HOST]),
        Request("GET", b"/api/open/", b"", [HOST]),
        Request("POST", b"/api/open", b"", [HOST]),
        Request("GET", b"/nix/", b"", [HOST]),
        house.signed("GET", b"/api/a", keys._replace(secret_access_key="x" * 40)),
        house.signed("GET", b"/api/a", keys, service="sts"),
        house.signed("GET", b"/api/a", keys)._replace(path=b"/api/b"),
        house.signed("GET", b"/api/%2e%2e/a", keys),
    ):
        assert house.send(request).status in (400, 403)
    assert house.app.scopes == []


def test_forged_headers_with_a_signature(house: Any) -> None:
    """Only the gate says who calls: a signed request that says so is refused."""
    request = house.signed("GET", b"/api/a", house.guest())
    for name in (b"x-gatepass-user-arn", b"x-gatepass-zzz"):
        answer = house.send(request._replace(headers=[*request.headers, (name, b"arn:aws:iam::1:root")]))
        assert (answer.status, dict(answer.headers)[b"x-amzn-errortype"]) == (403, b"InvalidSignatureException")
    assert house.app.scopes == []


def test_the_body_reaches_the_app(house: Any) -> None:
    """And a byte of it changed does not."""
    request = house.signed("POST", b"/api/a", house.guest(), body=b"hello")
    assert house.send(request).status == 200
    assert house.app.bodies == [b"hello"]
    assert house.send(request._replace(body=b"hellO")).status == 403
    assert len(house.app.bodies) == 1


def test_a_policy_written_counts_at_once(house: Any) -> None:
    """Narrowed through the store, the next request of the same session is refused, and explained."""
    keys = house.guest()
    assert house.send(house.signed("GET", b"/api/pets/1", keys)).status == 200
    role = house.store.directory.roles["pets-guests"]

    def narrow(stored: Any) -> Any:
        import dataclasses

        document = stored.inline_policies["invoke-iam-routes"].replace("*/*", "GET/only")
        return dataclasses.replace(stored, inline_policies={"invoke-iam-routes": document})

    house.run(house.store.roles.change(role.name, narrow))
    answer = house.send(house.signed("GET", b"/api/pets/1", keys))
    told = house.decision(answer)
    assert answer.status == 403
    assert json.loads(answer.body)["Message"].endswith(
        "because no identity-based policy allows the execute-api:Invoke action"
    )
    assert (told["stage"], told["outcome"], told["verdict"]["outcome"]) == ("authorize", "refused", "implicitDeny")
    assert told["resource"].endswith("/api/GET/pets/1")
    assert told["explanation"]["changes"]


def test_operations_in_both_protocols(house: Any) -> None:
    """JSON for Cognito Identity, forms for STS and IAM."""
    assert house.cognito("ListIdentityPools", house.administrator, MaxResults=5)["IdentityPools"][0]["IdentityPoolId"]
    form = [(b"content-type", b"application/x-www-form-urlencoded")]
    who = house.send(
        house.signed(
            "POST",
            b"/",
            house.administrator,
            service="sts",
            headers=form,
            body=b"Action=GetCallerIdentity&Version=2011-06-15",
        )
    )
    assert b"<Arn>arn:aws:iam::123456789012:root</Arn>" in who.body


@pytest.mark.parametrize(
    ("headers", "body", "status", "said"),
    [
        ([(b"x-amz-target", b"AWSCognitoIdentityService.Nix")], b"{}", 400, b"UnknownOperationException"),
        ([(b"x-amz-target", b"Other.GetId")], b"{}", 400, b"UnknownOperationException"),
        ([(b"content-type", b"application/x-amz-json-1.1")], b"{}", 400, b"UnknownOperationException"),
        (
            [(b"content-type", b"application/x-www-form-urlencoded")],
            b"Action=Nix&Version=2011-06-15",
            400,
            b"Could not find operation Nix for version 2011-06-15",
        ),
        ([(b"content-type", b"application/x-www-form-urlencoded")], b"Action=GetRole", 400, b"NO_VERSION_SPECIFIED"),
        ([(b"content-type", b"application/x-www-form-urlencoded")], b"Action=%zz", 400, b"MalformedInput"),
        ([], b"", 302, b""),
    ],
)
def test_operations_nobody_serves(
    house: Any, headers: list[tuple[bytes, bytes]], body: bytes, status: int, said: bytes
) -> None:
    """Each protocol says so in its own words."""
    answer = house.send(Request("POST", b"/", b"", [HOST, *headers], body))
    assert answer.status == status
    assert said in answer.body


def test_an_operation_in_the_query(house: Any) -> None:
    """As in a presigned `GetCallerIdentity`, by which others check who someone is; with a byte changed it is none."""
    asked = b"Action=GetCallerIdentity&Version=2011-06-15"
    keys = house.guest()
    signed = house.signed("GET", b"/", keys, service="sts", query=asked)
    plain = Request("GET", b"/", asked, [HOST])
    presigned = plain._replace(
        query=presign(plain, keys, region="us-east-1", service="sts", now=house.clock(), expires=60)
    )
    for request in (signed, presigned):
        answer = house.send(request)
        assert (answer.status, b":assumed-role/pets-guests/CognitoIdentityCredentials<" in answer.body) == (200, True)
        other = request._replace(query=request.query.replace(b"2011-06-15", b"2010-05-08"))
        assert b"InvalidAction" in house.send(other).body
        forged = house.send(request._replace(query=request.query + b"&x=1"))
        assert (forged.status, b"<Code>SignatureDoesNotMatch<" in forged.body) == (403, True)
    unsigned = house.send(Request("GET", b"/", asked, [HOST, (b"x-amz-target", b"AWSCognitoIdentityService.GetId")]))
    assert (unsigned.status, b"<Code>MissingAuthenticationToken<" in unsigned.body) == (403, True)
    malformed = house.send(Request("GET", b"/", b"Action=%zz", [HOST]))
    assert (malformed.status, b"<Code>MalformedInput<" in malformed.body) == (400, True)


@pytest.mark.parametrize(("method", "query"), [("GET", b"action=GetUser"), ("GET", b"XAction=A"), ("PUT", b"Action=A")])
def test_a_query_that_names_no_action(house: Any, method: str, query: bytes) -> None:
    """Is none of an operation's, as `/` without a query is not."""
    answer = house.send(Request(method, b"/", query, [HOST]))
    assert (answer.status, answer.body) == (403, b'{"message":"Forbidden"}')


def test_a_browser_may_call_operations(house: Any) -> None:
    headers = [HOST, (b"origin", b"https://app.test"), (b"access-control-request-headers", b"x-amz-target")]
    answer = house.send(Request("OPTIONS", b"/", b"", headers))
    assert (answer.status, dict(answer.headers)[b"access-control-allow-origin"]) == (200, b"*")


def test_an_operation_needs_its_permission(house: Any) -> None:
    """A guest is known, but may not; the administrator may. A permission is for the resource."""
    answer = house.cognito("DescribeIdentityPool", house.guest(), IdentityPoolId=house.pool_id)
    assert answer["__type"] == "AccessDeniedException"
    assert answer["Message"].endswith(
        f"is not authorized to perform: cognito-identity:DescribeIdentityPool on resource:"
        f" arn:aws:cognito-identity:us-east-1:123456789012:identitypool/{house.pool_id}"
        " because no identity-based policy allows the cognito-identity:DescribeIdentityPool action"
    )


def test_an_operation_that_is_not_signed_takes_any_signature(house: Any) -> None:
    """Or none: nobody looks at it."""
    wrong = house.administrator._replace(secret_access_key="x" * 40)
    assert house.cognito("GetId", wrong, IdentityPoolId=house.pool_id)["IdentityId"]


def test_what_an_operation_notes_is_for_the_administrator(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = house.send(
        Request(
            *("POST", b"/", b""),
            [HOST, (b"x-amz-target", b"AWSCognitoIdentityService.GetId")],
            json.dumps({"IdentityPoolId": "us-east-1:00000000-0000-4000-8000-000000000000"}).encode(),
        )
    )
    told = house.decision(answer)
    assert (told["entrance"], told["stage"], told["action"]) == ("operation", "integrate", "cognito-identity:GetId")
    assert told["error"]["code"] == "ResourceNotFoundException"


@pytest.mark.parametrize("path", [b"/_gatepass/health", b"/_gatepass/metrics"])
def test_own_paths_anyone_may_see(house: Any, path: bytes) -> None:
    answer = house.send(Request("GET", path, b"", [HOST]))
    assert answer.status == 200
    assert house.application.decisions.last() is None, "they are no decisions"


def test_metrics_count(house: Any) -> None:
    house.send(Request("GET", b"/api/", b"", [HOST]))
    house.send(Request("GET", b"/api/open", b"", [HOST]))
    text = house.send(Request("GET", b"/_gatepass/metrics", b"", [HOST])).body.decode()
    assert 'gatepass_requests_total{entrance="api",outcome="refused",status="403"} 1.0' in text
    assert 'gatepass_requests_total{entrance="api",outcome="allowed",status="200"} 1.0' in text
    assert 'gatepass_refusals_total{code="MissingAuthenticationToken",stage="authenticate"} 1.0' in text
    assert 'gatepass_request_seconds_count{entrance="api"} 2.0' in text
    assert "gatepass_decisions_kept 2.0" in text


def test_decisions_are_the_administrator_s(house: Any) -> None:
    """By id or the last one; nobody else's signature opens them."""
    house.send(Request("GET", b"/api/", b"", [HOST]))
    last = house.send(house.signed("GET", b"/_gatepass/decisions/last", house.administrator))
    told = json.loads(last.body)
    assert (told["stage"], told["error"]["code"]) == ("authenticate", "MissingAuthenticationTokenException")
    by_id = house.send(house.signed("GET", f"/_gatepass/decisions/{told['request_id']}".encode(), house.administrator))
    assert json.loads(by_id.body) == told
    unknown = house.send(house.signed("GET", b"/_gatepass/decisions/nix", house.administrator))
    assert unknown.status == 404
    for request in (
        Request("GET", b"/_gatepass/decisions/last", b"", [HOST]),
        house.signed("GET", b"/_gatepass/decisions/last", house.guest()),
        house.signed("GET", b"/_gatepass/decisions/last", house.administrator._replace(secret_access_key="x" * 40)),
    ):
        assert house.send(request).status == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", b"/"), ("PUT", b"/"), ("GET", b"/nix"), ("GET", b"/_gatepass/nix"), ("POST", b"/_gatepass/health")),
        *(("GET", b"/_gatepass"), ("GET", b"/favicon.ico"), ("GET", b"")),
    ],
)
def test_anywhere_else_is_forbidden(house: Any, method: str, path: bytes) -> None:
    answer = house.send(Request(method, path, b"", [HOST]))
    assert (answer.status, answer.body) == (403, b'{"message":"Forbidden"}')
    assert dict(answer.headers)[b"x-amzn-errortype"] == b"ForbiddenException"


# --- bodies and servers


def send_parts(house: Any, request: Request, parts: list[bytes | None]) -> tuple[int, int]:
    """The status, and how many parts were taken; None is the client going away."""
    left, sent = list(parts), []

    async def receive() -> Any:
        part = left.pop(0)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": bool(left)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": request.method,
        "raw_path": request.path,
        "query_string": b"",
        "client": None,
        "path": "",
    }
    house.run(house.application({**scope, "headers": list(request.headers)}, receive, send))
    return (sent[0]["status"] if sent else 0), len(parts) - len(left)


MIB = 1024 * 1024


def test_a_body_in_parts(house: Any) -> None:
    """It is verified as a whole before the app sees any of it."""
    request = house.signed("POST", b"/api/a", house.guest(), body=b"one two")
    assert send_parts(house, request, [b"one ", b"two"]) == (200, 2)
    assert house.app.bodies == [b"one two"]


@pytest.mark.parametrize(
    ("path", "headers", "parts", "taken"),
    [
        (b"/api/a", [(b"content-length", b"10485761")], [b"x"], 0),
        (b"/api/a", [(b"content-length", b"99999999999999999999999")], [b"x"], 0),
        (b"/api/open", [], [b"x" * MIB] * 20, 11),
        (b"/", [(b"x-amz-target", b"AWSCognitoIdentityService.GetId")], [b"x" * 1000] * 2000, 1049),
    ],
)
def test_a_body_that_is_too_large(
    house: Any, path: bytes, headers: list[tuple[bytes, bytes]], parts: list[bytes | None], taken: int
) -> None:
    """413 by what is announced, or as soon as there is too much; 10 MiB for APIs, 1 MiB for operations."""
    method = "GET" if path == b"/api/open" else "POST"
    assert send_parts(house, Request(method, path, b"", [HOST, *headers]), parts) == (413, taken)


def test_a_length_that_is_no_number(house: Any) -> None:
    request = Request("POST", b"/api/a", b"", [HOST, (b"content-length", b"+5")])
    assert send_parts(house, request, [b"hello"]) == (400, 0)


def test_a_signed_body_that_is_too_large(house: Any) -> None:
    """Whoever holds a key may send as much as anyone, and no more."""
    request = house.signed("POST", b"/api/a", house.guest())
    assert send_parts(house, request, [b"x" * MIB] * 20) == (413, 11)


@pytest.mark.parametrize("path", [b"/api/a", b"/nix/a"])
@pytest.mark.parametrize("headers", [[], [(b"authorization", b"AWS4-HMAC-SHA256 x=y")]], ids=["none", "garbage"])
def test_nothing_is_read_for_nothing(house: Any, path: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """Who shows no credentials in order, or asks for what is not there, need not send the rest."""
    assert send_parts(house, Request("POST", path, b"", [HOST, *headers]), [b"x" * 1000] * 5) == (403, 1)


def test_a_head_is_judged_before_its_body_is_read(house: Any) -> None:
    """An unknown key, an old date: whatever follows could not mend that."""
    good = house.signed("POST", b"/api/a", house.guest(), body=b"x")
    for old, new in ((b"Credential=ASIA", b"Credential=AKIA"), (b"SignedHeaders=host;", b"SignedHeaders=")):
        headers = [(name, value.replace(old, new)) for name, value in good.headers]
        assert send_parts(house, good._replace(headers=headers, body=b""), [b"x" * 1000] * 5) == (403, 1)


def test_bodies_that_arrive_have_one_room(house: Any) -> None:
    """What finds no room is turned away; what was held is let go."""
    arriving = house.application._arriving
    room = arriving._most - arriving.held
    arriving.hold(room - 1500)
    open_route = Request("GET", b"/api/open", b"", [HOST])
    assert send_parts(house, open_route, [b"x" * 1000] * 5) == (500, 2)
    arriving.let_go(room - 1500)
    assert arriving.held == 0


def test_a_client_that_goes_away(house: Any) -> None:
    """Nobody is answered, nothing is called, nothing is kept."""
    request = house.signed("POST", b"/api/a", house.guest(), body=b"one two")
    before = len(house.application.decisions)
    assert send_parts(house, request, [b"one ", None]) == (0, 2)
    assert send_parts(house, request, [None]) == (0, 1)
    assert house.app.scopes == []
    assert len(house.application.decisions) == before


def test_a_server_that_decodes_paths(house: Any) -> None:
    """Without the raw path no signature can be verified: nothing is served."""
    answer = house.send(Request("GET", b"/api/open", b"", [HOST]), raw_path=None)
    assert (answer.status, answer.body) == (500, b'{"message": "Internal server error"}')
    assert house.app.scopes == []


def test_other_connections_are_refused(house: Any) -> None:
    """Only http and lifespan."""

    async def nothing(*given: Any) -> Any:
        raise AssertionError("nobody is asked")

    with pytest.raises(ValueError, match="websocket"):
        house.run(house.application({"type": "websocket"}, nothing, nothing))


# --- what breaks


def test_an_operation_that_breaks(house: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """The protocol's own internal error; the reason only in the log."""

    async def broken(*given: Any) -> Any:
        raise ZeroDivisionError("secret reason")

    monkeypatch.setattr(house.store.identities, "add", broken)
    with caplog.at_level(logging.ERROR):
        answer = house.cognito("GetId", IdentityPoolId=house.pool_id)
    assert answer["__type"] == "InternalErrorException"
    assert "secret reason" not in json.dumps(answer)
    assert "secret reason" in caplog.text


@pytest.mark.parametrize("imposter", [None, True, object()])
def test_a_broken_authorizer_lets_nobody_in(house: Any, monkeypatch: pytest.MonkeyPatch, imposter: object) -> None:
    """What is no decision about this request reaches neither app nor operation."""
    monkeypatch.setattr(asgi, "authorize", lambda *given: imposter)
    assert house.send(house.signed("GET", b"/api/a", house.administrator)).status == 500
    assert house.cognito("ListIdentityPools", house.administrator, MaxResults=1)["__type"] == "InternalErrorException"
    assert house.app.scopes == []


def test_a_decision_about_another_request_lets_nobody_in(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept from a request that was allowed, and handed out again."""
    kept: list[Any] = []

    def authorize(*given: Any) -> Any:
        kept.append(kept[0] if kept else authorizer.authorize(*given))
        return kept[-1]

    monkeypatch.setattr(asgi, "authorize", authorize)
    assert house.send(house.signed("GET", b"/api/a", house.administrator)).status == 200
    assert house.send(Request("GET", b"/api/open", b"", [HOST])).status == 500
    assert len(house.app.scopes) == 1


def test_a_denial_is_logged_without_secrets(house: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Who, what and why; no query, token, signature or identity id."""
    keys = house.guest()
    with caplog.at_level(logging.DEBUG, logger="gatepass.decisions"):
        house.send(house.signed("GET", b"/api/a", keys._replace(secret_access_key="x" * 40), query=b"q=PRIVATE"))
        house.send(house.signed("GET", b"/_gatepass/decisions/x", keys))
    assert "stage=authenticate code=InvalidSignature status=403" in caplog.text
    assert "principal=arn:aws:sts::123456789012:assumed-role/pets-guests/" in caplog.text
    assert "PRIVATE" not in caplog.text
    assert (keys.session_token or "")[20:] not in caplog.text


def test_a_log_line_is_one_line(house: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the path holds."""
    with caplog.at_level(logging.WARNING):
        house.send(Request("GET", b'/api/\nforged line=1\x1b[2J"', b"", [HOST]))
    assert len(caplog.messages) == 1
    assert "\n" not in caplog.messages[0]
    assert "\x1b" not in caplog.messages[0]


def test_errors_of_operations_are_no_errors_of_the_gate(house: Any) -> None:
    assert NotAuthorized.status == 400
    house.run(house.store.identity_pools.change(house.pool_id, lambda pool: _closed(pool)))
    assert house.cognito("GetId", IdentityPoolId=house.pool_id)["__type"] == "NotAuthorizedException"
    last = house.application.decisions.last()
    assert last.outcome == "refused"


def _closed(pool: Any) -> Any:
    import dataclasses

    return dataclasses.replace(pool, allow_unauthenticated=False)
