"""Rules of all policy types together, of principals, and of actions and resources."""

from __future__ import annotations

from typing import Any

from tests.oracles.policy_rule import (
    ALLOWED,
    API,
    COGNITO,
    EXPLICIT,
    IMPLICIT,
    OTHER,
    OWN,
    PETS,
    ROLE,
    SESSION,
    USER,
    all_but,
    allow,
    by,
    deny,
    document,
    rule,
)

ELSEWHERE = document(allow(action="s3:*"))
EVERYTHING = document(allow(action="*"))


def only(policy_type: str, policy: dict[str, Any]) -> dict[str, Any]:
    """One policy of a type, as keyword."""
    return {policy_type: [policy]}


def verdicts() -> None:
    rule("without an Allow a request is denied implicitly", IMPLICIT)
    rule("an Allow that applies allows", ALLOWED, allow())
    rule("a Deny that applies denies, whatever allows", EXPLICIT, allow(), deny())
    rule("the order of statements does not matter", EXPLICIT, deny(), allow())
    rule("a Deny that does not apply does nothing", ALLOWED, allow(), deny(f"{API}/dev/*"))
    for name in ("session", "boundary"):
        rule(f"a Deny in the {name} denies", EXPLICIT, allow(), **only(name, document(allow(), deny())))
        rule(f"the {name} must allow too", IMPLICIT, allow(), **only(name, ELSEWHERE))
        rule(f"where the {name} allows, the rest decides", ALLOWED, allow(), **only(name, EVERYTHING))
        rule(f"the {name} grants nothing by itself", IMPLICIT, **only(name, EVERYTHING))
    rule("a Deny in the resource policy denies", EXPLICIT, allow(), resource=by("*", "Deny"))
    rule("every level of service control policies must allow", IMPLICIT, allow(), scp=[[EVERYTHING], [ELSEWHERE]])
    rule("within a level one policy suffices", ALLOWED, allow(), scp=[[ELSEWHERE, EVERYTHING], [EVERYTHING]])
    rule("a Deny at one level denies", EXPLICIT, allow(), scp=[[EVERYTHING], [document(allow(), deny())]])
    rule("resource control policies deny", EXPLICIT, allow(), rcp=[[by("*", "Deny")]])
    rule("of several session policies one that allows suffices", ALLOWED, allow(), session=[ELSEWHERE, EVERYTHING])
    rule(
        "of several session policies one that denies decides", EXPLICIT, allow(), session=[EVERYTHING, document(deny())]
    )
    rule("asking who one is cannot be denied", ALLOWED, deny(action="*"), action="sts:GetCallerIdentity", target="*")


