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
        principal_tags: `UseDefaults` and `PrincipalTags` by provider, as JSON values.
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
    principal_tags: Mapping[str, Any] = field(default_factory=dict)
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


class AccessKeyMetadata(NamedTuple):
    """What may be said of an access key; never its secret."""

    id: str
    user_name: str | None
    active: bool
    created: float


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user with all that decides what it may do.

    Attributes:
        id: `AIDA…`; stays when the user is renamed.
        permissions_boundary, inline_policies, attached_policies: as of a `Role`.
        groups: names of the groups the user is in, whose policies count for it.
        path, created, revision: as in `Role`.
    """

    name: str
    path: str
    id: str
    arn: str
    permissions_boundary: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    inline_policies: Mapping[str, str] = field(default_factory=dict)
    attached_policies: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    created: float = 0.0
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Group:
    """An IAM user group: its policies are those of its users.

    Attributes:
        id: `AGPA…`; stays when the group is renamed.
        path, inline_policies, attached_policies, created, revision: as in `Role`.
    """

    name: str
    path: str
    id: str
    arn: str
    inline_policies: Mapping[str, str] = field(default_factory=dict)
    attached_policies: tuple[str, ...] = ()
    created: float = 0.0
    revision: int = 1


class PolicyVersion(NamedTuple):
    document: str
    created: float


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A managed policy of the account, with all its versions; only the default one decides.

    Attributes:
        id: `ANPA…`.
        versions: by number; the version id `v2` is number 2.
        latest_version: the highest number ever given: numbers are not used again.
        updated: when the newest version was made.
        path, created, revision: as in `Role`.
    """

    arn: str
    name: str
    path: str
    id: str
    versions: Mapping[int, PolicyVersion]
    default_version: int = 1
    latest_version: int = 1
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    created: float = 0.0
    updated: float = 0.0
    revision: int = 1

    @property
    def document(self) -> str:
        """The default version's."""
        return self.versions[self.default_version].document


class PolicyUsage(NamedTuple):
    """How many roles, users and groups have a managed policy attached, and how many have it as their boundary."""

    attachments: int = 0
    boundaries: int = 0


class PolicyEntity(NamedTuple):
    """A role, user or group that uses a managed policy.

    Attributes:
        kind: `group`, `role` or `user`.
    """

    kind: str
    name: str
    id: str


@dataclass(frozen=True, slots=True)
class OpenIDConnectProvider:
    """An OpenID Connect issuer that roles may trust.

    Attributes:
        url: as given, with `https://`.
        client_ids: the audiences whose tokens are taken.
        created, revision: as in `Role`.
    """

    arn: str
    url: str
    client_ids: tuple[str, ...] = ()
    thumbprints: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    created: float = 0.0
    revision: int = 1
