"""Whom a trust policy lets in: which identity pools, guests or users who logged in. Asked of the engine's conditions.

Only conditions on the pool and on the kind of identity are asked. Others may hold or not: they are taken to hold in an
Allow and not to hold in a Deny, so that nobody is overlooked who might come in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatepass.policy import COGNITO
from gatepass.policy.document import Document, Statement
from gatepass.policy.globs import compiled
from gatepass.policy.judge import judge
from gatepass.policy.query import Context

AUD, AMR = f"{COGNITO.arn}:aud", f"{COGNITO.arn}:amr"
ACTION = "sts:assumerolewithwebidentity"
GUEST, USER = "unauthenticated", "authenticated"
KINDS = (GUEST, USER)
_OTHER_POOL = "us-east-1:0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f"
_PROVIDER = "login.example.com"


def trusts_pools(statement: Statement) -> bool:
    """Whether an Allow is about identities of identity pools."""
    if statement.effect != "Allow" or statement.not_principal or statement.principals is None:
        return False
    federated = (*statement.principals.get("Federated", ()), *statement.principals.get("*", ()))
    return (COGNITO.arn in federated or "*" in federated) and _about_action(statement)


def _about_action(statement: Statement) -> bool:
    named = any(compiled(each.lower()).matches(ACTION) for each in statement.actions or ())
    return named is not statement.not_action


def pools_named(document: Document) -> tuple[str, ...]:
    """The pools whose ids stand in its Allows, wildcards aside."""
    named = (value for statement in document.statements if trusts_pools(statement) for value in _values(statement, AUD))
    return tuple(dict.fromkeys(value for value in named if "*" not in value and "?" not in value))


def admits(document: Document, kind: str, pool: str) -> bool:
    """Whether the policy lets such an identity of that pool in, by whatever provider it logged in."""
    return any(_admits(document, pool, amr) for amr in _methods(document, kind))


def admits_other_pools(document: Document) -> bool:
    """Whether a pool comes in that nobody named."""
    named = set(pools_named(document))
    values = {value for statement in document.statements for value in _values(statement, AUD)}
    others = {_OTHER_POOL, *(re.sub(r"[*?]", "0", value) for value in values if "*" in value or "?" in value)} - named
    return any(admits(document, kind, pool) for kind in KINDS for pool in others)


def admits_kind(document: Document, kind: str) -> bool:
    """Whether such identities come in from any pool at all."""
    return any(admits(document, kind, pool) for pool in (*pools_named(document), _OTHER_POOL))


def _values(statement: Statement, key: str) -> Iterator[str]:
    for condition in statement.conditions:
        if condition.key.lower() == key:
            yield from condition.values


def _methods(document: Document, kind: str) -> Iterator[tuple[str, ...]]:
    """What `amr` may hold: for users, each provider that the policy speaks of, and one that it does not."""
    if kind == GUEST:
        yield (GUEST,)
        return
    spoken = {value for statement in document.statements for value in _values(statement, AMR)}
    providers = sorted({re.sub(r"[*?]", "0", value) for value in spoken} - {GUEST, USER})
    providers = [provider for provider in providers if provider.lower() not in KINDS]
    for provider in (*providers, _PROVIDER):
        yield (USER, provider)
        yield (USER, provider, f"{provider}:user")


def _admits(document: Document, pool: str, amr: tuple[str, ...]) -> bool:
    context = Context({AUD: pool, AMR: amr})
    allowed = False
    for statement in document.statements:
        asked = [each for each in statement.conditions if each.key.lower() in (AUD, AMR)]
        deny = statement.effect == "Deny"
        if deny and (len(asked) < len(statement.conditions) or not _about_action(statement)):
            continue
        if not deny and not trusts_pools(statement):
            continue
        holds = all(judge(each, context, deny=deny, has_variables=document.has_variables).matched for each in asked)
        if holds and deny and _denies_pools(statement):
            return False
        allowed = allowed or (holds and not deny)
    return allowed


def _denies_pools(statement: Statement) -> bool:
    named = {name for names in (statement.principals or {}).values() for name in names}
    return (COGNITO.arn in named or "*" in named) is not statement.not_principal
