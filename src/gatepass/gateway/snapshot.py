"""Everything a decision needs, as it was at one revision of the store. Immutable; a newer one takes its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatepass.arn import method_arn, root_arn
from gatepass.errors import UnrecognizedClient
from gatepass.gateway.ids import derived_id
from gatepass.gateway.routes import RouteTable
from gatepass.gateway.standing import Standings, as_called_now, check_alive
from gatepass.operation import Deployment
from gatepass.principal import Principal
from gatepass.sigv4 import Key, Verifier
from gatepass.store import AccessKey, Directory
from gatepass.tokens import KeyRing, open_session, principal_of

if TYPE_CHECKING:
    from gatepass.gateway.routing import ToApi

EXECUTE_API = "execute-api"
GLOBAL_REGION = "us-east-1"

# Changes that no signature depends on.
_OF_NO_KEY = frozenset({"identity_pool", "group", "managed_policy", "oidc_provider"})


@dataclass(frozen=True, slots=True)
class Api:
    """An API at one stage.

    Attributes:
        binary: media types whose bodies travel as Base64 in events.
        base: what the paths of the stage begin with.
        arn_prefix: of its method ARNs, with the slash after the stage.
    """

    api_id: str
    name: str
    stage: str
    routes: RouteTable
    deployment: Deployment
    binary: tuple[str, ...] = ()
    base: bytes = field(init=False)
    arn_prefix: str = field(init=False)
    deployment_id: str = field(init=False)

    def __post_init__(self) -> None:
        prefix = method_arn(self.deployment.region, self.deployment.account, self.api_id, self.stage, "", "")
        object.__setattr__(self, "base", b"/" + self.stage.encode())
        object.__setattr__(self, "arn_prefix", prefix.removesuffix("/"))
        object.__setattr__(self, "deployment_id", derived_id("deployment", self.api_id, self.stage, length=6))

    def method_arn(self, verb: str, path: str) -> str:
        """`path` as received, without the stage and the leading slash."""
        return f"{self.arn_prefix}{verb}/{path}"


class Keys:
    """Finds the key of an access key id: of the root, of the store's access keys, or of a sealed session."""

    def __init__(self, directory: Directory, ring: KeyRing, root: AccessKey, account: str) -> None:
        self._directory = directory
        self._ring = ring
        self._root = root
        self._account = account

    def __call__(self, access_key_id: str, session_token: str | None, now: float) -> Key:
        if session_token is None:
            return self._long_lived(access_key_id)
        session, secret_access_key = open_session(self._ring, session_token, access_key_id)
        principal = as_called_now(self._directory, principal_of(session))
        check_alive(self._directory, principal)
        return Key(secret_access_key, principal, session.expiration)

    def _long_lived(self, id_: str) -> Key:
        known = self._root if id_ == self._root.id else self._directory.access_keys.get(id_)
        if known is None:
            why = "is a session's, but no session token came with it" if id_[:4] == "ASIA" else "is not known"
            raise UnrecognizedClient(detail=f"the access key `{id_}` {why}")
        if not known.active:
            raise UnrecognizedClient(detail=f"the access key `{id_}` is inactive")
        if known.user_name is None:
            principal = Principal("root", self._account, root_arn(self._account), self._account, id_)
            return Key(known.secret_access_key, principal, None)
        user = self._directory.users.get(known.user_name)
        if user is None:
            raise UnrecognizedClient(detail=f"the user `{known.user_name}` of the access key `{id_}` was deleted")
        principal = Principal("user", self._account, user.arn, user.id, id_, user_name=user.name)
        return Key(known.secret_access_key, principal, None)


class Snapshot:
    """Immutable, but for what it remembers of principals it has seen.

    Attributes:
        apis: by id.
        is_current: whether it may decide: it may not when the store was away for too long.
        only_api: the one that is served by its stage alone, if there is just one.
        verifiers: by service.
        standings: of verified principals.
        routed: where requests to a verb and path went, of those seen lately.
    """

    __slots__ = (
        *("apis", "deployment", "directory", "is_current", "only_api", "ring", "root", "routed", "standings"),
        "verifiers",
    )

    def __init__(
        self,
        deployment: Deployment,
        apis: Iterable[Api],
        directory: Directory,
        ring: KeyRing,
        root: AccessKey,
        verifiers: Mapping[str, Verifier] | None = None,
        *,
        is_current: Callable[[], bool] = lambda: True,
    ) -> None:
        self.deployment = deployment
        self.apis = {api.api_id: api for api in apis}
        self.only_api = next(iter(self.apis.values())) if len(self.apis) == 1 else None
        self.directory = directory
        self.ring = ring
        self.root = root
        self.is_current = is_current
        self.verifiers = verifiers or _verifiers(deployment, Keys(directory, ring, root, deployment.account))
        self.standings = Standings(directory)
        self.routed: dict[tuple[str, bytes], ToApi] = {}

    def after(self, directory: Directory) -> Snapshot:
        """The snapshot of a newer directory.

        What verifiers remember is kept only where nothing changed that a signature depends on.
        """
        changed = directory.changed
        keep = changed is not None and all(change.kind in _OF_NO_KEY for change in changed)
        verifiers = self.verifiers if keep else None
        apis = self.apis.values()
        return Snapshot(self.deployment, apis, directory, self.ring, self.root, verifiers, is_current=self.is_current)


def _verifiers(deployment: Deployment, keys: Keys) -> dict[str, Verifier]:
    region = deployment.region
    either = {region, GLOBAL_REGION}
    services = {EXECUTE_API: {region}, "cognito-identity": {region}, "sts": either, "iam": either}
    return {service: Verifier(keys, service=service, regions=regions) for service, regions in services.items()}
