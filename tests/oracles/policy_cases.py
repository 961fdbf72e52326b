"""Random policies and requests, biased to meet: few names, many wildcards, missing keys, values nobody can read."""

from __future__ import annotations

import json
from random import Random
from typing import Any, NamedTuple

from tests.oracles.plain_policy import Asked, Documents

from gatepass.policy import Caller, Constants, Policies, PolicyType, Query, Source, compile_policy, load
from gatepass.policy.compile import Policy

OWN, OTHER = "111122223333", "999988887777"
COGNITO = "cognito-identity.amazonaws.com"
SUB = "us-east-1:1234"
API = f"arn:aws:execute-api:us-east-1:{OWN}:api1"
CALLERS = (
    Caller("role-session", f"arn:aws:sts::{OWN}:assumed-role/R/s", OWN, f"arn:aws:iam::{OWN}:role/p/R"),
    Caller("role-session", f"arn:aws:iam::{OWN}:role/R", OWN, f"arn:aws:iam::{OWN}:role/R"),
    Caller("user", f"arn:aws:iam::{OWN}:user/alice", OWN),
    Caller("user", f"arn:aws:iam::{OWN}:user/R", OWN),
    Caller("role-session", f"arn:aws:sts::{OTHER}:assumed-role/R/s", OTHER, f"arn:aws:iam::{OTHER}:role/p/R"),
    Caller("federated-user", f"arn:aws:sts::{OWN}:federated-user/alice", OWN),
    Caller("root", f"arn:aws:iam::{OWN}:root", OWN),
    Caller("anonymous", "anonymous"),
    Caller("federated", COGNITO),
    Caller("service", "lambda.amazonaws.com"),
)
ACTIONS = ("execute-api:Invoke", "execute-api:InvalidateCache", "s3:GetObject", "sts:AssumeRoleWithWebIdentity",
           "EXECUTE-API:invoke", "sts:GetCallerIdentity")  # fmt: skip
ACTION_PATTERNS = (*ACTIONS, "*", "*:*", "execute-api:*", "execute-api:Inv*", "execute-api:Invok?", "*:Invoke",
                   "exec*:Invoke", "s3:*", "iam:*", "s3:Get?bject", "sts:*")  # fmt: skip
RESOURCES = (
    f"{API}/prod/GET/pets", f"{API}/prod/GET/pets/a1", f"{API}/prod/GET/", f"{API}/dev/POST/pets",
    f"{API}/prod/GET/{SUB}/f", f"{API}/prod/GET/a*b", f"{API}/prod/GET/x:api1/prod/GET/pets",
    f"arn:aws:execute-api:us-east-1:{OWN}:api2/prod/GET/evil:api1/prod/GET/pets", f"{API}/prod/GET/a${{b}}?c",
    f"arn:aws:execute-api:us-west-2:{OWN}:api1/prod/GET/pets", "arn:aws:s3:::bkt/alice/f", "arn:aws:s3:::bkt/*/f",
    f"arn:aws:iam::{OWN}:role/p/R", "*", "", "no-arn", f"arn:aws:dynamodb:us-east-1:{OWN}:table/prod-x",
)  # fmt: skip
RESOURCE_PATTERNS = (
    *RESOURCES, "*", f"{API}/*", f"{API}/prod/*", f"{API}/*/GET/pets", f"{API}/prod/GET/pets*", f"{API}/*/GET/*",
    f"{API}/prod/???/pets", "arn:aws:execute-api:*:*:*", "arn:aws:execute-api:*:*:api1/*", f"{API}/*a?b*",
    "arn:aws:execute-api:*:*:api1/prod/GET/pets", "arn:aws:execute-api:*:*:*/*/GET/*", "arn:aws:execute-api:us-*:*",
    "arn:aws:execute-api:us-east-1", "arn:aws:execute-api:us-*-1", "arn:aws:execute-api",
    f"arn:aws:execute-api:*:{OWN}",
    "arn:aws:dynamodb:*:table/prod-*", "arn:aws:s3:::bkt/${aws:username}/*", "arn:aws:s3:::bkt/*/f", "arn:*",
    f"{API}/prod/GET/${{cognito-identity.amazonaws.com:sub}}/*", "arn:aws:s3:::bkt/${aws:PrincipalTag/t, 'alice'}/f",
    f"{API}/prod/GET/a${{*}}b", f"{API}/prod/GET/a${{$}}{{b}}?c", "arn:aws:s3:::${aws:nope}/x", f"{API}/${{", "a?*",
    "arn:aws:execute-api:${aws:RequestedRegion}:*:api1/*", f"{API}/prod/GET/${{test:k}}*", f"{API}/${{a b}}", "*pets",
    f"{API}/prod/GET/*?*?*ets", "arn:aws:*:us-east-1:*", f"{API}/*:api1/*", "arn:aws:*:pets", "*:*:*:*:*:*",
)  # fmt: skip
# Two tags of one name, as STS itself once took one for the other.
KEYS = ("test:k", "test:set", "aws:SourceIp", "aws:username", "aws:PrincipalTag/t", "aws:RequestTag/t",
        "aws:TokenIssueTime", "aws:SecureTransport", "aws:CurrentTime", f"{COGNITO}:aud", f"{COGNITO}:amr",
        "aws:SourceArn", "test:n", "test:b")  # fmt: skip
