"""What is asked: who, what, on which resource, in which request context."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, Self

from gatepass.principal import Principal

CallerKind = Literal["root", "user", "role-session", "federated-user", "federated", "service", "anonymous"]
COGNITO_PROVIDER = "cognito-identity.amazonaws.com"
ContextValue = str | tuple[str, ...]


class Caller(NamedTuple):
    """Who asks, as resource and trust policies name them.

    Attributes:
        arn: the caller ARN as AWS prints it; a provider's name or ARN for `federated`, a service's name for `service`.
        account: empty for callers outside any account.
        role_arn: of a role session the role's ARN, with its path.
    """

    kind: CallerKind
    arn: str
    account: str = ""
    role_arn: str | None = None

    @classmethod
    def of(cls, principal: Principal) -> Self:
        """The caller of a verified signature."""
        role_arn = principal.role_arn
        if role_arn is None and principal.role_name is not None:
            role_arn = f"arn:aws:iam::{principal.account}:role/{principal.role_name}"
        return cls(principal.kind, principal.arn, principal.account, role_arn)

    @classmethod
    def from_arn(cls, text: str) -> Self:
        """From what people write in a simulation: an ARN, a provider, a service, or `anonymous`.

        A role session's ARN does not tell the role's path; the role is taken to have none.
        """
        if text == "anonymous":
            return cls("anonymous", text)
        parts = text.split(":", 5)
        if len(parts) < 6 or parts[0] != "arn":
            is_service = text.endswith(".amazonaws.com") and text != COGNITO_PROVIDER
            return cls("service" if is_service else "federated", text)
        _, partition, service, _, account, resource = parts
        if service == "sts" and resource.startswith("assumed-role/"):
            role_name = resource.split("/")[1]
            return cls("role-session", text, account, f"arn:{partition}:iam::{account}:role/{role_name}")
        if service == "iam" and resource.startswith("role/"):  # a role stands for any session of it
            return cls("role-session", text, account, text)
        if service == "sts" and resource.startswith("federated-user/"):
            return cls("federated-user", text, account)
        if service == "iam" and resource.startswith(("oidc-provider/", "saml-provider/")):
            return cls("federated", text)  # who comes through a provider belongs to no account
        return cls("root" if resource == "root" else "user", text, account)


ANONYMOUS = Caller("anonymous", "anonymous")
#: Cognito Identity as the caller of a role's trust policy.
COGNITO = Caller("federated", COGNITO_PROVIDER)


class Context(dict[str, ContextValue | None]):
    """Condition keys and their values: names in lower case; absent is None; a tuple is a key with a set of values."""

    __slots__ = ()

    def __missing__(self, key: str) -> ContextValue | None:
        return None

    @classmethod
    def of(cls, given: Mapping[str, ContextValue | None]) -> Context:
        """Names in any case; an empty set counts as absent."""
        if isinstance(given, Context):
            return given
        return cls({name.lower(): value for name, value in given.items() if value is not None and value != ()})


class Constants(Context):
    """The part of the request context that is the same for every request of one credential.

    It says of absent keys too that they are absent for good.
    """

    __slots__ = ("_keys", "_prefixes")

    def __init__(
        self, given: Mapping[str, ContextValue | None], *, keys: Iterable[str] = (), prefixes: tuple[str, ...] = ()
    ) -> None:
        """`keys` and `prefixes` of names, in any case, are constant whether they have a value or not."""
        super().__init__(Context.of(given))
        self._keys = frozenset(name.lower() for name in keys)
        self._prefixes = tuple(prefix.lower() for prefix in prefixes)

    def knows(self, key: str) -> bool:
        """Whether the key, in lower case, never changes for this credential."""
        return key in self or key in self._keys or key.startswith(self._prefixes)


class Query(NamedTuple):
    """One question to the policies.

    Attributes:
        action: `service:Name`, any case.
        resource: the full ARN, or `*` for an action without resources.
        resource_account: the account that owns the resource; empty means the caller's own.
        context: the request context; a tuple is a set-typed key, even with one value.
    """

    action: str
    resource: str
    caller: Caller
    resource_account: str = ""
    context: Mapping[str, ContextValue | None] = Context()
