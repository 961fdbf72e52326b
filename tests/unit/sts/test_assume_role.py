"""`AssumeRole`: who may take a role, for how long, and within which limits; AWS's words and bytes."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest
from tests.unit.sts.service import (
    ACCOUNT,
    NOW,
    REQUEST_ID,
    ROOT,
    Credentials,
    Sts,
    allow,
    of,
    serialized,
    trusting,
)

from gatepass.store import Role
from gatepass.tokens import account_of

NO_MFA = (
    "MultiFactorAuthentication failed, unable to validate MFA code."
    "  Please verify your MFA serial number is valid and associated with this user."
)
DELEGATED = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
NOT_AUTHORIZED = "User: {} is not authorized to perform: {} on resource: {}"
USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/u"


@pytest.fixture
def user(sts: Sts) -> Credentials:
    """A user who may take any role that trusts the account."""
    return sts.user("u", allow("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"))[1]


@pytest.fixture
def role(sts: Sts) -> Role:
    """A role that trusts the account."""
    return sts.role("r", trusting(DELEGATED, "sts:*"), path="/team/", max_session_duration=43200)


def refused(sts: Sts, credentials: Credentials, role: Role | str, **more: Any) -> tuple[int, str, str]:
    arn = role if isinstance(role, str) else role.arn
    return sts.refusal("AssumeRole", credentials, **{"RoleArn": arn, "RoleSessionName": "session", **more})


def denied(caller: str, role: Role | str, action: str = "sts:AssumeRole") -> tuple[int, str, str]:
    arn = role if isinstance(role, str) else role.arn
    return 403, "AccessDenied", NOT_AUTHORIZED.format(caller, action, arn)


# --- the answer


def test_the_answer_byte_for_byte(sts: Sts, user: Credentials, role: Role) -> None:
    """As recorded from AWS: the order of members, two blanks a level, a role's path left out."""
    response = sts.send("AssumeRole", user, serialized("AssumeRole", {"RoleArn": role.arn, "RoleSessionName": "s.1@x"}))
    body = response.body.decode()
    access_key_id, secret, token = (
        body.partition(f"<{tag}>")[2].partition("<")[0] for tag in ("AccessKeyId", "SecretAccessKey", "SessionToken")
    )
    assert response.status == 200
    assert (
        body
        == f"""\
<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <AssumedRoleUser>
      <AssumedRoleId>AROARAAAAAAAAAAAAAAAA:s.1@x</AssumedRoleId>
      <Arn>arn:aws:sts::123456789012:assumed-role/r/s.1@x</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>{access_key_id}</AccessKeyId>
      <SecretAccessKey>{secret}</SecretAccessKey>
      <SessionToken>{token}</SessionToken>
      <Expiration>2027-01-15T09:00:00Z</Expiration>
    </Credentials>
  </AssumeRoleResult>
  <ResponseMetadata>
    <RequestId>{REQUEST_ID}</RequestId>
  </ResponseMetadata>
</AssumeRoleResponse>
"""
    )
    assert (access_key_id[:4], len(access_key_id), account_of(access_key_id)) == ("ASIA", 20, ACCOUNT)
    assert len(secret) == 40
    assert token.startswith("IQoJb3JpZ2luX2Vj")


def test_a_refusal_byte_for_byte(sts: Sts, user: Credentials, role: Role) -> None:
    given = {"RoleArn": f"{role.arn}-missing", "RoleSessionName": "session"}
    response = sts.send("AssumeRole", user, serialized("AssumeRole", given))
    assert response.status == 403
    assert (
        response.body.decode()
        == f"""\
<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>AccessDenied</Code>
    <Message>User: {USER_ARN} is not authorized to perform: sts:AssumeRole on resource: {role.arn}-missing</Message>
  </Error>
  <RequestId>{REQUEST_ID}</RequestId>
</ErrorResponse>
"""
    )


def test_the_session_is_that_of_the_role(sts: Sts, user: Credentials, role: Role) -> None:
    session = sts.principal(sts.assume(user, role, "job-7"))
    assert (session.kind, session.role_arn, session.session_name) == ("role-session", role.arn, "job-7")
    assert (session.issued_at, session.expiration) == (int(NOW), int(NOW) + 3600)
    assert (session.identity_id, session.amr, session.scoped_down, session.tags) == (None, (), False, {})


# --- what is not well said: before anyone looks at the role


