"""`AssumeRoleWithWebIdentity`: tokens of identity pools (the classic flow) and of OpenID Connect providers."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.oracles import login_tokens
from tests.oracles.login_tokens import ISSUER, b64, compact, forge, header, rsa_key, zoo
from tests.unit.sts.service import (
    ACCOUNT,
    COGNITO,
    IDENTITY,
    NOW,
    POOL,
    PROVIDER,
    REGION,
    REQUEST_ID,
    Sts,
    allow,
    of,
    parsed,
    serialized,
    trusting,
    trusting_pool,
)

from gatepass.store import Role
from gatepass.store.entities import Login
from gatepass.tokens import OpenIdToken, SigningKeys, mint_openid
from gatepass.tokens.jwt_writing import write

ACTION = "sts:AssumeRoleWithWebIdentity"
DENIED = (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
NOT_A_TOKEN = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
NOT_VALIDATED = (
    "The web identity token that was passed could not be validated by AWS."
    " Get a new identity token from the identity provider and then retry the request."
)
NO_KEYS = (
    "Couldn't retrieve verification key from your identity provider,"
    "  please reference AssumeRoleWithWebIdentity documentation for requirements"
)
OTHER_POOL = f"{REGION}:00000000-0000-0000-0000-000000000000"
NAME = ISSUER.removeprefix("https://")
PROVIDED = trusting({"Federated": PROVIDER}, ACTION, "sts:TagSession", "sts:SetSourceIdentity")


def invalid(message: str = NOT_VALIDATED) -> tuple[int, str, str]:
    return 400, "InvalidIdentityToken", message


def ask(sts: Sts, role: Role | str, token: str, **more: Any) -> dict[str, Any]:
    arn = role if isinstance(role, str) else role.arn
    given = {"RoleArn": arn, "RoleSessionName": "app", "WebIdentityToken": token}
    return sts.ask("AssumeRoleWithWebIdentity", **{**given, **more})


def refused(sts: Sts, role: Role | str, token: str, **more: Any) -> tuple[int, str, str]:
    arn = role if isinstance(role, str) else role.arn
    given = {"RoleArn": arn, "RoleSessionName": "app", "WebIdentityToken": token}
    return sts.refusal("AssumeRoleWithWebIdentity", **{**given, **more})


@pytest.fixture
def guests(sts: Sts) -> Role:
    """A role for the pool's guests."""
    sts.pool()
    return sts.role("guests", trusting_pool(), max_session_duration=43200)


# --- identity pools: the classic flow


def test_the_answer_byte_for_byte(sts: Sts, guests: Role) -> None:
    given = {"RoleArn": guests.arn, "RoleSessionName": "app", "WebIdentityToken": sts.openid()}
    body = sts.send("AssumeRoleWithWebIdentity", None, serialized("AssumeRoleWithWebIdentity", given)).body.decode()
    tags = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    access_key_id, secret, token = (body.partition(f"<{tag}>")[2].partition("<")[0] for tag in tags)
    assert (
        body
        == f"""\
<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <Audience>{POOL}</Audience>
    <AssumedRoleUser>
      <AssumedRoleId>AROAGUESTSAAAAAAAAAAA:app</AssumedRoleId>
      <Arn>arn:aws:sts::123456789012:assumed-role/guests/app</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>{access_key_id}</AccessKeyId>
      <SecretAccessKey>{secret}</SecretAccessKey>
      <SessionToken>{token}</SessionToken>
      <Expiration>2027-01-15T09:00:00Z</Expiration>
    </Credentials>
    <Provider>cognito-identity.amazonaws.com</Provider>
    <SubjectFromWebIdentityToken>{IDENTITY}</SubjectFromWebIdentityToken>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata>
    <RequestId>{REQUEST_ID}</RequestId>
  </ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>
"""
    )


def test_a_refusal_byte_for_byte(sts: Sts, guests: Role) -> None:
    given = {"RoleArn": guests.arn, "RoleSessionName": "app", "WebIdentityToken": "made.up.token"}
    response = sts.send("AssumeRoleWithWebIdentity", None, serialized("AssumeRoleWithWebIdentity", given))
    assert response.status == 400
    assert (
        response.body.decode()
        == f"""\
<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>InvalidIdentityToken</Code>
    <Message>{NOT_A_TOKEN}</Message>
  </Error>
  <RequestId>{REQUEST_ID}</RequestId>
</ErrorResponse>
"""
    )