ASKED_KEYS = (*KEYS, "test:absent", "Test:K", "AWS:principaltag/T", "aws:resourceTag/t")
VALUES = ("a", "A", "b", "ab", "*", "a*", "?", "", "true", "false", "TRUE", "1", "10", "10.0", "-3", "1e3", "maybe",
          "10.0.0.0/8", "10.1.2.3", "0.0.0.0/0", "::/0", "2001:db8::1", "::ffff:10.1.2.3", "300.1.1.1", "QQ==", "QQ=",
          "2026-01-01", "2026-01-01T00:00:00Z", "1767225600", "2026", "2026-13-01", "2025-12-31T19:00:00-05:00",
          "us-east-1:pool", "authenticated", "unauthenticated", "arn:aws:s3:::b", "arn:aws:s3:*", "arn:aws:s3:::*",
          "arn:aws:sns:us-east-1:1:t:x", "alice")  # fmt: skip
# What an operator's family can read, and the key that holds such values.
READABLE: dict[str, tuple[str, tuple[str, ...]]] = {
    "Num": ("test:n", ("1", "10", "10.0", "-3", "+1", "007")),
    "Dat": ("aws:CurrentTime", ("2026-01-01", "2026-01-01T00:00:00Z", "1767225600", "2026", "1767225600000",
                                "2025-12-31T19:00:00-05:00", "2026-01-01T00:00:00.5Z")),
    "IpA": ("aws:SourceIp", ("10.0.0.0/8", "10.1.2.3", "10.1.2.4", "0.0.0.0/0", "::/0", "2001:db8::/32",
                             "2001:db8::1", "2001:DB8:0::1", "::ffff:10.1.2.3")),
    "Boo": ("aws:SecureTransport", ("true", "false", "TRUE")),
    "Bin": ("test:b", ("QQ==", "QUI=", "QR==")),
    "Arn": ("aws:SourceArn", ("arn:aws:s3:::b", "arn:aws:s3:::B", "arn:aws:s3:::*", "arn:aws:sns:us-east-1:1:t:x",
                              "arn:aws:sns:us-east-1:1:t", "arn:aws:*:1:t:x", "arn:aws:s?:::?", "*:*:*:*:*:*")),
}  # fmt: skip
READABLE["Not"] = READABLE["IpA"]
POLICY_VALUES = (*VALUES, "${aws:username}", "${aws:username}*", "${aws:PrincipalTag/t}", "${aws:RequestTag/t}",
                 "${test:k}", "${test:set}", "${aws:nope}", "${aws:nope, 'a'}", "${*}", "a${?}", "${bad", "${a b}",
                 "arn:aws:s3:::${test:k}", "arn:${aws:nope}:s3:::b", "auth*")  # fmt: skip
