"""Long-lived access keys of users, and of the root: for services that sign with keys of their own.

A secret is shown once, when the key is made; the store keeps it sealed.
"""

import base64

from gatepass.errors import AccessDenied, InvalidInput, NoSuchEntity
from gatepass.iam import changing, limits, paging
from gatepass.iam.owners import USERS
from gatepass.iam.shapes import users
from gatepass.iam.users import user_or_caller
from gatepass.operation import Call
from gatepass.store import AccessKey, AccessKeyMetadata
from gatepass.tokens.ids import ENTROPY_BYTES, unique_id

SECRET_BYTES = 30


async def create_access_key(call: Call, given: users.OfUserOrCaller) -> users.CreateAccessKeyOutput:
    """A key that is active from its next request on."""
    owner = _owner(call, given.user_name)

    async def attempt() -> AccessKey | None:
        key = AccessKey(
            id=unique_id("AKIA", call.deployment.account, call.entropy(ENTROPY_BYTES)),
            secret_access_key=base64.b64encode(call.entropy(SECRET_BYTES)).decode("ascii"),
            user_name=owner,
            created=call.now,
        )
        return key if await call.store.access_keys.add_to_owner(key, check=_check_few) else None

    async def check() -> None:
        if owner is not None:
            await USERS.stored(call, owner)

    key = await changing.change(attempt, check)
    return users.CreateAccessKeyOutput(
        users.AccessKey(
            access_key_id=key.id,
            secret_access_key=key.secret_access_key,
            user_name=owner,
            status=_status(key.active),
            create_date=key.created,
        )
    )


def _check_few(keys: list[AccessKeyMetadata]) -> None:
    """Raises: LimitExceeded."""
    if len(keys) >= limits.ACCESS_KEYS:
        raise limits.exceeded("AccessKeysPerUser", limits.ACCESS_KEYS)


def _owner(call: Call, name: str | None) -> str | None:
    """Whose keys: of the user that is named, or of the caller; None for the root."""
    if name is None and call.principal is not None and call.principal.kind == "root":
        return None
    return user_or_caller(call, name)


def _status(active: bool) -> str:
    return "Active" if active else "Inactive"


async def list_access_keys(call: Call, given: users.PagesOfUserOrCaller) -> users.ListAccessKeysOutput:
    """By id, without secrets."""
    owner = _owner(call, given.user_name)
    if owner is not None:
        await USERS.stored(call, owner)
    page = paging.page(await call.store.access_keys.metadata(owner), given, lambda key: key.id)
    return users.ListAccessKeysOutput(
        is_truncated=page.is_truncated,
        marker=page.marker,
        access_key_metadata=tuple(
            users.AccessKeyMetadata(
                access_key_id=key.id,
                user_name=key.user_name,
                status=_status(key.active),
                create_date=key.created,
            )
            for key in page.entries
        ),
    )


async def update_access_key(call: Call, given: users.UpdateAccessKeyInput) -> None:
    """Active or inactive from the key's next request on."""
    key_id = await _key_of_owner(call, given)
    if given.status == "Expired":
        raise InvalidInput("Expired is not a valid status to set.")
    if not await call.store.access_keys.set_active(key_id, given.status == "Active"):
        raise _missing(key_id)


async def delete_access_key(call: Call, given: users.AccessKeyInput) -> None:
    """Its next request is refused."""
    key_id = await _key_of_owner(call, given)
    if not await call.store.access_keys.delete(key_id):
        raise _missing(key_id)


async def _key_of_owner(call: Call, given: users.AccessKeyInput) -> str:
    """Raises: NoSuchEntity, if there is no such user, or it has no such key."""
    owner = _owner(call, given.user_name)
    if owner is not None:
        await USERS.stored(call, owner)
    if all(key.id != given.access_key_id for key in await call.store.access_keys.metadata(owner)):
        raise _missing(given.access_key_id)
    return given.access_key_id


def _missing(key_id: str) -> NoSuchEntity:
    return NoSuchEntity(f"The Access Key with id {key_id} cannot be found.")


async def get_access_key_last_used(
    call: Call, given: users.GetAccessKeyLastUsedInput
) -> users.GetAccessKeyLastUsedOutput:
    """Whose key it is, and when, where and for what it was last used, as of a minute or so ago."""
    key = await call.store.access_keys.get(given.access_key_id)
    if key is None:
        caller = "" if call.principal is None else call.principal.arn
        raise AccessDenied(
            f"User: {caller} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key"
            f" {given.access_key_id}",
            detail="there is no such access key",
        )
    last = await call.store.last_uses.of_access_key(key.id)
    used = users.AccessKeyLastUsed() if last is None else users.AccessKeyLastUsed(last.at, last.service, last.region)
    return users.GetAccessKeyLastUsedOutput(used, key.user_name)