def test_the_session_knows_its_identity(sts: Sts, guests: Role) -> None:
    """As one of the enhanced flow, but for the scope-down, which the classic flow does not have."""
    session = sts.principal(of(ask(sts, guests, sts.openid())))
    assert (session.role_arn, session.session_name) == (guests.arn, "app")
    assert (session.identity_id, session.identity_pool_id) == (IDENTITY, POOL)
    assert (session.amr, session.federated_provider) == (("unauthenticated",), COGNITO)
    assert (session.scoped_down, session.expiration) == (False, int(NOW) + 3600)


def test_the_trust_policy_decides(sts: Sts, guests: Role) -> None:
    """By pool, by kind of identity, and by identity."""
    amr = ("authenticated", "login.example", "login.example:OIDC:sub")
    known = sts.role("known", trusting_pool(amr="authenticated"))
    by_login = sts.role("by-login", trusting_pool(amr="login.*:OIDC:sub"))
    theirs = sts.role("theirs", trusting_pool(pool=OTHER_POOL))
    mine = trusting_pool()
    mine["Statement"][0]["Condition"]["StringEquals"][f"{COGNITO}:sub"] = IDENTITY
    only_me = sts.role("only-me", mine)
    guest, member = sts.openid(), sts.openid(*amr)
    for role, token in ((guests, guest), (known, member), (by_login, member), (only_me, guest)):
        assert ask(sts, role, token)["Audience"] == POOL
    for role, token in ((guests, member), (known, guest), (by_login, guest), (theirs, guest), (theirs, member)):
        assert refused(sts, role, token) == DENIED
    assert sts.notes == ["no trust policy allows sts:AssumeRoleWithWebIdentity on role `theirs`"]


@pytest.mark.parametrize(
    "trust",
    [
        trusting({"Federated": COGNITO}, ACTION),
        trusting({"Federated": COGNITO}, ACTION, condition={"StringLike": {f"{COGNITO}:amr": "unauthenticated"}}),
        trusting({"Federated": "*"}, ACTION),
        trusting({"Federated": PROVIDER}, ACTION),
        trusting({"AWS": "*"}, ACTION),
        trusting({"AWS": ACCOUNT}, "sts:*"),
        trusting({"Federated": COGNITO}, "sts:AssumeRole", condition={"StringEquals": {f"{COGNITO}:aud": POOL}}),
        "not a policy",
    ],
    ids=lambda trust: json.dumps(trust)[:100],
)
def test_trust_policies_that_trust_no_pool(sts: Sts, guests: Role, trust: Any) -> None:
    """Among them those that IAM would not save: they name no audience."""
    assert refused(sts, sts.role("r", trust), sts.openid()) == DENIED


def test_a_role_that_is_not_there(sts: Sts, guests: Role) -> None:
    for arn in (f"{guests.arn}-missing", "arn:aws:iam::999999999999:role/guests"):
        assert refused(sts, arn, sts.openid()) == DENIED


def test_an_explicit_deny_is_named_in_the_log(sts: Sts, guests: Role) -> None:
    trust = trusting_pool()
    trust["Statement"].append({"Effect": "Deny", "Principal": {"Federated": COGNITO}, "Action": "sts:*"})
    assert refused(sts, sts.role("r", trust), sts.openid()) == DENIED
    assert sts.notes == [f"trust policy of role `r`: statement 1 denies {ACTION} on role `r`"]


# --- forged, tampered, ended