INVALID = "{} validation error{} detected: "
NAME_PATTERN = "Member must satisfy regular expression pattern: [\\w+=,.@-]*"
ARN_PATTERN = (
    r"Member must satisfy regular expression pattern:"
    r" [\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
)


def said(member: str, value: str | None, *texts: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    failures = [f"Value {shown} at '{member}' failed to satisfy constraint: {text}" for text in texts]
    return INVALID.format(len(texts), "s" if len(texts) > 1 else "") + "; ".join(failures)


def shorter(limit: int) -> str:
    return f"Member must have length less than or equal to {limit}"


def longer(limit: int) -> str:
    return f"Member must have length greater than or equal to {limit}"


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        (None, said("roleArn", None, "Member must not be null")),
        ("", said("roleArn", "", ARN_PATTERN, longer(20))),
        ("not-an-arn", said("roleArn", "not-an-arn", longer(20))),
        ("x" * 20, "x" * 20 + " is invalid"),
        ("é" * 2048, "é" * 2048 + " is invalid"),
        ("é" * 2049, said("roleArn", "é" * 2049, shorter(2048))),
        ("😀" * 20, said("roleArn", "😀" * 20, ARN_PATTERN)),
        ("arn:aws:iam::123456789012", "arn:aws:iam::123456789012 is invalid"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_role_arns(sts: Sts, user: Credentials, arn: str | None, message: str) -> None:
    """Recorded from AWS; lengths are in UTF-16 units."""
    assert sts.refusal("AssumeRole", user, **({} if arn is None else {"RoleArn": arn}), RoleSessionName="session") == (
        400,
        "ValidationError",
        message,
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (None, said("roleSessionName", None, "Member must not be null")),
        ("", said("roleSessionName", "", longer(2))),
        ("a", said("roleSessionName", "a", longer(2))),
        ("bad/name", said("roleSessionName", "bad/name", NAME_PATTERN)),
        ("é", said("roleSessionName", "é", NAME_PATTERN, longer(2))),
        ("/" * 65, said("roleSessionName", "/" * 65, NAME_PATTERN, shorter(64))),
    ],
    ids=lambda value: str(value)[:20],
)
def test_session_names(sts: Sts, user: Credentials, role: Role, name: str | None, message: str) -> None:
    """Recorded from AWS; said before the role is looked for."""
    for arn in (role.arn, f"{role.arn}-missing"):
        given = {"RoleArn": arn} if name is None else {"RoleArn": arn, "RoleSessionName": name}
        assert sts.refusal("AssumeRole", user, **given) == (400, "ValidationError", message)


def bounds(value: str, text: str) -> str:
    return said("durationSeconds", value, f"Member must have value {text}")


@pytest.mark.parametrize(
    ("duration", "code", "message"),
    [
        ("", "MalformedInput", "missing value for decimal type"),
        ("abc", "MalformedInput", ""),
        ("900.0", "MalformedInput", ""),
        ("2147483648", "MalformedInput", ""),
        ("-1", "ValidationError", bounds("-1", "greater than or equal to 900")),
        ("899", "ValidationError", bounds("899", "greater than or equal to 900")),
        ("43201", "ValidationError", bounds("43201", "less than or equal to 43200")),
    ],
)
def test_durations_that_are_none(
    sts: Sts, user: Credentials, role: Role, duration: str, code: str, message: str
) -> None:
    """Recorded from AWS."""
    assert refused(sts, user, role, DurationSeconds=duration) == (400, code, message)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("ExternalId", "x"),
        ("ExternalId", "a b"),
        ("SourceIdentity", "a:b"),
        ("SerialNumber", "short"),
        ("TokenCode", "12345"),
        ("MinimumSessionTokenSize", "4097"),
        ("Policy", ""),
        ("Policy", "\u0100"),
    ],
)
def test_other_members_have_constraints_too(sts: Sts, user: Credentials, role: Role, member: str, value: str) -> None:
    status, code, message = refused(sts, user, role, **{member: value})
    assert (status, code) == (400, "ValidationError")
    assert f"at '{member[0].lower()}{member[1:]}' failed to satisfy constraint" in message


# --- how long


@pytest.mark.parametrize(
    ("given", "seconds"), [(None, 3600), ("900", 900), ("+900", 900), ("0900", 900), ("43200", 43200)]
)
def test_durations(sts: Sts, user: Credentials, role: Role, given: str | None, seconds: int) -> None:
    more = {} if given is None else {"DurationSeconds": given}
    assert sts.principal(sts.assume(user, role, **more)).expiration == int(NOW) + seconds


