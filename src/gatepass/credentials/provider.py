"""Credentials as a value, and what anything that gives some looks like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, Self

from gatepass.sigv4.sign import Keys


class FrozenCredentials(Protocol):
    """What `get_frozen_credentials()` gives, here and in botocore: three values that belong together."""

    @property
    def access_key(self) -> str | None: ...
    @property
    def secret_key(self) -> str | None: ...
    @property
    def token(self) -> str | None: ...


class Provider(Protocol):
    """Anything that gives credentials which are good now: an `IdentityPool`, `Credentials`, botocore's credentials."""

    def get_frozen_credentials(self) -> FrozenCredentials: ...


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials that do not change.

    Attributes:
        session_token: goes with temporary keys; None for long-lived ones.
        expiration: seconds since the epoch, UTC; None if they do not expire.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expiration: float | None = None

    @property
    def access_key(self) -> str:
        """The access key id, by botocore's name."""
        return self.access_key_id

    @property
    def secret_key(self) -> str:
        """The secret access key, by botocore's name."""
        return self.secret_access_key

    @property
    def token(self) -> str | None:
        """The session token, by botocore's name."""
        return self.session_token

    def get_frozen_credentials(self) -> Self:
        """Themselves: they are frozen."""
        return self


def keys_of(provider: Provider) -> Keys | None:
    """What to sign with now; None if the provider has none."""
    frozen = provider.get_frozen_credentials()
    if not frozen.access_key or not frozen.secret_key:
        return None
    return Keys(frozen.access_key, frozen.secret_key, frozen.token or None)