def forgeries(sts: Sts) -> Iterator[tuple[str, str]]:
    """Tokens of a pool that no pool of this deployment made."""
    good = sts.openid()
    head, body, signature = good.split(".")
    keys = sts.run(sts.store.signing_keys.get(sts.now))
    others = SigningKeys(keys.active, {keys.active: rsa_key("another deployment's")})
    token = OpenIdToken(IDENTITY, POOL, ("authenticated", "x"), int(NOW), int(NOW) + 600)
    yield "wholly forged", mint_openid(others, token)
    yield (
        "another key id",
        write(rsa_key("x"), {"iss": f"https://{COGNITO}"}, key_id="eu-central-1-9", algorithm="RS512"),
    )
    claims = json.loads(_decoded(body))
    for name, value in {"sub": "x", "aud": OTHER_POOL, "amr": ["authenticated"], "exp": int(NOW) + 86_400}.items():
        yield f"tampered {name}", f"{head}.{b64(compact({**claims, name: value}))}.{signature}"
    yield "no signature", f"{head}.{body}."
    yield "alg none", f"{b64(compact({'alg': 'none', 'kid': keys.active}))}.{body}."
    yield "RS256", write(keys.keys[keys.active], claims, key_id=keys.active, kind="JWS")
    public = json.dumps(json.loads(keys.jwks())["keys"][0]).encode()
    yield "HS512 with the public key", forge({"alg": "HS512", "kid": keys.active}, claims, lambda signed: public)
    yield "signed by an attacker who publishes a key", forge(header(jwk={"kty": "RSA"}), claims)
    yield "a login token that claims to be a pool's", login_tokens.token(iss=f"https://{COGNITO}", amr=["x"])


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "==")


def test_no_forged_token_gets_credentials(sts: Sts, guests: Role) -> None:
    """At a role that trusts the pool, and another one, with every kind of identity."""
    trust = trusting({"Federated": COGNITO}, ACTION, condition={"StringEquals": {f"{COGNITO}:aud": [POOL, OTHER_POOL]}})
    role = sts.role("open", trust)
    assert ask(sts, role, sts.openid())
    forged = dict(forgeries(sts))
    assert len(forged) == 12
    answers = {name: refused(sts, role, token) for name, token in forged.items()}
    assert {answer[:2] for answer in answers.values()} == {(400, "InvalidIdentityToken")}
    assert answers["wholly forged"] == answers["another key id"] == answers["tampered sub"] == invalid()


def test_a_token_that_has_ended(sts: Sts, guests: Role) -> None:
    token = sts.openid(lifetime=600)
    sts.now += 599
    assert ask(sts, guests, token)
    sts.now += 1
    assert refused(sts, guests, token) == (
        400,
        "ExpiredTokenException",
        f"Token expired: current date/time {int(sts.now)} must be before the expiration date/time{int(NOW) + 600}",
    )


def test_a_token_whose_pool_or_identity_is_gone(sts: Sts, guests: Role) -> None:
    """Or disabled, or revoked: the session would be issued after that, and know nothing of it."""
    token = sts.openid()
    identity = sts.run(sts.store.identities.get(IDENTITY))
    assert identity is not None
    disabled = dataclasses.replace(identity, enabled=False)
    assert sts.run(sts.store.identities.save(disabled))
    assert refused(sts, guests, token) == invalid()
    assert sts.notes == ["the token's identity is disabled"]
    assert sts.run(sts.store.identities.save(dataclasses.replace(identity, revision=identity.revision + 1)))
    assert ask(sts, guests, token)
    sts.now += 60
    for kind, id_ in (("identity", IDENTITY), ("identity_pool", POOL)):
        fresh = sts.openid()
        sts.run(sts.store.epochs.push(kind, id_, sts.now + 1))  # type: ignore[arg-type]
        assert refused(sts, guests, fresh) == invalid()
        assert sts.notes == ["the token was made before its pool or identity was last revoked"]
        sts.now += 60
        assert ask(sts, guests, sts.openid())
    assert sts.run(sts.store.identities.delete(IDENTITY))
    assert refused(sts, guests, sts.openid()) == invalid()
    assert sts.run(sts.store.identity_pools.delete(POOL))
    assert refused(sts, guests, sts.openid()) == invalid()
    assert sts.notes == ["the token's identity pool was deleted"]


def test_a_guests_token_is_good_for_guests_only(sts: Sts, guests: Role) -> None:
    """Not once its identity has a login, nor once the pool takes guests no more, as for the pool's own credentials."""
    token = sts.openid()
    identity = sts.run(sts.store.identities.get(IDENTITY))
    pool = sts.run(sts.store.identity_pools.get(POOL))
    assert identity is not None
    assert pool is not None
    known = dataclasses.replace(identity, logins=(Login("accounts.google.com", "alice"),))
    assert sts.run(sts.store.identities.save(known))
    assert refused(sts, guests, token) == invalid()
    assert sts.notes == ["the token is a guest's, and its identity has logins by now"]
    assert sts.run(sts.store.identities.save(dataclasses.replace(identity, revision=identity.revision + 1)))
    assert ask(sts, guests, token)
    assert sts.run(sts.store.identity_pools.save(dataclasses.replace(pool, allow_unauthenticated=False)))
    assert refused(sts, guests, token) == invalid()
    assert sts.notes == ["the token is a guest's, and its identity pool takes none by now"]


