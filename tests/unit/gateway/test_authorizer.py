"""Who may, and that nothing but the authorizer says so."""

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from gatepass import errors
from gatepass.gateway import Decision, Protection, authenticate, authorize
from gatepass.gateway.authorizer import NoRoute, PolicyDenied, check
from gatepass.gateway.routing import ToApi, route
from gatepass.http import Request
from gatepass.operation import Permission
from gatepass.sigv4 import (
    EMPTY_PAYLOAD_HASH,
    CredentialScope,
    Keys,
    canonical_request,
    signature,
    signing_key,
    string_to_sign,
)

NOW = 1_800_000_000.0
ARN = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/api/"
CALLER = "arn:aws:sts::123456789012:assumed-role/guests/CognitoIdentityCredentials"
Statement = Callable[..., dict[str, Any]]


def test_a_decision_says_what_was_allowed(world: Any) -> None:
    """Caller, method ARN of the path as received, and the statement that allowed it."""
    decision = world.decide(world.snapshot(), "GET", b"/api/pets/a1b2", world.session())
    assert decision.resource == ARN + "GET/pets/a1b2"
    assert decision.standing.principal.arn == CALLER
    assert (decision.verdict.outcome, decision.verdict.statement) == ("allowed", 0)
    assert decision.verdict.policy.name == "inline policy `invoke` of role `guests`"


@pytest.mark.parametrize("path", [b"/api", b"/api/"])
def test_the_root_resource(world: Any, path: bytes) -> None:
    """With or without its slash it is `…/GET/`."""
    assert world.decide(world.snapshot(), "GET", path, world.session()).resource == ARN + "GET/"


def test_an_open_route_asks_for_nothing(world: Any) -> None:
    """Nobody is known there, whatever came along."""
    decision = world.decide(world.snapshot(), "GET", b"/api/open", headers=[(b"authorization", b"nonsense")])
    assert decision.standing is None
    assert decision.verdict is None


def test_nobody_is_let_in_without_a_signature(world: Any) -> None:
    with pytest.raises(errors.MissingAuthenticationToken) as raised:
        world.decide(world.snapshot(), "GET", b"/api/pets/1")
    assert not isinstance(raised.value, NoRoute)


@pytest.mark.parametrize("keys", ["", "session"])
def test_a_path_without_a_route(world: Any, keys: str) -> None:
    """The same words, signed or not; the reason differs from a missing signature."""
    with pytest.raises(NoRoute) as raised:
        world.decide(world.snapshot(), "GET", b"/api/nix", world.session() if keys else None)
    assert raised.value.message == "Missing Authentication Token"
    assert raised.value.detail == "there is no route for GET /nix"


def test_a_path_without_a_route_is_no_oracle(world: Any) -> None:
    """Whoever shows credentials there is answered as on a guarded route."""
    with pytest.raises(errors.SignatureMismatch):
        world.decide(world.snapshot(), "GET", b"/api/nix", world.session()._replace(secret_access_key="x" * 40))


def test_no_policy_no_entry(world: Any, statement: Statement) -> None:
    """API Gateway's sentence: the account in the resource masked, in the caller not."""
    snapshot = world.allowing(statement("GET/pets/2"))
    with pytest.raises(PolicyDenied) as raised:
        world.decide(snapshot, "GET", b"/api/pets/1", world.session())
    assert raised.value.message == (
        f"User: {CALLER} is not authorized to perform: execute-api:Invoke on resource:"
        " arn:aws:execute-api:us-east-1:********9012:a1b2c3d4e5/api/GET/pets/1"
        " because no identity-based policy allows the execute-api:Invoke action"
    )
    assert raised.value.verdict.outcome == "implicitDeny"