def principals() -> None:
    limits: dict[str, Any] = {"boundary": [ELSEWHERE], "session": [ELSEWHERE]}
    for says, principal, plain, limited in (
        ("a session's ARN in the resource policy grants past boundary and session policy", SESSION, ALLOWED, ALLOWED),
        ("a role's ARN grants without the identity, within boundary and session policy", ROLE, ALLOWED, IMPLICIT),
        ("an account in the resource policy only delegates", OWN, IMPLICIT, IMPLICIT),
        ("an account's root is the account", f"arn:aws:iam::{OWN}:root", IMPLICIT, IMPLICIT),
        ("everyone is granted within boundary and session policy (ours)", "*", ALLOWED, IMPLICIT),
    ):
        rule(says, plain, resource=by({"AWS": principal}))
        rule(f"{says}, both limiting", limited, resource=by({"AWS": principal}), **limits)
        for name in limits:
            rule(f"{says}, the {name} limiting", limited, resource=by({"AWS": principal}), **only(name, ELSEWHERE))
    rule(
        "a user's ARN grants past the boundary",
        ALLOWED,
        principal=USER,
        resource=by({"AWS": USER}),
        boundary=[ELSEWHERE],
    )
    rule("what an account delegates, the identity policy grants", ALLOWED, allow(), resource=by({"AWS": OWN}))
    rule("`*` and AWS `*` are the same", ALLOWED, resource=by("*"))
    rule("a principal has no partial wildcards", IMPLICIT, resource=by({"AWS": f"arn:aws:iam::{OWN}:role/*"}))
    rule(
        "a role of the same name in another account is another",
        IMPLICIT,
        resource=by({"AWS": f"arn:aws:iam::{OTHER}:role/R"}),
    )
    rule("anonymous callers are everyone", ALLOWED, principal="anonymous", resource=by("*"))
    rule("anonymous callers need the resource policy", IMPLICIT, allow(), principal="anonymous")
    rule("across accounts the identity does not suffice", IMPLICIT, allow(), owner=OTHER)
    for says, principal in (("a session", SESSION), ("a role", ROLE), ("an account", OWN), ("everyone", "*")):
        rule(
            f"across accounts a resource policy that names {says} does not suffice",
            IMPLICIT,
            owner=OTHER,
            resource=by({"AWS": principal}),
        )
        rule(
            f"across accounts both sides that allow suffice, naming {says}",
            ALLOWED,
            allow(),
            owner=OTHER,
            resource=by({"AWS": principal}),
        )
        rule(
            f"across accounts the boundary limits, naming {says}",
            IMPLICIT,
            allow(),
            owner=OTHER,
            resource=by({"AWS": principal}),
            boundary=[ELSEWHERE],
        )
        rule(
            f"across accounts the session policy limits, naming {says}",
            IMPLICIT,
            allow(),
            owner=OTHER,
            resource=by({"AWS": principal}),
            session=[ELSEWHERE],
        )
    listed = {"AWS": [SESSION, ROLE, OWN]}
    rule(
        "a Deny but for listed principals spares who is listed with role and account",
        ALLOWED,
        allow(),
        resource=all_but(listed),
    )
    rule(
        "a Deny but for listed principals denies who is not listed", EXPLICIT, allow(), resource=all_but({"AWS": USER})
    )
    rule(
        "a Deny but for listed principals denies who is listed in part",
        EXPLICIT,
        allow(),
        resource=all_but({"AWS": SESSION}),
    )
    rule(
        "a Deny but for listed principals denies who has a boundary",
        EXPLICIT,
        allow(),
        resource=all_but(listed),
        boundary=[EVERYTHING],
    )


def trust() -> None:
    web, aud = "sts:AssumeRoleWithWebIdentity", f"{COGNITO}:aud"
    login = {aud: "us-east-1:pool", f"{COGNITO}:amr": ("unauthenticated",)}
    asked: dict[str, Any] = {"principal": COGNITO, "action": web, "target": ROLE, "context": login, "kind": "trust"}

    def trusting(**conditions: Any) -> dict[str, Any]:
        named = {operator.replace("_", ":"): block for operator, block in conditions.items()}
        statement = {"Effect": "Allow", "Principal": {"Federated": COGNITO}, "Action": web, "Condition": named}
        return document(statement)

    pool = {aud: "us-east-1:pool"}
    rule("a role that trusts the pool is taken", ALLOWED, resource=trusting(StringEquals=pool), **asked)
    rule(
        "another pool's identities do not take it",
        IMPLICIT,
        resource=trusting(StringEquals={aud: "us-east-1:other"}),
        **asked,
    )
    rule("a role that names no pool is not taken", IMPLICIT, resource=trusting(), **asked)
    for amr, expected in (("unauthenticated", ALLOWED), ("authenticated", IMPLICIT)):
        block = {f"{COGNITO}:amr": amr}
        rule(
            f"a guest takes roles for `{amr}`",
            expected,
            resource=trusting(StringEquals=pool, ForAnyValue_StringLike=block),
            **asked,
        )
    assume: dict[str, Any] = {"action": "sts:AssumeRole", "target": ROLE, "principal": USER, "kind": "trust"}
    take, trust = allow(ROLE, "sts:AssumeRole"), {"Effect": "Allow", "Action": "sts:AssumeRole"}
    rule(
        "a role whose trust policy is silent is not taken",
        IMPLICIT,
        take,
        resource=document({**trust, "Principal": {"AWS": OTHER}}),
        **assume,
    )
    rule(
        "a role that trusts the account is taken by whom the identity policy allows",
        ALLOWED,
        take,
        resource=document({**trust, "Principal": {"AWS": OWN}}),
        **assume,
    )
    rule(
        "a role that trusts the account is not taken without",
        IMPLICIT,
        resource=document({**trust, "Principal": {"AWS": OWN}}),
        **assume,
    )
    rule(
        "a role that trusts the user is taken without",
        ALLOWED,
        resource=document({**trust, "Principal": {"AWS": USER}}),
        **assume,
    )


