"""Every rule finds what it is about, and not what is like it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from gatepass.advice.app_routes import AppRoute
from gatepass.advice.findings import RULES, Api, Finding, findings_in
from gatepass.advice.found import stack_in
from gatepass.advice.reading import read

API = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3/api"
COGNITO = "cognito-identity.amazonaws.com"
POOL = "us-east-1:11111111-2222-3333-4444-555555555555"
ROUTES = Api(
    [
        AppRoute("GET", "/", True, 1),
        AppRoute("GET", "/pets", True, 2),
        AppRoute("ANY", "/pets/{id}", True, 3),
        AppRoute("GET", "/pets/new", False, 4),
        AppRoute("GET", "/hoge", False, 5),
    ],
    "a1b2c3",
    "api",
)


def document(*statements: Any, **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


def allow(resource: Any = f"{API}/GET/pets/*", action: Any = "execute-api:Invoke", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(resource: Any = f"{API}/GET/pets/*", action: Any = "execute-api:Invoke", **more: Any) -> dict[str, Any]:
    return {**allow(resource, action, **more), "Effect": "Deny"}


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return document(allow(Condition={operator: {key: value}}))


def both(one: dict[str, Any], other: dict[str, Any], effect: str = "Allow") -> dict[str, Any]:
    return document({**allow(Condition={**one, **other}), "Effect": effect})


def trust(aud: Any = POOL, amr: Any = "unauthenticated", **more: Any) -> dict[str, Any]:
    condition: dict[str, Any] = {} if aud is None else {"StringEquals": {f"{COGNITO}:aud": aud}}
    condition |= {} if amr is None else {"ForAnyValue:StringLike": {f"{COGNITO}:amr": amr}}
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": COGNITO},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {**condition, **more},
        }
    )


def pool(guests: Any, users: Any, *, pool_id: Any = {"Ref": "Pool"}, **policies: Any) -> dict[str, Any]:  # noqa: B006
    roles = {
        name: {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
        for name, policy in policies.items()
    }
    properties = {"IdentityPoolId": pool_id, "Roles": {"unauthenticated": guests, "authenticated": users}}
    attachment = {"Type": "AWS::Cognito::IdentityPoolRoleAttachment", "Properties": properties}
    return {"Resources": {"Attachment": attachment, **roles}}


def arn(role: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [role, "Arn"]}


REF = {"Ref": "Pool"}
GUESTS, USERS = trust(REF), trust(REF, "authenticated")
AMR, IP, USERNAME = f"{COGNITO}:amr", "aws:SourceIp", "aws:username"
PASS = {"Effect": "Allow", "Action": "iam:PassRole"}


class Case(NamedTuple):
    """A file in which a rule finds something, one like it in which it does not, and how to ask."""

    bad: Any
    good: Any
    options: dict[str, Any] = {}  # noqa: RUF012


CASES: dict[str, list[Case]] = {
    "syntax": [Case(document({"Effect": "Allow"}), document(allow()))],
    "doubled-member": [Case('{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": []}', document(allow()))],
    "too-long": [
        Case(document(*(allow(f"{API}/GET/{n}/{'x' * 300}") for n in range(40))), document(allow())),
    ],
    "guests-beyond-the-api": [
        Case(document(allow(action=["s3:*"])), document(allow()), {"for_guests": True}),
    ],
    "trust-without-pool": [
        Case(trust(None), trust()),
        Case(
            trust(None, StringLike={f"{COGNITO}:aud": "us-east-1:*"}), trust(None, StringLike={f"{COGNITO}:aud": POOL})
        ),
        Case(trust(None, StringEqualsIfExists={f"{COGNITO}:amr": "x"}), trust()),
    ],
    "trust-of-another-pool": [
        Case(
            pool(arn("G"), arn("U"), G=trust({"Ref": "Other"}), U=USERS),
            pool({"Fn::Sub": "${G.Arn}"}, arn("U"), G=GUESTS, U=USERS),
        ),
        Case(pool(arn("G"), arn("U"), pool_id="us-east-1:x", G=trust(), U=trust()), pool(arn("G"), arn("U"), G=GUESTS)),
    ],
    "trust-of-another-kind": [
        Case(pool(arn("U"), arn("G"), G=GUESTS, U=USERS), pool(arn("G"), arn("U"), G=GUESTS, U=USERS)),
    ],
    "every-resource": [
        Case(document(allow(["*"])), document(allow("*", "s3:GetObject"))),
        Case(document(allow("arn:aws:execute-api:*:*:*")), document(allow(f"{API}/*")), {"for_guests": True}),
    ],
    "trust-without-kind": [
        Case(trust(amr=None), trust()),
        Case(trust(amr="*authenticated"), trust(amr="authenticated")),
        Case(trust(amr=["authenticated", "unauthenticated"]), trust(amr=["authenticated", "accounts.google.com"])),
        Case(
            trust(amr=None, StringNotEquals={"aws:SourceIdentity": "x"}),
            trust(amr=None, **{"ForAnyValue:StringNotEquals": {AMR: "unauthenticated"}}),
        ),
    ],
    "trust-lets-nobody-in": [
        Case(trust(amr=None, StringEquals={f"{COGNITO}:aud": POOL, AMR: "authenticated"}), trust()),
        Case(
            trust(amr=None, **{"ForAllValues:StringEquals": {AMR: "authenticated"}}),
            trust(amr=None, **{"ForAllValues:StringEquals": {AMR: ["authenticated", "accounts.google.com"]}}),
        ),
        Case(trust(amr="Unauthenticated"), trust(amr="graph.facebook.com")),
    ],
    "one-role-for-both": [
        Case(pool(arn("G"), {"Fn::Sub": "${G.Arn}"}, G=GUESTS), pool(arn("G"), arn("U"), G=GUESTS, U=USERS)),
    ],
    "trust-several-pools": [Case(trust([POOL, f"{POOL}6"]), trust([POOL]))],
    "template-path": [
        Case(document(allow(f"{API}/GET/pets/{{id}}")), document(allow(f"{API}/GET/pets/${{aws:userid}}")))
    ],
    "verb-any": [Case(document(allow(f"{API}/ANY/pets")), document(allow(f"{API}/*/pets")))],
    "slash-before-path": [Case(document(allow(f"{API}/GET//pets")), document(allow(f"{API}/GET/pets")))],
    "root-without-slash": [Case(document(allow(f"{API}/GET")), document(allow(f"{API}/GET/")))],
    "stage-without-verb": [Case(document(allow(API)), document(allow(f"{API}/*")))],
    "no-such-route": [
        Case(document(each), document(allow([f"{API}/GET/pets", f"{API}/*/pets/*", f"{API}/*"])), {"api": ROUTES})
        for each in (
            allow(f"{API}/GET/cats*"),
            allow(f"{API}/POST/pets"),
            allow(f"{API}/GET/hoge"),
            allow(f"{API}/GET/pets/new"),
            allow(f"{API}/GET/pets/1/toys"),
            allow("arn:aws:execute-api:*:*:other/api/GET/pets"),
            allow("arn:aws:execute-api:*:*:*/prod/GET/pets"),
            deny(f"{API}/PURGE/pets/*"),
        )
    ],
    "no-trailing-slash": [
        Case(
            document(allow(f"{API}/GET/pets")),
            document(allow([f"{API}/GET/pets", f"{API}/GET/pets/"])),
            {"api": ROUTES},
        ),
        Case(document(deny(f"{API}/*/pets/?")), document(deny(f"{API}/*/pets/*")), {"api": ROUTES}),
    ],
    "route-not-allowed": [
        Case(
            document(allow(f"{API}/GET/pets*")),
            document(allow(f"{API}/GET/*")),
            {"api": ROUTES, "for_guests": True},
        ),
    ],
    "arn-service-case": [
        Case(document(allow("arn:aws:S3:::x", "s3:GetObject")), document(allow("arn:aws:s3:::x", "s3:GetObject")))
    ],
    "arn-region": [
        Case(document(allow(f"arn:aws:execute-api:{region}:123456789012:x/api/GET/")), document(allow()))
        for region in ("", "useast1")
    ],
    "arn-account": [
        Case(document(allow(f"arn:aws:execute-api:us-east-1:{account}:x/api/GET/")), document(allow()))
        for account in ("", "12345")
    ],
    "resource-of-another-service": [
        Case(document(allow("arn:aws:apigateway:us-east-1::/restapis")), document(allow())),
        Case(document(allow(f"{API}/*", "apigateway:GET")), document(allow(f"{API}/*", "*"))),
    ],
    "never-needed": [
        Case(document(allow(), allow([f"{API}/GET/pets/*"], Sid="x")), document(allow(), allow(f"{API}/GET/dogs/*"))),
        Case(document(allow(f"{API}/GET/pets/1"), allow()), document(allow(f"{API}/GET/pets/1"), deny())),
        Case(
            document(allow(f"{API}/GET/?*"), allow(f"{API}/GET/*?")),
            document(allow(f"{API}/GET/?*?"), allow(f"{API}/GET/a*")),
        ),
        Case(
            document(
                allow(Condition={"StringEquals": {USERNAME: "a"}}),
                allow(Condition={"StringEquals": {USERNAME: ["a", "b"]}}),
            ),
            document(
                allow(Condition={"StringEquals": {USERNAME: "a"}}),
                allow(Condition={"StringEquals": {USERNAME: ["c", "b"]}}),
            ),
        ),
        Case(document(deny(), deny("*", "*")), document(deny(), allow("*", "s3:*"))),
        Case(
            document(allow("arn:aws:execute-api:us-east-1:1:a/b/c"), allow("arn:aws:execute-api:*:1:a/b/*")),
            document(allow("arn:aws:execute-api:us-east-1:1:x:a/b/c"), allow("arn:aws:execute-api:*:a/b/c")),
        ),
    ],
    "never-takes-effect": [
        Case(document(allow(), deny(f"{API}/*")), document(allow(), deny(f"{API}/GET/pets/1"))),
        Case(
            document(allow(), deny("*")),
            document(allow(), deny("*", Condition={"Bool": {"aws:SecureTransport": "false"}})),
        ),
    ],
    "never-applies": [
        Case(both(one, other), both(one, near))
        for one, other, near in (
            (
                {"StringEquals": {USERNAME: ["a", "b"]}},
                {"StringLike": {USERNAME: "c*"}},
                {"StringLike": {USERNAME: "b*"}},
            ),
            ({"StringEquals": {USERNAME: "a"}}, {"Null": {USERNAME: "true"}}, {"Null": {USERNAME: "false"}}),
            (
                {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "9"}},
                {"NumericLessThanEquals": {"aws:MultiFactorAuthAge": "9"}},
                {"NumericLessThanEquals": {"aws:MultiFactorAuthAge": "9.5"}},
            ),
            (
                {"DateGreaterThan": {"aws:CurrentTime": "2026-01-02T00:00:00Z"}},
                {"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
                {"DateLessThan": {"aws:CurrentTime": "2026-01-03T00:00:00Z"}},
            ),
            (
                {"IpAddress": {IP: "203.0.113.0/24"}},
                {"NotIpAddress": {IP: "203.0.112.0/23"}},
                {"NotIpAddress": {IP: "203.0.113.7"}},
            ),
            (
                {"StringEquals": {USERNAME: "a"}},
                {"StringNotEquals": {USERNAME: ["a", "b"]}},
                {"StringNotEquals": {USERNAME: "b"}},
            ),
            (
                {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}},
                {"ForAnyValue:StringEquals": {"aws:TagKeys": "b"}},
                {"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}},
            ),
        )
    ]
    + [Case(when("Bool", "aws:SecureTransport", "yes"), when("Bool", "aws:SecureTransport", "true"))],
    "redundant-value": [
        Case(
            document(allow([f"{API}/GET/*", f"{API}/GET/pets/*"])), document(allow([f"{API}/GET/*", f"{API}/POST/*"]))
        ),
        Case(
            document(allow(action=["execute-api:Invoke", "execute-api:*"])),
            document(allow(action=["execute-api:Invoke"])),
        ),
    ],
    "set-operator-missing": [
        Case(when("StringEquals", AMR, "authenticated"), when("ForAnyValue:StringEquals", AMR, "x"))
    ],
    "null-in-set": [Case(when("ForAnyValue:Null", AMR, "true"), when("Null", AMR, "true"))],
    "several-booleans": [
        Case(when("Bool", "aws:SecureTransport", ["true", "false"]), when("Bool", "aws:SecureTransport", ["true"])),
    ],
    "value-of-another-type": [
        Case(when("Bool", "aws:SecureTransport", "1"), when("Bool", "aws:SecureTransport", True)),
        Case(when("StringEquals", "aws:SecureTransport", "True"), when("StringEquals", "aws:SecureTransport", "true")),
        Case(
            when("DateLessThan", "aws:CurrentTime", "2026-02-30"), when("DateLessThan", "aws:CurrentTime", "2026-02-28")
        ),
        Case(
            when("ArnLike", "aws:PrincipalArn", "role/x"), when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/x")
        ),
    ],
    "for-all-values-without-key": [
        Case(
            when("ForAllValues:StringEquals", "aws:TagKeys", "a"),
            both({"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}, {"Null": {"aws:TagKeys": "false"}}),
        ),
        Case(
            when("ForAllValues:StringEquals", "aws:TagKeys", "a"),
            both({"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}, {}, "Deny"),
        ),
    ],
    "set-operator-on-one-value": [
        Case(when("ForAnyValue:StringLike", USERNAME, "a*"), when("StringLike", USERNAME, "a*"))
    ],
    "unknown-key": [
        Case(when("StringEquals", key, "x"), when("StringEquals", right, "x"))
        for key, right in (
            (f"{COGNITO}:audience", f"{COGNITO}:aud"),
            ("aws:SourceIdentiy", "aws:SourceIdentity"),
            ("cognito-identity.amazonaws.co:sub", "accounts.google.com:sub"),
            ("aws:Nothing", "AWS:UserName"),
            ("username", "aws:PrincipalTag/team"),
        )
    ],
    "operator-of-another-type": [
        Case(when("StringEquals", IP, "203.0.113.7"), when("IpAddress", IP, "203.0.113.7")),
        Case(when("StringLike", "aws:CurrentTime", "2026*"), when("DateLessThan", "aws:CurrentTime", "2026-01-01")),
        Case(when("NumericLessThan", "aws:TokenIssueTime", "5"), when("NumericLessThan", "aws:EpochTime", "5")),
        Case(when("Bool", "aws:MultiFactorAuthAge", "true"), when("StringEquals", "aws:PrincipalArn", "x")),
    ],
    "wildcard-in-equals": [
        Case(when("StringEquals", USERNAME, "a*"), when("StringEquals", USERNAME, "a${*}")),
        Case(when("StringNotEqualsIgnoreCase", USERNAME, "a?"), when("StringNotLike", USERNAME, "a?")),
    ],
    "private-address": [
        Case(when("IpAddress", IP, "10.1.0.0/16"), when("IpAddress", IP, "11.1.0.0/16")),
        Case(
            when("NotIpAddress", IP, ["203.0.113.7", "fd00::/8"]), when("IpAddress", "aws:VpcSourceIp", "10.1.0.0/16")
        ),
    ],
    "condition-does-nothing": [
        Case(when("StringLikeIfExists", USERNAME, "*"), when("StringLike", USERNAME, "*")),
        Case(when("StringLike", "aws:userid", "*"), when("StringLike", "aws:userid", "*:me")),
        Case(when("IpAddress", IP, ["0.0.0.0/0", "::/0"]), when("IpAddress", IP, "203.0.0.0/16")),
    ],
    "empty-list": [
        Case(document(allow(Condition={})), document(allow())),
        Case(when("StringEquals", USERNAME, []), when("StringEquals", USERNAME, "")),
        Case(document(allow(Sid="")), document(allow(Sid="x"))),
    ],
    "variable-syntax": [
        Case(document(allow(f"{API}/GET/{text}")), document(allow(f"{API}/GET/{right}")))
        for text, right in (
            ("${aws: username}", "${aws:username}"),
            ("${aws:username, 'x}", "${aws:username, 'x'}"),
            ("${aws:${x}}", "${*}"),
            ("${aws:username", "$"),
            ("${}", "${$}"),
        )
    ],
    "variable-out-of-place": [
        Case(document(allow("arn:aws:execute-api:${aws:region}:1:*")), document(allow(f"{API}/${{aws:userid}}/*"))),
        Case(document(allow(action="execute-api:${x}")), document(allow())),
    ],
    "variable-of-several-values": [
        Case(document(allow(f"{API}/GET/${{{AMR}}}")), document(allow(f"{API}/GET/${{{COGNITO}:sub}}"))),
    ],
    "variable-in-old-version": [
        Case(
            {"Statement": [allow(f"{API}/GET/${{aws:userid}}")]},
            document(allow(f"{API}/GET/${{aws:userid}}")),
        ),
    ],
    "unknown-action": [
        Case(document(allow(action="execute-api:Call")), document(allow(action="execute-api:Inv*"))),
        Case(document(allow("*", "cognito-identity:GetIdd")), document(allow("*", "COGNITO-identity:getid"))),
    ],
    "unknown-service": [
        Case(document(allow(action="executeapi:Invoke")), document(allow("*", "sqs:SendMessage"))),
        Case(document(allow("*", "cognito-identities:GetId")), document(allow("*", "cognito-idp:SignUp"))),
    ],
    "wildcard-in-service": [Case(document(allow("*", "*:Invoke")), document(allow("*", "s3:*")))],
    "sid-characters": [Case(document(allow(Sid="guests only")), document(allow(Sid="GuestsOnly1")))],
    "old-version": [
        Case({"Statement": [allow()]}, document(allow())),
        Case({"Version": "2008-10-17", "Statement": [allow()]}, document(allow())),
    ],
    "allow-all-but": [
        Case(document({"Effect": effect, "NotAction": "iam:*", "Resource": "*"}), document(good))
        for effect, good in (("Allow", {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}),)
    ]
    + [Case(document({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::x"}), document(allow()))],
    "pass-any-role": [
        Case(document({**PASS, "Resource": "*"}), document({**PASS, "Resource": "arn:aws:iam::*:role/lambda/*"})),
        Case(
            document({**PASS, "Resource": "arn:aws:iam::*:role/*"}),
            document(
                {
                    **PASS,
                    "Resource": "*",
                    "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
                }
            ),
        ),
    ],
    "not-compared": [
        Case(
            document(allow([f"arn:aws:s3:::*{number}*a?*{number}*" for number in range(2_000)], "s3:GetObject")),
            document(allow([f"arn:aws:s3:::*{number}*a?*{number}*" for number in range(50)], "s3:GetObject")),
        ),
    ],
}
ALL = [
    pytest.param(rule, case, id=f"{rule}-{number}")
    for rule, cases in CASES.items()
    for number, case in enumerate(cases)
]


def found(file: Any, options: dict[str, Any]) -> list[Finding]:
    return findings_in(stack_in(read(file if isinstance(file, str) else json.dumps(file, indent=1))), **options)


def test_every_rule_has_a_case() -> None:
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize(("rule", "case"), ALL)
def test_a_rule_finds_what_it_is_about(rule: str, case: Case) -> None:
    """With a line, a message and a fix that a person can read."""
    (first, *_) = [finding for finding in found(case.bad, case.options) if finding.rule == rule]
    assert first.line >= 1
    assert first.fix
    assert not first.message.endswith(".") or rule == "syntax"


@pytest.mark.parametrize(("rule", "case"), ALL)
def test_a_rule_leaves_alone_what_is_like_it(rule: str, case: Case) -> None:
    assert [finding for finding in found(case.good, case.options) if finding.rule == rule] == []
