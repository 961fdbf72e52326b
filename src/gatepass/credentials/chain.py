"""Credentials for those who name none: what the environment holds."""

from __future__ import annotations

import os
from collections.abc import Mapping

from gatepass.credentials.identity_pool import IdentityPool
from gatepass.credentials.provider import Credentials, Provider
from gatepass.errors import CredentialsError


def from_environment(environment: Mapping[str, str] | None = None) -> Provider:
    """AWS_ACCESS_KEY_ID and what belongs to it, else the identity pool IDENTITY_POOL_ID.

    Raises: CredentialsError, if neither is set.
    """
    found = os.environ if environment is None else environment
    access_key_id, secret = found.get("AWS_ACCESS_KEY_ID"), found.get("AWS_SECRET_ACCESS_KEY")
    if access_key_id and secret:
        return Credentials(access_key_id, secret, found.get("AWS_SESSION_TOKEN") or None)
    if access_key_id or secret:
        missing = "AWS_SECRET_ACCESS_KEY" if access_key_id else "AWS_ACCESS_KEY_ID"
        raise CredentialsError(f"half of the credentials is missing from the environment: {missing}")
    if pool := found.get("IDENTITY_POOL_ID"):
        return IdentityPool(pool)
    raise CredentialsError(
        "no credentials in the environment",
        hint="pass credentials=, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or IDENTITY_POOL_ID",
    )
