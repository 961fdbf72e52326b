"""Call, run, test, explain and lock down IAM-protected APIs with short-lived credentials from an identity pool.

Callers of an API find what they need here; importing it needs nothing installed, and takes no time: names are imported
when they are first used.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers know the name; importing it from `typing` would take most of the time

if TYPE_CHECKING:
    from gatepass.credentials.identity_pool import IdentityPool
    from gatepass.credentials.provider import Credentials
    from gatepass.errors import (
        ConfigurationError,
        CredentialsError,
        CredentialsRefused,
        GatepassError,
        SigningError,
        Unreachable,
    )

__version__ = "0.1.0"

__all__ = [
    "ConfigurationError",
    "Credentials",
    "CredentialsError",
    "CredentialsRefused",
    "GatepassError",
    "IdentityPool",
    "SigningError",
    "Unreachable",
    "__version__",
]

_PLACES = {"IdentityPool": "gatepass.credentials.identity_pool", "Credentials": "gatepass.credentials.provider"}


if not TYPE_CHECKING:  # a type checker would take it that any name is here

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module `gatepass` has no attribute `{name}`")
        from importlib import import_module

        value: object = getattr(import_module(_PLACES.get(name, "gatepass.errors")), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
