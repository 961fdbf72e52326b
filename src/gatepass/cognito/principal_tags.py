"""Principal tags: claims of a login's token that become tags of the session, to decide by in policies.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/attributes-for-access-control.html
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gatepass.cognito import shapes
from gatepass.cognito.logins import VerifiedLogin
from gatepass.cognito.pools import not_found, stored_pool
from gatepass.errors import InvalidParameter, NotAuthorized
from gatepass.operation import Call
from gatepass.store import IdentityPool

if TYPE_CHECKING:
    from gatepass.cognito.shapes import GetPrincipalTagAttributeMapInput, SetPrincipalTagAttributeMapInput

MOST_TAGS: Final = 50
LONGEST_VALUE: Final = 256
DEFAULTS: Final = {"username": "sub", "client": "aud"}
"""What AWS maps where a pool uses the defaults: tag by claim."""

_USE_DEFAULTS, _TAGS = "UseDefaults", "PrincipalTags"


async def set_principal_tag_attribute_map(
    call: Call, given: SetPrincipalTagAttributeMapInput
) -> shapes.PrincipalTagAttributeMap:
    """Replace what a provider's claims become; neither tags nor defaults switch it off."""
    pool = await stored_pool(call, given.identity_pool_id)
    _check_provider(pool, given.identity_provider_name)
    tags = given.principal_tags or {}
    check_keys(tags)
    entry = {_USE_DEFAULTS: given.use_defaults or False, _TAGS: tags}

    def mapped(stored: IdentityPool) -> IdentityPool:
        return replace(
            stored, principal_tags={**stored.principal_tags, given.identity_provider_name: entry}, modified=call.now
        )

    if await call.store.identity_pools.change(pool.id, mapped) is None:
        raise not_found(pool.id)
    return _described(pool.id, given.identity_provider_name, entry)


async def get_principal_tag_attribute_map(
    call: Call, given: GetPrincipalTagAttributeMapInput
) -> shapes.PrincipalTagAttributeMap:
    pool = await stored_pool(call, given.identity_pool_id)
    _check_provider(pool, given.identity_provider_name)
    entry = pool.principal_tags.get(given.identity_provider_name, {_USE_DEFAULTS: False, _TAGS: {}})
    return _described(pool.id, given.identity_provider_name, entry)


def of_logins(call: Call, pool: IdentityPool, verified: Iterable[VerifiedLogin]) -> dict[str, str]:
    """The session tags of the logins of one call; a tag that two give is the first one's.

    Raises: NotAuthorized, if a claim is there and cannot be a tag: to leave it out could open what it closes.
    """
    tags: dict[str, str] = {}
    for login in verified:
        for tag, claim in _mapping(pool, login).items():
            value = _value(login, claim)
            if value is None:
                continue
            if not is_tag_value(value):
                call.note(f"the claim `{claim}` of {login.provider} cannot be the tag `{tag}`")
                raise NotAuthorized("Invalid login token. A claim can't be used as a principal tag.")
            if tag.casefold() not in {key.casefold() for key in tags}:
                tags[tag] = value
    if len(tags) > MOST_TAGS:
        call.note(f"the logins together have more than {MOST_TAGS} principal tags")
        raise NotAuthorized("Invalid login token. A claim can't be used as a principal tag.")
    return tags


def check_keys(tags: Mapping[str, str]) -> None:
    """Raises: InvalidParameter, for keys that are no tags, or are one key to IAM."""
    if len({key.casefold() for key in tags}) < len(tags):
        raise InvalidParameter("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    for key in tags:
        if key.casefold().startswith("aws:") or not key.strip() or not is_tag_value(key):
            raise InvalidParameter(f"'{key}' is not a valid tag key.")


def is_tag_value(text: str) -> bool:
    """Letters, numbers, separators and `_.:/=+-@`, as IAM takes them."""
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return length <= LONGEST_VALUE and all(
        character in "_.:/=+-@" or unicodedata.category(character)[0] in "LZN" for character in text
    )


def _mapping(pool: IdentityPool, login: VerifiedLogin) -> Mapping[str, str]:
    """Claim by tag."""
    entry = pool.principal_tags.get(login.role_mapping) or pool.principal_tags.get(login.provider) or {}
    if entry.get(_USE_DEFAULTS):
        return DEFAULTS
    mapping: Mapping[str, str] = entry.get(_TAGS, {})
    return mapping


def _value(login: VerifiedLogin, claim: str) -> str | None:
    """A claim as a tag's value; None if the token has no such claim."""
    if claim == "aud":
        return login.audience
    value = login.claims.get(claim)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) else "\0"  # no value of a tag


def _check_provider(pool: IdentityPool, name: str) -> None:
    user_pools = {provider.provider_name for provider in pool.cognito_identity_providers}
    known = {*user_pools, *pool.supported_login_providers, *pool.open_id_connect_provider_arns}
    known |= {f"{provider.provider_name}:{provider.client_id}" for provider in pool.cognito_identity_providers}
    if name not in known.union(pool.saml_provider_arns):
        raise InvalidParameter(f"({name}) is not a configured provider of this identity pool.")


def _described(pool_id: str, provider: str, entry: Mapping[str, Any]) -> shapes.PrincipalTagAttributeMap:
    return shapes.PrincipalTagAttributeMap(pool_id, provider, entry[_USE_DEFAULTS], dict(entry[_TAGS]))
