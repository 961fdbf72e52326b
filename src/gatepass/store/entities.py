"""What is stored: frozen values. A changed one is made with `dataclasses.replace` and saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

EpochKind = Literal["identity_pool", "role", "identity", "access_key"]


class CognitoIdentityProvider(NamedTuple):
    """A user pool client whose tokens an identity pool takes."""

    provider_name: str
    client_id: str
    server_side_token_check: bool = False


class Login(NamedTuple):
    """One account at a login provider: within a pool it leads to one identity."""

    provider: str
    subject: str


@dataclass(frozen=True, slots=True)
class IdentityPool:
    """An identity pool.

    Attributes:
        allow_classic_flow: None where it was never said.
        supported_login_providers: app id by provider name.
        roles: role ARN by `authenticated`, `unauthenticated`.
        role_mappings: AWS's `RoleMappings`, as JSON values.
        created, modified: seconds since the epoch, UTC.
        revision: counts saves; a save of an older one than the stored is refused.
    """

    id: str
    name: str
    allow_unauthenticated: bool = False
    allow_classic_flow: bool | None = None
    supported_login_providers: Mapping[str, str] = field(default_factory=dict)
    developer_provider_name: str | None = None
    open_id_connect_provider_arns: tuple[str, ...] = ()
    cognito_identity_providers: tuple[CognitoIdentityProvider, ...] = ()
    saml_provider_arns: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    role_mappings: Mapping[str, Any] = field(default_factory=dict)
    created: float = 0.0
    modified: float = 0.0
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role with all that decides what its sessions may do.

    Attributes:
        path: begins and ends with a slash.
        id: `AROA…`.
        trust_policy: the document as it was given.
        max_session_duration: seconds.
        permissions_boundary: ARN of a managed policy.
        inline_policies: document by policy name.
        attached_policies: ARNs of managed policies.
        created, revision: as in `IdentityPool`.
    """

    name: str
    path: str
    id: str
    arn: str
    trust_policy: str
    description: str | None = None
    max_session_duration: int = 3600
    permissions_boundary: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    inline_policies: Mapping[str, str] = field(default_factory=dict)
    attached_policies: tuple[str, ...] = ()
    created: float = 0.0
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Identity:
    """One identity of a pool; a guest's has no logins.

    Attributes:
        id: `region:uuid`; whoever knows a guest's is that guest, so it is kept out of `repr`.
        created, modified, revision: as in `IdentityPool`.
    """

    id: str = field(repr=False)
    pool_id: str
    logins: tuple[Login, ...] = ()
    enabled: bool = True
    created: float = 0.0
    modified: float = 0.0
    revision: int = 1


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A long-lived access key; `user_name` is None for the account's root."""

    id: str
    secret_access_key: str = field(repr=False)
    user_name: str | None = None
    active: bool = True
    created: float = 0.0