FAMILIES = (
    "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike",
    "StringNotLike", "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals",
    "NumericGreaterThan", "NumericGreaterThanEquals", "DateEquals", "DateNotEquals", "DateLessThan",
    "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals", "Bool", "BinaryEquals", "IpAddress",
    "NotIpAddress", "ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "Null", "Nonsense",
)  # fmt: skip
PRINCIPALS: tuple[Any, ...] = (
    "*", {"AWS": "*"}, {"AWS": OWN}, {"AWS": f"arn:aws:iam::{OWN}:root"}, {"AWS": f"arn:aws:iam::{OTHER}:root"},
    {"AWS": f"arn:aws:iam::{OWN}:role/p/R"}, {"AWS": f"arn:aws:sts::{OWN}:assumed-role/R/s"},
    {"AWS": f"arn:aws:iam::{OWN}:user/alice"}, {"AWS": [f"arn:aws:iam::{OWN}:user/bob", OWN]},
    {"AWS": [f"arn:aws:sts::{OWN}:assumed-role/R/s", f"arn:aws:iam::{OWN}:role/p/R", f"arn:aws:iam::{OWN}:root"]},
    {"AWS": [f"arn:aws:iam::{OWN}:user/alice", OWN]}, {"AWS": f"arn:aws:iam::{OWN}:user/*"}, {"Federated": COGNITO},
    {"Federated": "*"}, {"Service": "lambda.amazonaws.com"}, {"AWS": OTHER, "Federated": COGNITO}, {},
    {"AWS": f"arn:aws:iam::{OWN}:role/R"}, {"AWS": f"arn:aws:iam::{OTHER}:role/p/R"}, {"AWS": OTHER}, {"*": "*"},
    {"AWS": f"arn:aws:sts::{OTHER}:assumed-role/R/s"}, {"AWS": f"arn:aws:sts::{OWN}:assumed-role/R/other"},
    {"AWS": f"arn:aws:iam::{OWN}:user/R"}, {"AWS": f"arn:aws:sts::{OWN}:federated-user/alice"},
    {"AWS": f"arn:aws:sts::{OWN}:assumed-role/R/*"}, {"CanonicalUser": OWN, "Service": "*"},
)  # fmt: skip


class Case(NamedTuple):
    """One question in both forms, and the credential's constants out of its context."""

    documents: Documents
    asked: Asked
    policies: Policies
    query: Query
    constants: Constants

    def show(self) -> str:
        return json.dumps({"documents": self.documents.__dict__, "asked": self.asked.__dict__}, indent=1, default=str)


def some(random: Random, choices: tuple[Any, ...], most: int = 3) -> Any:
    """One of them bare, or a list of a few; rarely an empty one."""
    count = random.choice((1, 1, 1, 1, 2, 2, most, 0 if random.random() < 0.1 else 1))
    picked = [random.choice(choices) for _ in range(count)]
    return picked[0] if count == 1 and random.random() < 0.6 else picked


def condition(random: Random) -> dict[str, Any]:
    block: dict[str, Any] = {}
    for _ in range(random.choice((1, 1, 2))):
        family = random.choice(FAMILIES)
        prefix = random.choice(
            ("", "", "", "", "ForAllValues:", "ForAnyValue:", "Foo:" if random.random() < 0.1 else "")
        )
        operator = prefix + family + random.choice(("", "", "", "IfExists"))
        key = random.choice(ASKED_KEYS)
        values: tuple[Any, ...] = POLICY_VALUES
        if family in ("Null", "Bool"):
            values = ("true", "false", True, False, "TRUE", "x")
        readable = READABLE.get(family[:3])
        if readable is not None and random.random() < 0.6:
            key, values = readable
        elif random.random() < 0.2:
            values = (*(f"${{{each}}}" for each in KEYS), f"${{{key}}}", f"${{{key}, 'a'}}*")
        block.setdefault(operator, {})[key] = some(random, values)
    return block


