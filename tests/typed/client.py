"""How callers use the client, as the type checker sees it: `make check` fails if one of these stops being right.

An ignored error is a use that must stay wrong: the checker complains when it is not one any more.
"""

from typing import assert_type

import botocore.session
import requests

import gatepass
from gatepass import Credentials, IdentityPool
from gatepass.credentials import FrozenCredentials, Provider
from gatepass.requests import SigV4


def in_three_lines(pool_id: str, url: str) -> object:
    return requests.get(url, auth=SigV4(IdentityPool(pool_id)), timeout=10).json()


def a_pool() -> None:
    pool = IdentityPool("us-east-1:0", region="us-east-1", endpoint="http://localhost:8080")
    assert_type(pool.credentials(), Credentials)
    assert_type(pool.get_frozen_credentials(), Credentials)
    assert_type(pool.identity_id, str | None)
    assert_type(pool.credentials().expiration, float | None)
    IdentityPool(7)  # type: ignore[arg-type]
    IdentityPool("us-east-1:0", "us-east-1")  # type: ignore[call-arg]
    pool.credentials().access_key_id = "A"  # type: ignore[misc]


def logins() -> None:
    async def coroutine() -> str:
        return "token"

    IdentityPool("us-east-1:0", logins={"accounts.google.com": "token"})
    IdentityPool("us-east-1:0", logins={"accounts.google.com": lambda: "token"})
    IdentityPool("us-east-1:0", logins={"accounts.google.com": coroutine, "graph.facebook.com": "token"})
    IdentityPool("us-east-1:0", logins={"accounts.google.com": 7})  # type: ignore[dict-item]
    IdentityPool("us-east-1:0", logins={"accounts.google.com": lambda: 7})  # type: ignore[dict-item, return-value]


async def awaiting(pool: IdentityPool) -> None:
    assert_type(await pool.credentials_async(), Credentials)


def providers() -> None:
    """Whatever gives credentials."""

    class Vault:
        def get_frozen_credentials(self) -> FrozenCredentials:
            return Credentials("A", "S")

    everything: list[Provider] = [Credentials("A", "S", "T"), IdentityPool("us-east-1:0"), Vault()]
    SigV4(everything[0], region="us-east-1", service="execute-api")
    SigV4(botocore.session.get_session().get_credentials())
    SigV4()
    SigV4("AKIA")  # type: ignore[arg-type]


def names() -> None:
    assert_type(gatepass.IdentityPool("us-east-1:0"), gatepass.IdentityPool)
    assert_type(gatepass.CredentialsRefused("m", code="c").code, str)
    gatepass.NoSuchName  # type: ignore[attr-defined]  # noqa: B018  (the name is the use)
