"""Which roles an identity pool may take for its identities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec

from gatepass import store
from gatepass.arn import Arn, identity_pool_arn
from gatepass.cognito import shapes
from gatepass.cognito.logins import COGNITO
from gatepass.cognito.pools import save, stored_pool
from gatepass.errors import InvalidParameter, NotAuthorized
from gatepass.operation import Call
from gatepass.policy import ContextValue, iam_resource_tag_keys

MOST_RULES = 25
PASS_ROLE = "iam:PassRole"


async def set_identity_pool_roles(call: Call, given: shapes.SetIdentityPoolRolesInput) -> None:
    """Replace the pool's roles and role mappings; a role need not exist yet, as on AWS."""
    pool = await stored_pool(call, given.identity_pool_id)
    mappings = given.role_mappings or {}
    for name, mapping in mappings.items():
        _check_mapping(pool, name, mapping)
    for arn in _role_arns(given):
        check_pass_role(call, pool.id, arn)
    as_json: dict[str, Any] = msgspec.to_builtins(mappings)
    await save(call, replace(pool, roles=dict(given.roles), role_mappings=as_json))


async def get_identity_pool_roles(
    call: Call, given: shapes.GetIdentityPoolRolesInput
) -> shapes.GetIdentityPoolRolesResponse:
    pool = await stored_pool(call, given.identity_pool_id)
    mappings = msgspec.convert(dict(pool.role_mappings), dict[str, shapes.RoleMapping])
    return shapes.GetIdentityPoolRolesResponse(pool.id, dict(pool.roles), mappings or None)


def check_pass_role(call: Call, pool_id: str, arn: str) -> None:
    """Whether the caller may hand this role to a pool: `iam:PassRole`, which never crosses accounts.

    To give a pool a role is to give its identities the role's rights.

    Raises: NotAuthorized.
    """
    if not _is_role_of(call.deployment.account, arn):
        raise NotAuthorized(f"Access to Role '{arn}' is forbidden.", detail="it is no role of this account")
    if call.principal is not None and call.principal.kind == "root":
        return
    context: dict[str, ContextValue | None] = {
        "iam:PassedToService": COGNITO,
        "iam:AssociatedResourceArn": identity_pool_arn(call.deployment.region, call.deployment.account, pool_id),
    }
    role = call.store.directory.role_by_arn(arn)
    if role is not None:
        context |= iam_resource_tag_keys(role.tags)
    if call.principal is None or not call.judge(PASS_ROLE, arn, context).allowed:
        call.note(f"no policy lets the caller pass the role {arn} to an identity pool")
        raise NotAuthorized(f"Access to Role '{arn}' is forbidden.")


def _is_role_of(account: str, text: str) -> bool:
    try:
        arn = Arn.parse(text)
    except ValueError:
        return False
    of_account = (arn.partition, arn.service, arn.region, arn.account) == ("aws", "iam", "", account)
    return of_account and arn.resource.startswith("role/") and not arn.resource.endswith("/")


def _role_arns(given: shapes.SetIdentityPoolRolesInput) -> Iterator[str]:
    """Every role the pool could take, each once."""
    named = list(given.roles.values())
    for mapping in (given.role_mappings or {}).values():
        if mapping.rules_configuration is not None:
            named += [rule.role_arn for rule in mapping.rules_configuration.rules]
    return iter(dict.fromkeys(named))


def _check_mapping(pool: store.IdentityPool, name: str, mapping: shapes.RoleMapping) -> None:
    """Raises: InvalidParameter, for a mapping that could never choose a role, or chooses it ambiguously."""
    if name not in _mappable(pool):
        raise InvalidParameter(f"({name}) is not a valid RoleMapping ProviderName or is not a configured provider.")
    if mapping.ambiguous_role_resolution is None:
        raise InvalidParameter(f"AmbiguousRoleResolution is required for the role mapping of ({name}).")
    rules = mapping.rules_configuration.rules if mapping.rules_configuration is not None else ()
    if mapping.type == "Rules" and not rules:
        raise InvalidParameter(f"RulesConfiguration is required for the role mapping of ({name}).")
    if len(rules) > MOST_RULES:
        raise InvalidParameter(f"The role mapping of ({name}) has more than {MOST_RULES} rules.")


def _mappable(pool: store.IdentityPool) -> frozenset[str]:
    """The names a role mapping may have: a user pool's with its client id, another provider's name or ARN."""
    user_pools = (f"{provider.provider_name}:{provider.client_id}" for provider in pool.cognito_identity_providers)
    return frozenset(user_pools).union(
        pool.supported_login_providers, pool.open_id_connect_provider_arns, pool.saml_provider_arns
    )