def test_an_explicit_deny_wins(world: Any, statement: Statement) -> None:
    snapshot = world.allowing(statement("*/*"), statement("GET/pets/1", effect="Deny", Sid="NotThisOne"))
    with pytest.raises(PolicyDenied, match="with an explicit deny in an identity-based policy") as raised:
        world.decide(snapshot, "GET", b"/api/pets/1", world.session())
    assert (raised.value.verdict.statement, raised.value.verdict.sid) == (1, "NotThisOne")
    assert world.decide(snapshot, "GET", b"/api/pets/2", world.session())


@pytest.mark.parametrize(
    ("denied", "path"),
    [
        ("GET/pets/1", b"/api/pets/1/"),
        ("GET/pets/a b", b"/api/pets/a%20b"),
        ("GET/pets/caf%C3%A9", b"/api/pets/caf%c3%a9"),
        ("GET/pets/a!", b"/api/pets/a%21"),
        ("GET/pets/a%21", b"/api/pets/a%21/"),
    ],
)
def test_a_deny_holds_for_other_spellings(world: Any, statement: Statement, denied: str, path: bytes) -> None:
    """Who forbids a resource forbids it however it is written."""
    snapshot = world.allowing(statement("*/*"), statement(denied, effect="Deny"))
    with pytest.raises(PolicyDenied, match="explicit deny") as raised:
        world.decide(snapshot, "GET", path, world.session())
    assert path.decode().removeprefix("/api") in raised.value.message


@pytest.mark.parametrize(("allowed", "path"), [("GET/pets/1", b"/api/pets/1/"), ("GET/pets/a b", b"/api/pets/a%20b")])
def test_an_allow_holds_for_the_spelling_received(world: Any, statement: Statement, allowed: str, path: bytes) -> None:
    """A slash at the end stays in the ARN that is evaluated."""
    with pytest.raises(PolicyDenied, match="because no identity-based policy"):
        world.decide(world.allowing(statement(allowed)), "GET", path, world.session())


def test_the_verb_is_the_request_s(world: Any, statement: Statement) -> None:
    """On an `ANY` route too; a policy that says ANY matches nothing."""
    snapshot = world.allowing(statement("POST/files/*", "ANY/files/*"))
    assert world.decide(snapshot, "POST", b"/api/files/1", world.session()).resource == ARN + "POST/files/1"
    with pytest.raises(PolicyDenied):
        world.decide(snapshot, "GET", b"/api/files/1", world.session())


@pytest.mark.parametrize(
    "path",
    [b"/api/pets/..", b"/api/files/a;b", b"/api/files/%2e%2e/x", b"//api/files/x", b"/api/files/%61"],
)
def test_ambiguous_paths_are_refused(world: Any, path: bytes) -> None:
    """Before anyone looks at the signature."""
    with pytest.raises(errors.BadRequest):
        world.decide(world.snapshot(), "GET", path, world.session())


@pytest.mark.parametrize("name", [b"x-http-method-override", b"x-http-method", b"x-method-override"])
@pytest.mark.parametrize("path", [b"/api/open", b"/api/pets/1"])
def test_a_method_is_not_overridden(world: Any, name: bytes, path: bytes) -> None:
    """Signed or not, on open routes too: an app behind may listen to it."""
    with pytest.raises(errors.BadRequest):
        world.decide(world.snapshot(), "GET", path, world.session(), headers=[(name, b"DELETE")])