def statement(random: Random, *, named: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": random.choice(("Allow", "Allow", "Allow", "Deny"))}
    made["NotAction" if random.random() < 0.15 else "Action"] = some(random, ACTION_PATTERNS)
    if random.random() < 0.97:
        made["NotResource" if random.random() < 0.15 else "Resource"] = some(random, RESOURCE_PATTERNS)
    if named and random.random() < 0.97:
        made["NotPrincipal" if random.random() < 0.15 else "Principal"] = random.choice(PRINCIPALS)
    if random.random() < 0.5:
        made["Condition"] = condition(random)
    return made


def document(random: Random, *, named: bool = False) -> dict[str, Any]:
    made: dict[str, Any] = {}
    version = random.choice(("2012-10-17",) * 8 + ("2008-10-17", None))
    if version:
        made["Version"] = version
    statements = [statement(random, named=named) for _ in range(random.choice((1, 1, 2, 3)))]
    made["Statement"] = statements[0] if len(statements) == 1 and random.random() < 0.5 else statements
    return made


def pool(random: Random, presence: float, *, named: bool = False, most: int = 2) -> list[dict[str, Any]] | None:
    if random.random() > presence:
        return None
    return [document(random, named=named) for _ in range(random.randint(0 if random.random() < 0.1 else 1, most))]


def context(random: Random) -> dict[str, str | tuple[str, ...]]:
    made: dict[str, str | tuple[str, ...]] = {}
    readable = dict(READABLE.values())
    for key in KEYS:
        if random.random() < 0.3:
            continue
        values = readable[key] if key in readable and random.random() < 0.7 else VALUES
        if key in ("test:set", f"{COGNITO}:amr") or random.random() < 0.05:
            made[key] = tuple(random.choice(values) for _ in range(random.choice((0, 1, 1, 2, 3))))
        else:
            made[key] = random.choice(values)
    if random.random() < 0.5:
        made[f"{COGNITO}:sub"] = SUB
    return made


def case(random: Random) -> Case:
    """One random question."""
    trust = random.random() < 0.1
    caller = random.choice(CALLERS if trust or random.random() < 0.4 else CALLERS[:3])
    given = Documents(
        identity=pool(random, 0.9, most=3) or (),
        session=pool(random, 0.25),
        boundary=pool(random, 0.25),
        resource=[document(random, named=True)] if trust or random.random() < 0.35 else (),
        trust=trust,
        scp=[pool(random, 1) or [] for _ in range(2)] if random.random() < 0.08 else (),
        rcp=[pool(random, 1, named=True) or []] if random.random() < 0.06 else (),
        vpce=pool(random, 0.05, named=True),
    )
    made = context(random)
    lowered = {name.lower(): value for name, value in made.items()}
    action, resource = random.choice(ACTIONS), random.choice(RESOURCES)
    owner = random.choice((OWN, OWN, OWN, OTHER, ""))
    asked = Asked(action, resource, caller.kind, caller.arn, caller.role_arn, caller.account, owner, lowered)
    constant = {name: value for name, value in lowered.items() if name.startswith(("aws:p", "cognito", "aws:u"))}
    return Case(
        given,
        asked,
        compile_documents(given),
        Query(action, resource, caller, owner, made),
        Constants(constant, prefixes=("aws:p", "cognito", "aws:u")),
    )


def compile_documents(given: Documents) -> Policies:
    """The same documents, through text, as the engine takes them."""

    def compiled(documents: Any, policy_type: PolicyType, level: int = 0) -> tuple[Policy, ...]:
        return tuple(
            compile_policy(load(json.dumps(each)), Source(policy_type, f"{policy_type.value} {level} {index}"))
            for index, each in enumerate(documents)
        )

    def optional(documents: Any, policy_type: PolicyType) -> tuple[Policy, ...] | None:
        return None if documents is None else compiled(documents, policy_type)

    return Policies(
        compiled(given.identity, PolicyType.IDENTITY),
        optional(given.session, PolicyType.SESSION),
        optional(given.boundary, PolicyType.BOUNDARY),
        compiled(given.resource, PolicyType.TRUST if given.trust else PolicyType.RESOURCE),
        scp=[compiled(level, PolicyType.SCP, number) for number, level in enumerate(given.scp)],
        rcp=[compiled(level, PolicyType.RCP, number) for number, level in enumerate(given.rcp)],
        vpce=optional(given.vpce, PolicyType.VPCE),
    )


def numbered(number: int) -> Case:
    """The case of one number, the same at every run."""
    return case(Random(number))