def test_a_backends_token_is_good_while_its_user_is_linked(sts: Sts) -> None:
    """It lives for a day; another user of the same backend does not keep it alive."""
    sts.pool(developer_provider_name="backend")
    role = sts.role("users", trusting_pool(amr="authenticated"))
    token = sts.openid("authenticated", "backend", f"backend:{POOL}:a:b", lifetime=86_400)
    identity = sts.run(sts.store.identities.get(IDENTITY))
    assert identity is not None
    for revision, (users, good) in enumerate(
        [(("a:b",), True), (("c", "a:b"), True), (("c",), False), (("b", "a"), False), ((), False)]
    ):
        linked = tuple(Login("backend", user) for user in users)
        changed = dataclasses.replace(identity, logins=linked, revision=identity.revision + revision)
        assert sts.run(sts.store.identities.save(changed))
        if good:
            assert ask(sts, role, token)
        else:
            assert refused(sts, role, token) == invalid()
            assert sts.notes == ["the token was made for a developer login that leads to its identity no more"]


# --- what limits the session


def test_durations_and_session_policies(sts: Sts, guests: Role) -> None:
    arn = sts.managed_policy("m", allow("execute-api:Invoke"))
    policy = json.dumps(allow("s3:*"))
    answer = ask(sts, guests, sts.openid(), DurationSeconds=43200, Policy=policy, PolicyArns=[{"arn": arn}])
    session = sts.principal(of(answer))
    assert session.expiration == int(NOW) + 43200
    assert (session.session_policies, session.session_policy_arns) == ((policy,), (arn,))
    assert 0 < answer["PackedPolicySize"] < 100
    short = sts.role("short", trusting_pool())
    assert refused(sts, short, sts.openid(), DurationSeconds=3601) == (
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )
    assert refused(sts, guests, sts.openid(), Policy="{}")[:2] == (400, "MalformedPolicyDocument")
    assert refused(sts, guests, sts.openid(), PolicyArns=[{"arn": f"{arn}-x"}])[:2] == (400, "InvalidParameterValue")
    long = json.dumps(allow(*(f"s3:A{number}" for number in range(200))), separators=(",", ":"))
    assert refused(sts, guests, sts.openid(), Policy=long + " " * (2049 - len(long)))[:2] == (400, "ValidationError")


@pytest.mark.parametrize(
    "arn", ["x" * 20, "arn:aws:iam::123456789012:user/someone", "arn:aws:sts::123456789012:assumed-role/r/s"]
)
def test_arns_that_name_no_role(sts: Sts, arn: str) -> None:
    assert refused(sts, arn, "a.b.c") == (400, "ValidationError", "Request ARN is invalid")


def test_members_that_are_none(sts: Sts, guests: Role) -> None:
    text = "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint:"
    assert refused(sts, guests, "abc") == (
        400,
        "ValidationError",
        f"{text} Member must have length greater than or equal to 4",
    )
    assert refused(sts, guests, "x" * 20001)[2] == f"{text} Member must have length less than or equal to 20000"
    assert refused(sts, guests, sts.openid(), ProviderId="www.amazon.com") == invalid()


def test_principal_tags_become_session_tags(sts: Sts, guests: Role) -> None:
    """If the role takes them: `sts:TagSession`, and its conditions see them."""
    token = sts.openid(principal_tags={"team": "a", "Größe": "1"})
    assert refused(sts, guests, token) == (403, "AccessDenied", "Not authorized to perform sts:TagSession")
    tagging = sts.role("tagging", trusting_pool(ACTION, "sts:TagSession"))
    session = sts.principal(of(ask(sts, tagging, token)))
    assert (session.tags, session.transitive_tag_keys) == ({"team": "a", "Größe": "1"}, ())
    choosy = trusting_pool(ACTION, "sts:TagSession")
    choosy["Statement"][0]["Condition"]["StringEquals"]["aws:RequestTag/team"] = "b"
    assert refused(sts, sts.role("choosy", choosy), token) == DENIED