def test_no_longer_than_the_role_allows(sts: Sts, user: Credentials) -> None:
    """Recorded from AWS. Looked at when the role may be taken, not before."""
    short = sts.role("short", trusting(DELEGATED))
    assert sts.principal(sts.assume(user, short, DurationSeconds=3600)).expiration == int(NOW) + 3600
    assert refused(sts, user, short, DurationSeconds=3601) == (
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )
    closed = sts.role("closed", trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:user/another"}))
    assert refused(sts, user, closed, DurationSeconds=3601) == denied(USER_ARN, closed)


def test_a_chain_of_roles_lasts_an_hour(sts: Sts, user: Credentials, role: Role) -> None:
    first = sts.role("first", trusting(DELEGATED), allow("sts:AssumeRole"), max_session_duration=43200)
    long = sts.assume(user, first, DurationSeconds=43200)
    assert sts.principal(sts.assume(long, role, DurationSeconds=3600)).expiration == int(NOW) + 3600
    assert refused(sts, long, role, DurationSeconds=3601) == (
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    )


def test_a_session_ends_with_its_callers(sts: Sts, user: Credentials, role: Role) -> None:
    """Who holds credentials for a quarter of an hour cannot make an hour of it."""
    first = sts.role("first", trusting(DELEGATED), allow("sts:AssumeRole"))
    short = sts.assume(user, first, DurationSeconds=900)
    sts.now += 600
    assert sts.principal(sts.assume(short, role)).expiration == int(NOW) + 900


# --- who


def test_a_role_that_is_not_there_does_not_trust_or_may_not_be_taken(sts: Sts, role: Role) -> None:
    """One sentence for all: a caller learns nothing about roles it may not take."""
    _, nobody = sts.user("nobody")
    _, user = sts.user("u", allow("sts:AssumeRole"))
    others = sts.role("others", trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:user/another"}))
    assert refused(sts, user, f"{role.arn}-missing") == denied(USER_ARN, f"{role.arn}-missing")
    assert refused(sts, user, others) == denied(USER_ARN, others)
    assert refused(sts, nobody, role) == denied(f"arn:aws:iam::{ACCOUNT}:user/nobody", role)
    elsewhere = "arn:aws:iam::999999999999:role/r"
    assert refused(sts, user, elsewhere) == denied(USER_ARN, elsewhere)
    without_path = f"arn:aws:iam::{ACCOUNT}:role/r"
    assert refused(sts, user, without_path) == denied(USER_ARN, without_path)


def test_why_is_in_the_decision_log(sts: Sts, user: Credentials) -> None:
    others = sts.role("others", trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:user/another"}))
    refused(sts, user, others)
    assert sts.notes == ["no trust policy allows sts:AssumeRole on role `others`"]
    closed = trusting(DELEGATED)
    closed["Statement"].append({"Sid": "no", "Effect": "Deny", "Principal": "*", "Action": "sts:*"})
    refused(sts, user, sts.role("closed", closed))
    assert sts.notes == ["trust policy of role `closed`: statement 1 (`no`) denies sts:AssumeRole on role `closed`"]
    refused(sts, user, f"arn:aws:iam::{ACCOUNT}:role/missing")
    assert sts.notes == [f"there is no role arn:aws:iam::{ACCOUNT}:role/missing"]


def test_root_takes_no_role(sts: Sts, role: Role) -> None:
    text = "Roles may not be assumed by root accounts."
    assert refused(sts, ROOT, role) == (403, "AccessDenied", text)
    assert refused(sts, of(sts.ask("GetSessionToken", ROOT)), role) == (403, "AccessDenied", text)


def test_to_be_named_is_enough(sts: Sts) -> None:
    """A user by its ARN: no policy of its own is needed. An explicit deny still counts."""
    user, key = sts.user("named")
    role = sts.role("r", trusting({"AWS": user.arn}))
    assert sts.principal(sts.assume(key, role)).role_name == "r"
    denying = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}}
    other, other_key = sts.user("denied", denying)
    strict = sts.role("strict", trusting({"AWS": other.arn}))
    assert refused(sts, other_key, strict) == denied(other.arn, strict)


def test_a_role_session_is_named_by_its_role(sts: Sts, user: Credentials) -> None:
    """Then its session policy must allow the hop, but no policy of the role need."""
    first = sts.role("first", trusting(DELEGATED))
    second = sts.role("second", trusting({"AWS": first.arn}))
    assert sts.principal(sts.assume(sts.assume(user, first), second)).role_name == "second"
    limited = sts.assume(user, first, Policy=json.dumps(allow("s3:*")))
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/first/session"
    assert refused(sts, limited, second) == denied(arn, second)


def test_a_boundary_limits_the_caller(sts: Sts, role: Role) -> None:
    boundary = sts.managed_policy("boundary", allow("s3:*"))
    _, key = sts.user("u", allow("*"), permissions_boundary=boundary)
    assert refused(sts, key, role) == denied(USER_ARN, role)


def test_an_external_id(sts: Sts, user: Credentials) -> None:
    """The confused deputy: who does not know the id does not get in, nor who says another."""
    condition = {"StringEquals": {"sts:ExternalId": "customer-7"}}
    role = sts.role("deputy", trusting(DELEGATED, condition=condition))
    assert sts.principal(sts.assume(user, role, ExternalId="customer-7")).role_name == "deputy"
    assert refused(sts, user, role) == denied(USER_ARN, role)
    assert refused(sts, user, role, ExternalId="customer-8") == denied(USER_ARN, role)


def test_a_session_name_may_be_prescribed(sts: Sts, user: Credentials) -> None:
    condition = {"StringEquals": {"sts:RoleSessionName": "${aws:username}-job"}}
    role = sts.role("own-name", trusting(DELEGATED, condition=condition))
    assert sts.principal(sts.assume(user, role, "u-job")).session_name == "u-job"
    assert refused(sts, user, role, RoleSessionName="someone") == denied(USER_ARN, role)


def test_where_the_request_comes_from(sts: Sts, user: Credentials) -> None:
    """Source, transport and time are the connection's."""
    condition = {
        "IpAddress": {"aws:SourceIp": "192.0.2.0/24"},
        "Bool": {"aws:SecureTransport": "true"},
        "DateLessThan": {"aws:CurrentTime": "2027-01-15T08:00:01Z"},
        "StringEquals": {"aws:RequestedRegion": "eu-central-1"},
    }
    role = sts.role("here", trusting(DELEGATED, condition=condition))
    assert sts.principal(sts.assume(user, role)).role_name == "here"
    sts.request = sts.request._replace(source_ip="198.51.100.1")
    assert refused(sts, user, role) == denied(USER_ARN, role)


def test_a_trust_policy_that_cannot_be_read_trusts_nobody(sts: Sts, user: Credentials) -> None:
    for number, text in enumerate(("", "{}", "not JSON", '{"Statement":[{"Effect":"Allow"}]}')):
        role = sts.role(f"r{number}", text)
        assert refused(sts, user, role) == denied(USER_ARN, role)


def test_codes_of_devices_are_not_ignored(sts: Sts, user: Credentials, role: Role) -> None:
    device = f"arn:aws:iam::{ACCOUNT}:mfa/u"
    both = refused(sts, user, role, SerialNumber=device, TokenCode="123456")
    assert both == (
        403,
        "AccessDenied",
        NO_MFA,
    )
    half = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. "
    assert refused(sts, user, role, SerialNumber=device) == (403, "AccessDenied", half)
    assert refused(sts, user, role, TokenCode="123456") == (403, "AccessDenied", half)


def test_contexts_of_providers_are_not_ignored(sts: Sts, user: Credentials, role: Role) -> None:
    contexts = [{"ProviderArn": f"arn:aws:sso::{ACCOUNT}:x", "ContextAssertion": "text"}]
    assert refused(sts, user, role, ProvidedContexts=contexts)[:2] == (400, "InvalidParameterValue")


# --- session policies


def test_session_policies_limit_the_session(sts: Sts, user: Credentials, role: Role) -> None:
    """One pool: the inline one and those by ARN."""
    arn = sts.managed_policy("m", allow("s3:GetObject"))
    answer = sts.ask(
        "AssumeRole",
        user,
        RoleArn=role.arn,
        RoleSessionName="session",
        Policy=json.dumps(allow("s3:PutObject")),
        PolicyArns=[{"arn": arn}, {"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}],
    )
    assert 0 < answer["PackedPolicySize"] < 100
    session = sts.principal(of(answer))
    assert session.session_policies == (json.dumps(allow("s3:PutObject")),)
    assert session.session_policy_arns == (arn, "arn:aws:iam::aws:policy/AdministratorAccess")


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("not JSON", "The policy is not in the valid JSON format."),
        ("[" * 2000, "The policy is not in the valid JSON format."),
        ("[]", "Syntax errors in policy."),
        ("{}", "Syntax errors in policy."),
        (json.dumps(allow()), "Policy statement must contain actions."),
        (json.dumps(allow("s3")), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
        (json.dumps(trusting("*")), "Policy document should not specify a principal."),
    ],
)
def test_session_policies_that_are_none(sts: Sts, user: Credentials, role: Role, policy: str, message: str) -> None:
    assert refused(sts, user, role, Policy=policy) == (400, "MalformedPolicyDocument", message)


def test_a_session_policy_that_is_too_long(sts: Sts, user: Credentials, role: Role) -> None:
    """2,048 characters, white space not counted."""
    actions = [f"s3:Action{number:04}" for number in range(120)]
    assert sts.assume(user, role, Policy=json.dumps(allow(*actions), indent=8))
    actions += [f"s3:Action{number:04}" for number in range(120, 150)]
    assert refused(sts, user, role, Policy=json.dumps(allow(*actions))) == (
        400,
        "PackedPolicyTooLarge",
        "Packed policy consumes 122% of allotted space, please use smaller policy.",
    )


def test_what_does_not_fit_into_a_session_token(sts: Sts, user: Credentials, role: Role) -> None:
    """Policies and tags share its space; these cannot be compressed."""
    tags = [{"Key": f"k{number}", "Value": hashlib.sha512(b"%d" % number).hexdigest()} for number in range(50)]
    status, code, message = refused(sts, user, role, Tags=tags)
    assert (status, code) == (400, "PackedPolicyTooLarge")
    assert re.fullmatch(r"Packed policy consumes 1[0-9]{2}% of allotted space, please use smaller policy\.", message)
    answer = sts.ask("AssumeRole", user, RoleArn=role.arn, RoleSessionName="session", Tags=tags[:25])
    assert 50 < answer["PackedPolicySize"] < 100


def test_a_managed_policy_that_is_not_there(sts: Sts, user: Credentials, role: Role) -> None:
    for arn in (f"arn:aws:iam::{ACCOUNT}:policy/missing", "arn:aws:iam::aws:policy/Nonsense"):
        assert refused(sts, user, role, PolicyArns=[{"arn": arn}]) == (
            400,
            "InvalidParameterValue",
            "At least one Policy ARN in the PolicyArns parameter does not match an existing IAM Managed Policy ARN.",
        )
    many = [{"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}] * 11
    assert refused(sts, user, role, PolicyArns=many)[:2] == (400, "ValidationError")
    assert sts.assume(user, role, PolicyArns=many[:10])


def test_a_body_cannot_say_who_calls_or_what_is_known_of_them(sts: Sts) -> None:
    """Every context key as a parameter, as a tag, and as part of one: none of them is believed."""
    keys = [
        *("aws:PrincipalArn", "aws:PrincipalAccount", "aws:userid", "aws:username", "aws:PrincipalType"),
        *("aws:PrincipalTag/team", "aws:SourceIp", "aws:SecureTransport", "aws:CurrentTime", "aws:FederatedProvider"),
        *("aws:ResourceTag/team", "iam:ResourceTag/team", "aws:TokenIssueTime", "aws:MultiFactorAuthPresent"),
        *("sts:ExternalId", "sts:SourceIdentity", "sts:RoleAuthorizedByIdp", "aws:RequestTag/team"),
    ]
    _, key = sts.user("u", allow("sts:*"))
    for number, name in enumerate(keys):
        condition = {"StringEquals": {name: "wanted"}}
        role = sts.role(f"r{number}", trusting(DELEGATED, "sts:AssumeRole", "sts:TagSession", condition=condition))
        form = {
            **serialized("AssumeRole", {"RoleArn": role.arn, "RoleSessionName": "session"}),
            name: "wanted",
            f"Context.{name}": "wanted",
            name.partition(":")[2]: "wanted",
            "Tags.member.1.Key": name.replace("aws:", "x:"),
            "Tags.member.1.Value": "wanted",
        }
        form.pop("ExternalId", None)
        form.pop("SourceIdentity", None)
        response = sts.send("AssumeRole", key, form)
        assert response.status == 403, name
