"""A thousand random chains of up to ten roles: who holds credentials never gets more out of them, nor for longer.

Real operations on a real store. What each hop should come to is worked out beside it, with nothing of gatepass: from
the documents, by the plain evaluator, and from what the chain passed on so far.
"""

from __future__ import annotations

import asyncio
import datetime
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.oracles.plain_policy import Asked, Documents, Json, Values, outcome
from tests.unit.sts.service import ACCOUNT, NOW, REGION, Credentials, Refused, Sts, allow, of

from gatepass.store import Role, Store

WORLDS, CHAINS_EACH, HOPS, PATIENCE = 20, 50, 10, 5
ROLES = tuple(f"r{number}" for number in range(6))
ROLE_ARNS = tuple(f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ROLES)
USERS = ("alice", "bob")
TEAMS = ("a", "b")
RESOURCES = ("arn:aws:s3:::bucket/a/x", "arn:aws:s3:::bucket/b/x")
QUESTIONS = (
    *((action, resource) for action in ("s3:GetObject", "s3:PutObject") for resource in RESOURCES),
    ("sts:AssumeRole", ROLE_ARNS[0]),
)
ACTIONS = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")


@contextmanager
def service(folder: Path) -> Iterator[Sts]:
    with asyncio.Runner() as runner:
        store = runner.run(Store.open(folder, account=ACCOUNT, region=REGION))
        yield Sts(runner, store, folder)
        runner.run(store.close())


# --- what is held, as this test knows it