def test_a_tag_of_the_token_is_not_the_roles(sts: Sts, guests: Role) -> None:
    """Where AWS once went wrong (2024): a condition that compares the token's tag with the role's of the same name."""
    trust = trusting_pool(ACTION, "sts:TagSession")
    trust["Statement"][0]["Condition"]["StringEquals"]["aws:RequestTag/account"] = "${aws:ResourceTag/account}"
    role = sts.role("customers", trust, tags={"account": "7"})
    assert ask(sts, role, sts.openid(principal_tags={"account": "7"}))
    for tags in ({"account": "8"}, {"Account": ""}, {"other": "7"}, {}):
        assert refused(sts, role, sts.openid(principal_tags=tags))[:2] == (403, "AccessDenied")
    untagged = sts.role("untagged", trust)
    for tags in ({"account": "7"}, {"account": "${aws:ResourceTag/account}"}, {}):
        assert refused(sts, untagged, sts.openid(principal_tags=tags))[:2] == (403, "AccessDenied")
    trust["Statement"][0]["Condition"]["StringEquals"]["aws:RequestTag/account"] = "${aws:PrincipalTag/account}"
    assert refused(sts, sts.role("nobodys", trust), sts.openid(principal_tags={"account": "7"})) == DENIED


def test_where_the_request_comes_from(sts: Sts, guests: Role) -> None:
    trust = trusting_pool()
    trust["Statement"][0]["Condition"]["IpAddress"] = {"aws:SourceIp": "192.0.2.0/24"}
    role = sts.role("here", trust)
    assert ask(sts, role, sts.openid())
    sts.request = sts.request._replace(source_ip="198.51.100.1")
    assert refused(sts, role, sts.openid()) == DENIED


# --- OpenID Connect providers


@pytest.fixture
def deployers(sts: Sts) -> Role:
    """A role for who logs in at the provider."""
    sts.now = login_tokens.NOW
    sts.provider()
    trust = trusting(
        {"Federated": PROVIDER},
        ACTION,
        condition={"StringEquals": {f"{NAME}:aud": login_tokens.CLIENT}, "StringLike": {f"{NAME}:sub": "user-*"}},
    )
    return sts.role("deployers", trust)


def test_a_providers_token(sts: Sts, deployers: Role) -> None:
    answer = ask(sts, deployers, login_tokens.token())
    assert (answer["Provider"], answer["Audience"]) == (PROVIDER, login_tokens.CLIENT)
    assert answer["SubjectFromWebIdentityToken"] == login_tokens.SUBJECT
    session = sts.principal(of(answer))
    assert (session.federated_provider, session.identity_id, session.amr) == (PROVIDER, None, ())


def test_who_logged_in_is_known_to_the_roles_policies(sts: Sts, deployers: Role) -> None:
    """The provider's `sub` and `aud` live on in the session, and end with it: a role taken with it does not know."""
    own = allow("s3:GetObject", resource=f"arn:aws:s3:::bucket/${{{NAME}:sub}}/*")
    next_role = sts.role("next", trusting({"AWS": ACCOUNT}), own)
    role = sts.role("own-folder", PROVIDED, own, allow("sts:AssumeRole"))
    session = of(ask(sts, role, login_tokens.token()))
    for credentials, expected in ((session, True), (sts.assume(session, next_role), False)):
        judge = sts.call(credentials).judge
        assert judge("s3:GetObject", "arn:aws:s3:::bucket/user-1/x", {}).allowed is expected
        assert not judge("s3:GetObject", "arn:aws:s3:::bucket/user-2/x", {}).allowed


