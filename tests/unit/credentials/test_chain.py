"""Who names no credentials gets the environment's, whole or not at all."""

import pytest

from gatepass import Credentials, CredentialsError, IdentityPool
from gatepass.credentials import from_environment, keys_of
from gatepass.sigv4 import Keys

KEYS = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "S"}
POOL = {"IDENTITY_POOL_ID": "eu-central-1:0"}


def test_keys_come_first() -> None:
    assert from_environment({**KEYS, **POOL}) == Credentials("A", "S")
    assert from_environment({**KEYS, "AWS_SESSION_TOKEN": "T"}) == Credentials("A", "S", "T")
    assert keys_of(from_environment({**KEYS, "AWS_SESSION_TOKEN": ""})) == Keys("A", "S", None)


def test_then_the_pool() -> None:
    found = from_environment(POOL)
    assert isinstance(found, IdentityPool)
    assert found.identity_pool_id == "eu-central-1:0"


@pytest.mark.parametrize("name", list(KEYS))
def test_half_a_pair_of_keys_is_not_passed_over(name: str) -> None:
    with pytest.raises(CredentialsError, match="half of the credentials"):
        from_environment({**POOL, name: "x"})


def test_nothing() -> None:
    with pytest.raises(CredentialsError, match="no credentials"):
        from_environment({})