@dataclass
class Held:
    """Credentials and everything that should bind them.

    Attributes:
        documents: of the role or user, and the boundary.
        session: the session policies; None if there are none.
        tags: of the session; `own_tags` of the role or user.
    """

    credentials: Credentials
    kind: str
    arn: str
    user_id: str
    identity: list[Json]
    boundary: list[Json] | None
    own_tags: dict[str, str]
    role_arn: str | None = None
    session: list[Json] | None = None
    tags: dict[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    source_identity: str | None = None
    issued_at: int | None = None
    expiration: int | None = None

    def context(self, now: float) -> dict[str, Values]:
        """What conditions may ask of a request with these credentials."""
        found: dict[str, Values] = {
            "aws:principalaccount": ACCOUNT,
            "aws:principalarn": self.role_arn or self.arn,
            "aws:principaltype": "AssumedRole" if self.role_arn else "User",
            "aws:userid": self.user_id,
            "aws:sourceip": "192.0.2.7",
            "aws:securetransport": "true",
            "aws:requestedregion": REGION,
            "aws:currenttime": datetime.datetime.fromtimestamp(int(now), datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "aws:epochtime": str(int(now)),
        }
        if self.kind == "user":
            found["aws:username"] = self.arn.rpartition("/")[2]
        if self.source_identity is not None:
            found["aws:sourceidentity"] = self.source_identity
        return found | {f"aws:principaltag/{key}": value for key, value in {**self.own_tags, **self.tags}.items()}

    def may(self, action: str, resource: str, context: dict[str, Values], trust: Json | None = None) -> bool:
        """Whether all that binds these credentials allows it."""
        documents = Documents(
            identity=self.identity,
            session=self.session,
            boundary=self.boundary,
            resource=() if trust is None else [trust],
            trust=trust is not None,
        )
        return self._asked(documents, action, resource, context)

    def may_by(self, policies: list[Json], action: str, resource: str, context: dict[str, Values]) -> bool:
        """Whether these policies alone, were they its only ones, allow it."""
        return self._asked(Documents(identity=policies), action, resource, context)

    def _asked(self, documents: Documents, action: str, resource: str, context: dict[str, Values]) -> bool:
        asked = Asked(action, resource, self.kind, self.arn, self.role_arn, ACCOUNT, ACCOUNT, context)
        return outcome(documents, asked) == "allowed"


# --- random accounts


def condition(random: Random) -> dict[str, Any]:
    return random.choice(
        (
            {"StringEquals": {"aws:RequestTag/team": "${aws:PrincipalTag/team}"}},
            {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
            {"StringEquals": {"aws:RequestTag/team": "${aws:ResourceTag/team}"}},
            {"StringEquals": {"aws:PrincipalTag/team": random.choice(TEAMS)}},
            {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
            {"StringEqualsIfExists": {"sts:SourceIdentity": USERS[0]}},
            {"StringLike": {"sts:RoleSessionName": "s*"}},
            {"StringNotEquals": {"sts:ExternalId": "x"}},
            {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/r[0-2]".replace("[0-2]", "?")}},
            {"Null": {"sts:TransitiveTagKeys": "true"}},
        )
    )


def statement(random: Random, effect: str, actions: tuple[str, ...], resources: tuple[str, ...]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Effect": effect,
        "Action": random.sample(actions, random.randint(1, min(2, len(actions)))),
        "Resource": random.choice(resources),
    }
    if random.random() < 0.3:
        made["Condition"] = condition(random)
    return made


def identity(random: Random) -> dict[str, Any]:
    """Mostly able to take roles, so that chains become long."""
    statements = [statement(random, "Allow", ("s3:*", "s3:Get*", "s3:PutObject"), ("*", *RESOURCES))]
    if random.random() < 0.85:
        statements.append({"Effect": "Allow", "Action": "sts:*", "Resource": "*"})
    if random.random() < 0.2:
        statements.append(statement(random, "Deny", ("s3:*", *ACTIONS), ("*", *RESOURCES, *ROLE_ARNS)))
    return {"Version": "2012-10-17", "Statement": statements}


def limit(random: Random) -> dict[str, Any]:
    """A session policy or a boundary."""
    actions = random.choice((("*",), ("sts:*", "s3:Get*"), ("sts:*", "s3:*"), ("s3:*",), ("sts:*",)))
    made = allow(*actions)
    if random.random() < 0.2:
        made["Statement"].append(statement(random, "Deny", ("s3:PutObject", "sts:AssumeRole"), ("*", *RESOURCES)))
    return made


def trust(random: Random) -> dict[str, Any]:
    """Of the account, of roles, of sessions, of users; sometimes of everyone."""
    names = (
        *((f"arn:aws:iam::{ACCOUNT}:root",) * 8),
        *ROLE_ARNS,
        *(f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/s1" for name in ROLES),
        *(f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in USERS),
        "*",
    )
    statements: list[dict[str, Any]] = []
    for _ in range(random.randint(1, 3)):
        made: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": random.choice(names)}}
        made["Action"] = "sts:*" if random.random() < 0.7 else random.sample(ACTIONS, 2)
        if random.random() < 0.25:
            made["Condition"] = condition(random)
        statements.append(made)
    if random.random() < 0.1:
        denied = {"AWS": random.choice(names)}
        statements.append(
            {"Effect": "Deny", "Principal": denied, "Action": "sts:AssumeRole", "Condition": condition(random)}
        )
    return {"Version": "2012-10-17", "Statement": statements}


@dataclass
class World:
    """An account: roles with their documents, managed policies, and users to begin with."""

    sts: Sts
    random: Random
    roles: list[Role] = field(default_factory=list)
    managed: dict[str, Json] = field(default_factory=dict)
    users: list[Held] = field(default_factory=list)

    def fill(self) -> None:
        random = self.random
        for number in range(2):
            policy = limit(random)
            self.managed[self.sts.managed_policy(f"m{number}", policy)] = policy
        for name in ROLES:
            boundary = random.choice((None, None, *self.managed))
            tags = {"team": random.choice(TEAMS)} if random.random() < 0.5 else {}
            longest = random.choice((3600, 7200))
            policies = [identity(random) for _ in range(random.randint(1, 2))]
            self.roles.append(
                self.sts.role(
                    name,
                    trust(random),
                    *policies,
                    permissions_boundary=boundary,
                    tags=tags,
                    max_session_duration=longest,
                )
            )
        for name in USERS:
            boundary = random.choice((None, None, None, *self.managed))
            own: list[Json] = [allow("sts:*"), identity(random)]
            user, key = self.sts.user(name, *own, permissions_boundary=boundary, tags={"team": random.choice(TEAMS)})
            self.users.append(Held(key, "user", user.arn, user.id, own, self.bounded(boundary), dict(user.tags)))

    def bounded(self, arn: str | None) -> list[Json] | None:
        return None if arn is None else [self.managed[arn]]


# --- one hop


@dataclass
class Hop:
    """What is asked for, and what should come of it: an error's code, or None."""

    role: Role
    given: dict[str, Any]
    session: list[Json] | None
    tags: dict[str, str]
    transitive: tuple[str, ...]
    source_identity: str | None
    expected: tuple[str, str] | None


def plan(world: World, held: Held) -> Hop:
    """A random hop from these credentials."""
    random, role = world.random, world.random.choice(world.roles)
    given: dict[str, Any] = {"RoleArn": role.arn, "RoleSessionName": random.choice(("s1", "s2", "x3"))}
    limits: list[Json] = []
    if random.random() < 0.35:
        limits.append(limit(random))
        given["Policy"] = json.dumps(limits[0])
    if random.random() < 0.15:
        arn = random.choice(list(world.managed))
        given["PolicyArns"] = [{"arn": arn}]
        limits.append(world.managed[arn])
    passed = {key: random.choice(TEAMS) for key in ("team", "job") if random.random() < 0.15}
    transitive = tuple(key for key in passed if random.random() < 0.5)
    if passed:
        given["Tags"] = [{"Key": key, "Value": value} for key, value in passed.items()]
        given["TransitiveTagKeys"] = list(transitive)
    if random.random() < 0.1:
        given["SourceIdentity"] = random.choice(USERS)
    if random.random() < 0.1:
        given["ExternalId"] = random.choice(("xx", "yy"))
    if random.random() < 0.4:
        given["DurationSeconds"] = random.choice((900, 1800, 3600, 5400, 7200))
    handed = {key: value for key, value in held.tags.items() if key in held.transitive}
    hop = Hop(
        role,
        given,
        limits or None,
        {**handed, **passed},
        (*handed, *transitive),
        held.source_identity or given.get("SourceIdentity"),
        None,
    )
    hop.expected = expected(world, held, hop, handed, passed)
    return hop


def expected(
    world: World, held: Held, hop: Hop, handed: dict[str, str], passed: dict[str, str]
) -> tuple[str, str] | None:
    """The error's code and part of its message, in the order in which STS looks at a request."""
    if handed.keys() & passed.keys():
        return "InvalidParameterValue", "conflicts with a transitive tag key"
    if held.source_identity not in (None, hop.given.get("SourceIdentity", held.source_identity)):
        return "ValidationError", "source identity is already set"
    context = held.context(world.sts.now) | keys(hop)
    wanted = ["sts:AssumeRole"]
    wanted += ["sts:TagSession"] if hop.tags else []
    wanted += ["sts:SetSourceIdentity"] if hop.source_identity is not None else []
    for action in wanted:
        if not held.may(action, hop.role.arn, context, json.loads(hop.role.trust_policy)):
            return "AccessDenied", f"{held.arn} is not authorized to perform: {action} on"
    duration = hop.given.get("DurationSeconds", 3600)
    if held.expiration is not None and duration > 3600:
        return "ValidationError", "1 hour session limit"
    return ("ValidationError", "MaxSessionDuration") if duration > hop.role.max_session_duration else None


def keys(hop: Hop) -> dict[str, Values]:
    """What conditions may ask of this request."""
    found: dict[str, Values] = {"sts:rolesessionname": hop.given["RoleSessionName"]}
    if hop.source_identity is not None:
        found["sts:sourceidentity"] = hop.source_identity
    if "ExternalId" in hop.given:
        found["sts:externalid"] = hop.given["ExternalId"]
    if hop.tags:
        found["aws:tagkeys"] = tuple(hop.tags)
    if hop.transitive:
        found["sts:transitivetagkeys"] = hop.transitive
    found |= {f"aws:requesttag/{key}": value for key, value in hop.tags.items()}
    return found | {f"aws:resourcetag/{key}": value for key, value in hop.role.tags.items()}


def taken(world: World, held: Held, hop: Hop, answer: dict[str, Any]) -> Held:
    """What should be held now."""
    name, issued_at = hop.given["RoleSessionName"], int(world.sts.now)
    expiration = issued_at + hop.given.get("DurationSeconds", 3600)
    return Held(
        of(answer),
        "role-session",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/{hop.role.name}/{name}",
        f"{hop.role.id}:{name}",
        [json.loads(text) for text in hop.role.inline_policies.values()],
        world.bounded(hop.role.permissions_boundary),
        dict(hop.role.tags),
        hop.role.arn,
        hop.session,
        hop.tags,
        hop.transitive,
        hop.source_identity,
        issued_at,
        expiration if held.expiration is None else min(expiration, held.expiration),
    )


def check(world: World, parent: Held, child: Held) -> None:
    """What the gate makes of the new credentials is what should bind them, and is within every limit."""
    session = world.sts.principal(child.credentials)
    assert (session.arn, session.user_id, session.role_arn) == (child.arn, child.user_id, child.role_arn)
    assert (session.tags, session.transitive_tag_keys) == (child.tags, child.transitive)
    assert (session.source_identity, session.issued_at) == (child.source_identity, child.issued_at)
    assert session.expiration == child.expiration
    assert child.expiration is not None
    assert parent.expiration is None or child.expiration <= parent.expiration
    judge = world.sts.call(child.credentials).judge
    context = child.context(world.sts.now)
    for action, resource in QUESTIONS:
        allowed = judge(action, resource, {}).allowed
        assert allowed == child.may(action, resource, context)
        if allowed:
            for limits in (child.identity, child.session, child.boundary):
                assert limits is None or child.may_by(limits, action, resource, context)


def asked(world: World, held: Held, hop: Hop) -> dict[str, Any] | Refused:
    try:
        return world.sts.ask("AssumeRole", held.credentials, **hop.given)
    except Refused as refused:
        return refused


def walk(world: World) -> Counter[str]:
    """One chain; what came of its hops."""
    held = world.random.choice(world.users)
    seen: Counter[str] = Counter()
    refused_in_a_row = 0
    while seen["taken"] < HOPS and refused_in_a_row < PATIENCE:
        world.sts.now += world.random.choice((0, 1, 60))
        if held.expiration is not None and world.sts.now >= held.expiration:
            break
        hop = plan(world, held)
        answer = asked(world, held, hop)
        if isinstance(answer, Refused):
            code, part = hop.expected or ("nothing", "")
            assert (answer.code, part in answer.message) == (code, True), f"{answer} at {hop}"
            seen[code] += 1
            refused_in_a_row += 1
            continue
        assert hop.expected is None, f"not refused: {hop}"
        child = taken(world, held, hop, answer)
        check(world, held, child)
        held, refused_in_a_row = child, 0
        seen["taken"] += 1
    seen[f"{seen['taken']} hops"] += 1
    return seen


@pytest.mark.slow
def test_each_hop_is_what_all_policies_together_allow(tmp_path: Path) -> None:
    """Role, session policies, boundary, trust policy: whatever one of them does not allow, no chain comes to."""
    seen: Counter[str] = Counter()
    for number in range(WORLDS):
        with service(tmp_path / f"{number}") as sts:
            world = World(sts, Random(number))
            world.fill()
            for _ in range(CHAINS_EACH):
                sts.now = NOW
                seen += walk(world)
    chains = sum(count for name, count in seen.items() if name.endswith("hops"))
    assert chains == WORLDS * CHAINS_EACH
    assert seen["taken"] > 2 * chains, seen
    assert min(seen[name] for name in ("10 hops", "AccessDenied", "ValidationError", "InvalidParameterValue")) > 20, (
        seen
    )


# --- roles of which each may do less than the one before


def rights(sts: Sts, held: Credentials, role: Role, policy: Json, actions: tuple[str, ...]) -> frozenset[str]:
    """What role and session policy allow, by the plain evaluator; of the session the gate must say the same."""
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role.name}/session"
    documents = Documents(identity=[json.loads(text) for text in role.inline_policies.values()], session=[policy])
    judge = sts.call(held).judge
    found = set()
    for action in actions:
        asked = Asked(action, "*", "role-session", arn, role.arn, ACCOUNT, ACCOUNT, {})
        allowed = outcome(documents, asked) == "allowed"
        assert allowed == judge(action, "*", {}).allowed
        if allowed:
            found.add(action)
    return frozenset(found)


@pytest.mark.slow
def test_rights_and_expiry_never_grow(tmp_path: Path) -> None:
    """Down a ladder of roles, each with no more rights than the one above, with session policies that only shrink:
    so do rights and time, at each of a thousand chains' hops."""
    actions = tuple(f"s3:Action{number}" for number in range(12))
    random = Random("ladder")
    lengths: Counter[int] = Counter()
    with service(tmp_path) as sts:
        _, key = sts.user("u", allow("sts:AssumeRole"))
        delegated = {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"},
        }
        ladder, left = [], list(actions)
        for number in range(HOPS):
            ladder.append(sts.role(f"n{number}", delegated, allow("sts:AssumeRole", *left)))
            left = left[: max(1, len(left) - random.randint(0, 2))]
        for _ in range(WORLDS * CHAINS_EACH):
            sts.now = NOW
            steps = sorted(random.sample(range(HOPS), random.randint(1, HOPS)))
            held, before, ends, limits = key, frozenset(actions), NOW + 3600, list(actions)
            for step in steps:
                limits = [action for action in limits if random.random() < 0.95]
                policy = allow("sts:AssumeRole", *limits)
                given: dict[str, Any] = {"Policy": json.dumps(policy)}
                if random.random() < 0.5:
                    given["DurationSeconds"] = random.randint(900, 3600)
                held = sts.assume(held, ladder[step], **given)
                after = rights(sts, held, ladder[step], policy, actions)
                expiration = sts.principal(held).expiration
                assert after <= before
                assert expiration is not None
                assert expiration <= ends
                before, ends = after, expiration
                sts.now += random.choice((0, 10, 60))
            lengths[len(steps)] += 1
    assert set(lengths) == set(range(1, HOPS + 1))
