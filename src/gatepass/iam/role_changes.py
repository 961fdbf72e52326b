"""Reading a role, and changing it while others do."""

from collections.abc import Callable

from gatepass.errors import ConcurrentModification, NoSuchEntity
from gatepass.operation import Call
from gatepass.store import Role

MOST_ATTEMPTS = 10


async def stored_role(call: Call, name: str) -> Role:
    """Raises: NoSuchEntity."""
    role = await call.store.roles.get(name)
    if role is None:
        raise no_such_role(name)
    return role


def no_such_role(name: str) -> NoSuchEntity:
    return NoSuchEntity(f"The role with name {name} cannot be found.")


async def change_role(call: Call, name: str, changed: Callable[[Role], Role]) -> None:
    """Save what `changed` makes of the role; made again from the newest one when another change came first.

    Raises:
        NoSuchEntity: there is no such role, or no more.
        ConcurrentModification: others were faster every time.
    """
    for _ in range(MOST_ATTEMPTS):
        if await call.store.roles.change(name, changed) is not None:
            return
        await stored_role(call, name)
    raise ConcurrentModification(
        "The request was rejected because multiple requests to change this object were submitted simultaneously. Wait a"
        " few minutes and submit your request again."
    )