def elements() -> None:
    for says, pattern, expected in (
        ("an action ignores case", "EXECUTE-API:invoke", ALLOWED),
        ("`*` is every action", "*", ALLOWED),
        ("a star stands for any run in an action", "execute-api:*voke", ALLOWED),
        ("a question mark stands for one character of an action", "execute-api:Invok?", ALLOWED),
        ("and not for none", "execute-api:Invoke?", IMPLICIT),
        ("another action is another", "execute-api:InvalidateCache", IMPLICIT),
        ("a wildcard in a service prefix grants nothing (ours)", "exec*:Invoke", IMPLICIT),
    ):
        rule(says, expected, allow(action=pattern))
    rule("NotAction is every other action", ALLOWED, {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})
    rule(
        "NotAction leaves out what it lists",
        IMPLICIT,
        {"Effect": "Allow", "NotAction": "execute-api:*", "Resource": "*"},
    )
    rule(
        "NotAction still needs the resource",
        IMPLICIT,
        {"Effect": "Allow", "NotAction": "s3:*", "Resource": f"{API}/dev/*"},
    )
    rule(
        "NotResource is every other resource",
        ALLOWED,
        {"Effect": "Allow", "Action": "*", "NotResource": f"{API}/dev/*"},
    )
    rule(
        "NotResource leaves out what it lists",
        IMPLICIT,
        {"Effect": "Allow", "Action": "*", "NotResource": f"{API}/prod/*"},
    )
    rule(
        "NotResource still needs the action",
        IMPLICIT,
        {"Effect": "Allow", "Action": "s3:*", "NotResource": f"{API}/dev/*"},
    )
    for says, pattern, expected in (
        ("a resource tells case", f"{API}/prod/get/pets", IMPLICIT),
        ("a star spans slashes", f"{API}/*/pets", ALLOWED),
        ("a star may stand for nothing", f"{PETS}*", ALLOWED),
        ("a question mark stands for one character", f"{API}/prod/GET/pet?", ALLOWED),
        ("a question mark stands for no fewer", f"{PETS}?", IMPLICIT),
        ("a question mark stands for no more", f"{API}/prod/GET/pe?", IMPLICIT),
        ("a resource matches whole", f"{API}/prod/GET/pet", IMPLICIT),
        ("the widespread pattern of execute-api", "arn:aws:execute-api:*:*:*/*/GET/*", ALLOWED),
        ("another region is another resource", f"{PETS.replace('us-east-1', 'US-EAST-1')}", IMPLICIT),
        ("a short ARN of the caller's own policy stands for all beneath", "arn:aws:execute-api:us-east-1", ALLOWED),
        ("a template's path is not a path", f"{API}/prod/GET/{{name}}", IMPLICIT),
    ):
        rule(says, expected, allow(pattern))
    table = f"arn:aws:dynamodb:us-east-1:{OWN}:table/prod-x"
    for says, pattern, expected in (
        ("a star that ends its segment reaches past the colon", "arn:aws:dynamodb:*:table/prod-*", ALLOWED),
        ("one that does not stays", "arn:aws:dynamodb:us-*1:table/prod-*", IMPLICIT),
    ):
        rule(says, expected, allow(pattern, "dynamodb:*"), action="dynamodb:GetItem", target=table)
    rule(
        "a short ARN in a resource policy stands for nothing else",
        IMPLICIT,
        resource=by({"AWS": SESSION}, resource="arn:aws:execute-api:us-east-1"),
    )
    rule("unless it has a wildcard", ALLOWED, resource=by({"AWS": SESSION}, resource="arn:aws:execute-api:us-*"))
    rule("the root of a stage has an empty path", ALLOWED, allow(f"{API}/prod/GET/"), target=f"{API}/prod/GET/")
    injected = f"arn:aws:execute-api:us-east-1:{OWN}:other/prod/GET/x:a1b2c3d4e5/prod/GET/pets"
    rule(
        "what a caller writes into a path meets no pattern of another API (ours)",
        IMPLICIT,
        allow("arn:aws:execute-api:*:*:a1b2c3d4e5/prod/GET/pets"),
        target=injected,
    )
