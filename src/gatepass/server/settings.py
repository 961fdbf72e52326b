"""What `gatepass serve` may be told, and what it assumes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gatepass.arn import ANY, METHODS
from gatepass.cognito.throttle import BURST, RATE
from gatepass.errors import ConfigurationError
from gatepass.issuers import KeySource
from gatepass.operation import Deployment
from gatepass.store.following import MAX_STALE

ACCOUNT = "123456789012"
REGION = "us-east-1"
STAGE = "api"
HOST = "127.0.0.1"
PORT = 8080
DATA = ".gatepass"
GUESTS = 5_000_000
"""Of one identity pool, on disk 1.3 GB; at the rate that GetId has, they take two days to be made."""

_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}")
_STAGE = re.compile(r"[A-Za-z0-9_-]{1,128}")
_OPEN = re.compile(r"([A-Za-z*]+)\s+(/\S*)")


@dataclass(frozen=True, slots=True)
class Settings:
    """How this gate is to be run.

    Attributes:
        app: a Chalice project's folder or `module:attribute`; None for the broker alone.
        port: 0 for any that is free.
        data: the data folder; None for the one that goes with the app.
        store: URL of a database on PostgreSQL; None for the data folder's own, on SQLite.
        max_stale: seconds for which requests are decided while the store is away.
        stage: API Gateway's stage; None for the one of the app's configuration.
        open_routes: (method, path) of the ASGI routes that anyone may call.
        learn: the file that requests to IAM routes are recorded in; None for none.
        getid_rate, getid_burst: how many `GetId` a second, and at once, of one address, and of one identity pool.
        guests_limit: how many identities without a login a pool may have; 0 for any number.
        guests_ttl: days after which guests are deleted who were not seen; 0 for never.
        login_keys: where the keys of login tokens are, by issuer, if not where the issuer says.
    """

    app: str | None = None
    host: str = HOST
    port: int = PORT
    data: Path | None = None
    store: str | None = field(default=None, repr=False)  # it may hold a password
    max_stale: float = MAX_STALE
    region: str = REGION
    account: str = ACCOUNT
    stage: str | None = None
    open_routes: tuple[tuple[str, str], ...] = ()
    login_keys: Mapping[str, KeySource] = field(default_factory=dict)
    getid_rate: float = RATE
    getid_burst: int = BURST
    learn: Path | None = None
    guests_limit: int = GUESTS
    guests_ttl: int = 0

    def __post_init__(self) -> None:
        """Raises: ConfigurationError, naming the setting that cannot be used."""
        if not _ACCOUNT.fullmatch(self.account):
            raise ConfigurationError(f"`{self.account}` is not an account id", hint="--account-id takes 12 digits")
        if not _REGION.fullmatch(self.region):
            raise ConfigurationError(f"`{self.region}` is not a region", hint="--region takes one like us-east-1")
        if not (0 < self.getid_rate < math.inf and self.getid_burst >= 1):
            raise ConfigurationError(
                "GetId cannot be limited to nothing", hint="--getid-rate is over 0, --getid-burst at least 1"
            )
        if self.guests_limit < 0 or self.guests_ttl < 0:
            raise ConfigurationError(
                "guests cannot be limited to less than nothing", hint="--guests-limit and --guests-ttl are 0 or more"
            )
        if self.stage is not None:
            check_stage(self.stage)

    @property
    def deployment(self) -> Deployment:
        return Deployment(self.account, self.region)


def check_stage(stage: str) -> str:
    """The stage itself. Raises: ConfigurationError, if API Gateway has no such name."""
    if not _STAGE.fullmatch(stage) or stage.startswith("_"):
        raise ConfigurationError(
            f"`{stage}` is not a stage name", hint="letters, digits, `-` and `_`, at most 128, not beginning with `_`"
        )
    return stage


def region_of(given: str | None, environment: Mapping[str, str]) -> str:
    """`--region`, else what AWS tools read, else us-east-1."""
    return given or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or REGION


def open_route(text: str) -> tuple[str, str]:
    """(method, path) of `GET /x`. Raises: ConfigurationError."""
    found = _OPEN.fullmatch(text.strip())
    method = found[1].upper().replace("*", ANY) if found else ""
    if found is None or method not in METHODS | {ANY}:
        raise ConfigurationError(f"`{text}` is not a route", hint="--open takes a method and a path: --open 'GET /x'")
    return method, found[2]
