"""Who is calling: what a verified signature proves about the sender."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["root", "user", "role-session"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller whose signature has been verified.

    Attributes:
        arn: the caller ARN: `arn:aws:iam::A:root`, `…:user/N` or `arn:aws:sts::A:assumed-role/R/S`.
        user_id: the account id, `AIDA…`, or `AROA…:session`.
        role_name: the role of a role session, else None.
        role_id: `AROA…` of a role session, else None.
        issued_at: seconds since the epoch, UTC, of a role session, else None.
        expiration: the same; None for long-lived access keys.
        identity_id, identity_pool_id: of a session that an identity pool issued.
        amr: the federation's `amr` list: `unauthenticated`, or `authenticated` and the provider names.
        session_policies: inline policy documents (JSON) that limit the session.
        session_policy_arns: managed policies that limit the session.
        scoped_down: the session is a guest's from the enhanced flow: Cognito's guest scope-down limits it too.
        tags: session tags, and a user's tags.
        federation_keys: condition keys of a session that an OpenID Connect provider vouched for: `<provider>:sub`, …
    """

    kind: Kind
    account: str
    arn: str
    user_id: str
    access_key_id: str
    role_name: str | None = None
    role_id: str | None = None
    role_arn: str | None = None
    session_name: str | None = None
    user_name: str | None = None
    issued_at: int | None = None
    expiration: int | None = None
    identity_id: str | None = None
    identity_pool_id: str | None = None
    amr: tuple[str, ...] = ()
    session_policies: tuple[str, ...] = ()
    session_policy_arns: tuple[str, ...] = ()
    scoped_down: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str | None = None
    federated_provider: str | None = None
    federation_keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_user_session(self) -> bool:
        """Its credentials are a user's or the root's own for a time, from `GetSessionToken`."""
        return self.kind != "role-session" and self.expiration is not None