def test_keys_of_a_provider(sts: Sts, deployers: Role) -> None:
    """Under the provider's name; `aud` is the authorized party, `oaud` what the token's `aud` says."""
    token = login_tokens.token(
        aud=[login_tokens.CLIENT, "elsewhere"], azp=login_tokens.CLIENT, amr=["mfa", "pwd"], email="a@example.test"
    )
    conditions: list[tuple[dict[str, Any], bool]] = [
        ({"StringEquals": {f"{NAME}:aud": login_tokens.CLIENT, f"{NAME}:azp": login_tokens.CLIENT}}, True),
        ({"ForAnyValue:StringEquals": {f"{NAME}:oaud": "elsewhere"}}, True),
        ({"ForAnyValue:StringEquals": {f"{NAME}:amr": "mfa"}}, True),
        ({"StringEquals": {f"{NAME.upper()}:SUB": "user-1", f"{NAME}:email": "a@example.test"}}, True),
        ({"StringEquals": {"aws:FederatedProvider": PROVIDER, "sts:RoleSessionName": "app"}}, True),
        ({"StringEquals": {f"{NAME}:aud": "elsewhere"}}, False),
        ({"StringEquals": {"other.example:sub": "user-1"}}, False),
        ({"StringEquals": {f"{COGNITO}:sub": "user-1"}}, False),
        ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, False),
    ]
    for number, (condition, expected) in enumerate(conditions):
        role = sts.role(f"r{number}", trusting({"Federated": PROVIDER}, ACTION, condition=condition))
        if expected:
            assert ask(sts, role, token), condition
        else:
            assert refused(sts, role, token) == DENIED, condition


def test_a_provider_is_trusted_by_its_arn_only(sts: Sts, deployers: Role) -> None:
    for number, principal in enumerate(({"Federated": NAME}, {"Federated": COGNITO}, {"AWS": "*"}, {"AWS": ACCOUNT})):
        role = sts.role(f"r{number}", trusting(principal, ACTION))
        assert refused(sts, role, login_tokens.token()) == DENIED
    assert refused(sts, deployers, login_tokens.token(sub="admin")) == DENIED


def test_no_token_of_the_zoo_gets_credentials(sts: Sts, deployers: Role) -> None:
    """At a role that asks for nothing but the provider; a user pool's rule is not this provider's."""
    role = sts.role("open", trusting({"Federated": PROVIDER}, ACTION))
    texts = [each.token for each in zoo() if not each.user_pool and each.name != "a lone surrogate"]
    fitting = [text for text in texts if 4 <= len(text) <= 20_000]
    assert len(fitting) > 100
    codes = {refused(sts, role, text)[:2] for text in fitting}
    assert codes == {(400, "InvalidIdentityToken"), (400, "ExpiredTokenException")}


def test_what_aws_says_of_bad_tokens(sts: Sts, deployers: Role) -> None:
    now = login_tokens.NOW
    expired = f"Token expired: current date/time {now} must be before the expiration date/time{now - 60}"
    cases = {
        login_tokens.token(aud="elsewhere"): (400, "InvalidIdentityToken", "Incorrect token audience"),
        login_tokens.token(exp=now - 60): (400, "ExpiredTokenException", expired),
        login_tokens.token(iat=now - 90_000): (400, "ExpiredTokenException", "Token too old: 90000"),
        login_tokens.token(iss="https://other.example"): (
            400,
            "InvalidIdentityToken",
            "No OpenIDConnect provider found in your account for https://other.example",
        ),
        forge(header(kid="unknown"), login_tokens.claims()): invalid(NO_KEYS),
        "garbage": invalid(NOT_A_TOKEN),
    }
    assert {token: refused(sts, deployers, token) for token in cases} == cases


def test_keys_that_cannot_be_had(sts: Sts, deployers: Role) -> None:
    sts.issuers = None
    assert refused(sts, deployers, login_tokens.token()) == invalid(NO_KEYS)


def test_what_a_token_says_of_the_session(sts: Sts, deployers: Role) -> None:
    """Tags in both spellings, transitive ones, and who began the chain."""
    role = sts.role("tagging", PROVIDED)
    tags = "https://aws.amazon.com/tags"
    nested = {tags: {"principal_tags": {"team": ["a"], "job": "7"}, "transitive_tag_keys": ["team"]}}
    flat = {
        f"{tags}/principal_tags/team": "a",
        f"{tags}/principal_tags/job": ["7"],
        f"{tags}/transitive_tag_keys": "team",
    }
    for claims in (nested, flat):
        token = login_tokens.token(**claims, **{"https://aws.amazon.com/source_identity": "alice"})
        answer = ask(sts, role, token)
        assert answer["SourceIdentity"] == "alice"
        session = sts.principal(of(answer))
        assert (session.tags, session.transitive_tag_keys) == ({"team": "a", "job": "7"}, ("team",))
        assert session.source_identity == "alice"
    assert refused(sts, deployers, token)[2] == "Not authorized to perform sts:TagSession"
    token = login_tokens.token(**{"https://aws.amazon.com/source_identity": "alice"})
    assert refused(sts, deployers, token)[2] == "Not authorized to perform sts:SetSourceIdentity"