@pytest.mark.parametrize(
    ("host", "path", "found"),
    [
        (b"gate.test", b"/api/pets/1", True),
        (b"gate.test", b"/other/pets/1", False),
        (b"gate.test", b"/apix/pets/1", False),
        (b"gate.test", b"/ap", False),
        (b"a1b2c3d4e5.execute-api.us-east-1.amazonaws.com", b"/api/pets/1", True),
        (b"A1B2C3D4E5.Execute-API.localhost:8080", b"/api/pets/1", True),
        (b"zzzzzzzzzz.execute-api.localhost", b"/api/pets/1", False),
        (b"a1b2c3d4e5.execute-api.localhost", b"/other/pets/1", False),
        (b"a1b2c3d4e5.execute-api.localhost", b"/", False),
        (b"gate.test", b"/_apis/a1b2c3d4e5/api/pets/1", True),
        (b"gate.test", b"/_apis/zzzzzzzzzz/api/pets/1", False),
        (b"gate.test", b"/_apis/a1b2c3d4e5", False),
        (b"gate.test", b"/_apisx", False),
    ],
)
def test_an_api_is_found(world: Any, host: bytes, path: bytes, found: bool) -> None:
    """By its stage, its host, or its own path; anything else is `Forbidden`."""
    request = Request("GET", path, b"", [(b"host", host)])
    if not found:
        with pytest.raises(errors.Forbidden):
            route(world.snapshot(), {}, request)
        return
    routed = route(world.snapshot(), {}, request)
    assert isinstance(routed, ToApi)
    assert routed.path == b"/pets/1"
    assert routed.base + routed.path == path


def test_policy_conditions_see_the_request(world: Any, statement: Statement) -> None:
    """Address, pool and time; a policy variable stands for the caller's own identity."""
    identity_id = "us-east-1:1412aab6-0000-4000-8000-000000000000"
    conditions = {
        "IpAddress": {"aws:SourceIp": "192.0.2.0/24"},
        "StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:6ef41744-0000-4000-8000-000000000000"},
        "DateLessThan": {"aws:CurrentTime": "2027-06-01T00:00:00Z"},
    }
    snapshot = world.allowing(statement("GET/pets/${cognito-identity.amazonaws.com:sub}", Condition=conditions))
    assert world.decide(snapshot, "GET", f"/api/pets/{identity_id}".encode(), world.session())
    with pytest.raises(PolicyDenied):
        world.decide(snapshot, "GET", b"/api/pets/us-east-1:someone-else", world.session())


def test_keys_of_an_operation(world: Any, statement: Statement, sign_request: Callable[..., Request]) -> None:
    """They add to what the request and its caller are, and replace none of it."""
    keys = {"aws:RequestTag/team": "blue", "iam:PermissionsBoundary": None, "aws:SourceIp": "203.0.113.1"}
    own = {"StringEquals": {"aws:RequestTag/Team": "blue"}, "Null": {"iam:PermissionsBoundary": "true"}}

    def decide(given: dict[str, str | None], **conditions: Any) -> Decision:
        snapshot = world.allowing(statement("*/*", Condition=conditions))
        request = sign_request("GET", b"/api/pets/1", world.session())
        routed = route(snapshot, {}, request)
        assert isinstance(routed, ToApi)
        asked = (Permission(routed.action, routed.resource, given),)
        return authorize(snapshot, routed, request, authenticate(snapshot, routed, request, NOW), NOW, asked)

    assert decide(keys, **own)
    assert decide(keys, IpAddress={"aws:SourceIp": "192.0.2.7"})
    for given, conditions in (
        ({}, own),
        ({**keys, "iam:PermissionsBoundary": ARN}, own),
        (keys, {"IpAddress": {"aws:SourceIp": "203.0.113.1"}}),
    ):
        with pytest.raises(PolicyDenied) as denied:
            decide(given, **conditions)
        query = denied.value.query
        assert query is not None
        assert query.context.get("aws:sourceip") == "192.0.2.7"


def with_signed_agent(keys: Keys, agent: bytes) -> Request:
    """No signer signs the user agent by itself; AWS takes it if one does."""
    headers = [
        *((b"host", b"gate.test"), (b"user-agent", agent), (b"x-amz-date", b"20270115T080000Z")),
        (b"x-amz-security-token", (keys.session_token or "").encode()),
    ]
    names = [name for name, _ in headers]
    scope = CredentialScope("20270115", "us-east-1", "execute-api")
    canonical = canonical_request("GET", b"/api/pets/1", b"", headers, names, EMPTY_PAYLOAD_HASH)
    text = string_to_sign("20270115T080000Z", scope, canonical)
    proof = signature(signing_key(keys.secret_access_key, scope), text)
    value = f"AWS4-HMAC-SHA256 Credential={keys.access_key_id}/{scope}, SignedHeaders={b';'.join(names).decode()},"
    return Request("GET", b"/api/pets/1", b"", [*headers, (b"authorization", f"{value} Signature={proof}".encode())])


