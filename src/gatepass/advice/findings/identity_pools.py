"""What goes wrong with identity pools: whom a role lets in, and what guests, who are anybody, may do."""

from __future__ import annotations

from collections.abc import Iterator

from gatepass.advice.findings.rules import RULES, Level
from gatepass.advice.findings.subject import Finding, Subject, element
from gatepass.advice.languages import contain
from gatepass.advice.least import pattern_of
from gatepass.advice.patterns import literal, of_resource
from gatepass.advice.stack import Attachment, Role, Stack, loaded
from gatepass.advice.trust import (
    GUEST,
    KINDS,
    USER,
    admits_kind,
    admits_other_pools,
    pools_named,
    trusts_pools,
)
from gatepass.policy.document import Document, Statement

_MOST_SHOWN = 5
_WHO = {GUEST: "guests", USER: "users who logged in"}
# An ARN below which is everything: of another account and API than anybody's.
_SOME_API = literal("arn:aws:execute-api:us-east-1:000000000000:0000000000/0/GET/0")


def about_trust(subject: Subject) -> Iterator[Finding]:
    """Only of statements that trust identity pools. What AWS itself refuses is found before."""
    document = subject.document
    index = next((number for number, each in subject.statements if trusts_pools(each)), None)
    if subject.found.kind != "trust" or index is None:
        return
    guests, users = (admits_kind(document, kind) for kind in KINDS)
    if not guests and not users:
        message = "no identity comes in: its conditions on `aud` and `amr` hold for none"
        yield subject.finding("trust-lets-nobody-in", message, index, "Condition")
        return
    if admits_other_pools(document):
        message = "identities of other pools than those it names come in too: the condition on `aud` holds for them"
        yield subject.finding("trust-without-pool", message, index, "Condition")
    elif len(pools_named(document)) > 1:
        pools = ", ".join(f"`{pool}`" for pool in pools_named(document))
        yield subject.finding("trust-several-pools", f"identities of {pools} come in", index, "Condition")
    if guests and users:
        message = "guests and users who logged in may both use the role: "
        asked = [each for _, statement in subject.statements for each in statement.conditions if _on_amr(each.key)]
        message += "the condition on `amr` holds for both" if asked else "no condition on `amr`"
        yield subject.finding("trust-without-kind", message, index)


def _on_amr(key: str) -> bool:
    return key.lower().endswith(":amr")


def about_rights(subject: Subject) -> Iterator[Finding]:
    """What the Allows of an identity policy give away."""
    if subject.found.kind in ("trust", "resource"):
        return
    for index, statement in subject.statements:
        if statement.effect == "Allow":
            yield from _about_resources(subject, index, statement)
            yield from _about_actions(subject, index, statement)


def _about_resources(subject: Subject, index: int, statement: Statement) -> Iterator[Finding]:
    guests, actions = subject.for_guests, statement.actions or ()
    of_apis = [each for each in actions if each in ("*", "*:*") or each.lower().startswith("execute-api:")]
    if statement.not_resource or not (of_apis or guests):
        return
    who = "guests, who are anybody, may" if guests else "whoever has the role may"
    for resource, path in subject.entries(index, "Resource"):
        if resource == "*":
            message = f'{who} call every route of every API of the account: Resource is "*"'
        elif guests and of_apis and contain([of_resource(resource)], _SOME_API):
            message = f"{who} call every route of every API of the account: `{resource}` is all of them"
        else:
            continue
        level: Level | None = "error" if guests else None
        yield subject.finding("every-resource", message, index, *path[:1], fix=_routes(subject), level=level)
        return


def _routes(subject: Subject) -> str:
    """What to write instead, of an app that is known; empty if none is."""
    if subject.api is None:
        return ""
    api = f"arn:aws:execute-api:REGION:ACCOUNT:{subject.api.api_id or 'API_ID'}/{subject.api.stage or 'STAGE'}"
    tails = [pattern_of(route.method, route.path) for route in subject.api.routes if route.iam]
    shown = ", ".join(f"{api}/{tail}" for tail in tails[:_MOST_SHOWN]) + (", …" if len(tails) > _MOST_SHOWN else "")
    return f"name the app's routes: {shown}" if tails else ""


def _about_actions(subject: Subject, index: int, statement: Statement) -> Iterator[Finding]:
    beyond = [each for each in statement.actions or () if not each.lower().startswith("execute-api:")]
    if subject.for_guests and (beyond or statement.not_action):
        what = "everything but some actions" if statement.not_action else ", ".join(f"`{each}`" for each in beyond)
        message = f"guests, who are anybody, may do {what}"
        yield subject.finding("guests-beyond-the-api", message, index, element(statement, "Action"))


def about_attachments(stack: Stack) -> Iterator[Finding]:
    """Whether a pool's roles are two, and trust it."""
    for attachment in stack.attachments:
        roles = {kind: attachment.roles[kind] for kind in KINDS if kind in attachment.roles}
        if len(roles) == 2 and _same(stack, roles[GUEST].role, roles[USER].role):
            message = f"guests and users who logged in get the same role, `{roles[GUEST].role}`"
            yield _finding("one-role-for-both", roles[GUEST].line, attachment, message)
        for kind, given in roles.items():
            role = stack.role(given.role)
            trust = None if role is None or role.trust is None else loaded(role.trust.document)
            if role is not None and trust is not None and any(map(trusts_pools, trust.statements)):
                yield from _about_given(attachment, kind, role, trust)


def _same(stack: Stack, one: str, other: str) -> bool:
    role = stack.role(one)
    return one == other if role is None else other in (role.id, role.name)


def _about_given(attachment: Attachment, kind: str, role: Role, trust: Document) -> Iterator[Finding]:
    # An id and the name of a resource cannot be compared.
    trusted = [pool for pool in role.pools if (":" in pool) == (":" in attachment.pool) and "{" not in pool]
    if len(trusted) == len(role.pools) > 0 and attachment.pool not in ("", *trusted):
        pools = ", ".join(f"`{pool}`" for pool in trusted)
        message = f"the pool is `{attachment.pool}`, and the role `{role.id}` trusts {pools}"
        yield _finding("trust-of-another-pool", attachment.roles[kind].line, attachment, message)
    if not admits_kind(trust, kind) and any(admits_kind(trust, each) for each in KINDS):
        message = f"{_WHO[kind]} get the role `{role.id}`, and its trust policy does not let them in"
        yield _finding("trust-of-another-kind", attachment.roles[kind].line, attachment, message)


def _finding(rule: str, line: int, attachment: Attachment, message: str) -> Finding:
    return Finding(rule, RULES[rule].level, line, attachment.name, None, message, RULES[rule].fix)