@pytest.mark.parametrize(
    "claims",
    [
        {"https://aws.amazon.com/tags": "team"},
        {"https://aws.amazon.com/tags": [{"principal_tags": {"team": ["a"]}}]},
        {"https://aws.amazon.com/tags": {"principal_tags": ["team"]}},
        {"https://aws.amazon.com/tags": {"principal_tags": {"team": ["a", "b"]}}},
        {"https://aws.amazon.com/tags": {"principal_tags": {"team": [1]}}},
        {"https://aws.amazon.com/tags": {"principal_tags": {"team": ["a"], "TEAM": ["b"]}}},
        {"https://aws.amazon.com/tags": {"principal_tags": {"te*m": ["a"]}}},
        {"https://aws.amazon.com/tags": {"principal_tags": {"team": ["x" * 257]}}},
        {"https://aws.amazon.com/tags": {"principal_tags": {"aws:team": ["a"]}}},
        {"https://aws.amazon.com/tags": {"principal_tags": {f"k{number}": ["a"] for number in range(51)}}},
        {"https://aws.amazon.com/tags": {"transitive_tag_keys": ["team"]}},
        {"https://aws.amazon.com/tags": {"transitive_tag_keys": [1]}},
        {"https://aws.amazon.com/tags/principal_tags/team": 1},
        {"https://aws.amazon.com/source_identity": ["alice"]},
        {"https://aws.amazon.com/source_identity": "a"},
        {"https://aws.amazon.com/source_identity": "aws:alice"},
        {"https://aws.amazon.com/roles": 7},
        {"https://aws.amazon.com/roles": []},
        {"https://aws.amazon.com/roles": f"arn:aws:iam::{ACCOUNT}:role/other"},
        {"https://aws.amazon.com/roles": [f"arn:aws:iam::{ACCOUNT}:role/*"]},
        {"https://aws.amazon.com/roles": ["tagging"]},
    ],
    ids=lambda claims: json.dumps(claims)[:90],
)
def test_claims_for_aws_that_are_none(sts: Sts, deployers: Role, claims: dict[str, Any]) -> None:
    role = sts.role("tagging", PROVIDED)
    assert refused(sts, role, login_tokens.token(**claims)) == invalid()


def test_a_token_may_name_its_roles(sts: Sts, deployers: Role) -> None:
    """Then it is good for no other; and a trust policy may ask for it."""
    condition = {"Bool": {"sts:RoleAuthorizedByIdp": "true"}}
    role = sts.role("pinned", trusting({"Federated": PROVIDER}, ACTION, condition=condition))
    for roles in (role.arn, [f"{role.arn}-x", role.arn]):
        token = login_tokens.token(**{"https://aws.amazon.com/roles": roles})
        assert ask(sts, role, token)
        assert refused(sts, deployers, token) == invalid()
    assert refused(sts, role, login_tokens.token()) == DENIED


def test_a_body_cannot_say_who_the_token_speaks_for(sts: Sts, guests: Role) -> None:
    """Every key of the federation as a parameter, and as a tag: none is believed."""
    names = [f"{COGNITO}:aud", f"{COGNITO}:sub", f"{COGNITO}:amr", "aws:FederatedProvider", "sts:RoleAuthorizedByIdp"]
    for number, name in enumerate(names):
        condition = {
            "StringEquals": {f"{COGNITO}:aud": POOL, name: "wanted"}
            | ({f"{COGNITO}:aud": "wanted"} if "aud" in name else {})
        }
        role = sts.role(f"r{number}", trusting({"Federated": COGNITO}, ACTION, "sts:TagSession", condition=condition))
        token = sts.openid(principal_tags={name: "wanted", "x": "wanted"})
        given = {"RoleArn": role.arn, "RoleSessionName": "wanted", "WebIdentityToken": token}
        form = {**serialized("AssumeRoleWithWebIdentity", given), name: "wanted", name.partition(":")[2]: "wanted"}
        response = sts.send("AssumeRoleWithWebIdentity", None, form)
        assert response.status in (400, 403), name
        with pytest.raises(Exception, match=r"AccessDenied|InvalidIdentityToken"):
            parsed("AssumeRoleWithWebIdentity", response)