def test_a_policy_decides_by_signed_headers_only(world: Any, statement: Statement) -> None:
    """A header anyone may add on the way proves nothing; without the header there is nothing to prove."""
    snapshot = world.allowing(statement("*/*", Condition={"StringLike": {"aws:UserAgent": "tool/*"}}))
    keys = world.session()
    for agent, allowed in ((b"tool/1", True), (b"other", False)):
        request = with_signed_agent(keys, agent)
        routed = route(snapshot, {}, request)
        verified = authenticate(snapshot, routed, request, NOW)
        if allowed:
            assert authorize(snapshot, routed, request, verified, NOW)
        else:
            with pytest.raises(PolicyDenied):
                authorize(snapshot, routed, request, verified, NOW)
    with pytest.raises(errors.UnsignedHeader):
        world.decide(snapshot, "GET", b"/api/pets/1", keys, unsigned=[(b"user-agent", b"tool/1")])
    with pytest.raises(PolicyDenied):
        world.decide(snapshot, "GET", b"/api/pets/1", keys)


def test_a_guest_is_scoped_down(world: Any) -> None:
    """Whatever the role allows, a guest of the enhanced flow gets no more than Cognito lets guests have."""
    snapshot = world.allowing({"Effect": "Allow", "Action": "*", "Resource": "*"})
    assert world.decide(snapshot, "GET", b"/api/pets/1", world.session())
    limited = world.session(
        session_policies=(json.dumps({"Version": "2012-10-17", "Statement": []}),), scoped_down=False
    )
    with pytest.raises(PolicyDenied, match="no session policy allows"):
        world.decide(snapshot, "GET", b"/api/pets/1", limited)


def test_the_root_may_everything(world: Any) -> None:
    root = Keys("AKIAROOTROOTROOTROOT", "r" * 40)
    decision = world.decide(world.allowing(), "GET", b"/api/pets/1", root)
    assert decision.standing.principal.kind == "root"


# --- one chokepoint


def forged(world: Any) -> Decision:
    """A real decision, about another request."""
    decision = world.decide(world.snapshot(), "GET", b"/api/open")
    assert isinstance(decision, Decision)
    return decision


def test_nobody_else_makes_decisions(world: Any) -> None:
    """Not by calling, copying, unpickling or subclassing."""
    with pytest.raises(TypeError):
        Decision(object(), Request("GET", b"/"), None, None, "", None)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        type("Mine", (Decision,), {})
    decision = forged(world)
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            attempt(decision)


@pytest.mark.parametrize("imposter", [None, True, "allowed", object()])
def test_what_is_no_decision_passes_no_one(imposter: object) -> None:
    with pytest.raises(TypeError):
        check(imposter, Request("GET", b"/"))


def test_a_decision_is_about_one_request(world: Any) -> None:
    """An equal request is another request."""
    decision = forged(world)
    check(decision, decision.request)
    with pytest.raises(TypeError):
        check(decision, decision.request._replace())


def test_an_authorizer_without_an_authenticator(world: Any, sign_request: Callable[..., Request]) -> None:
    """Whoever skips the second stage gets nowhere in the third."""
    snapshot, request = world.snapshot(), sign_request("GET", b"/api/pets/1", world.session())
    routed = route(snapshot, {}, request)
    with pytest.raises(errors.MissingAuthenticationToken):
        authorize(snapshot, routed, request, None, NOW)
    assert authorize(snapshot, routed, request, authenticate(snapshot, routed, request, NOW), NOW)


def test_protection_is_api_gateway_s_word() -> None:
    assert {each.value for each in Protection} == {"NONE", "AWS_IAM"}
