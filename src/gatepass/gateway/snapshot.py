"""Everything a decision needs, as it was at one revision of the store. Immutable; a newer one takes its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from gatepass.arn import method_arn, root_arn
from gatepass.errors import MalformedPolicyDocument, UnrecognizedClient
from gatepass.gateway import scope_down
from gatepass.gateway.ids import derived_id
from gatepass.gateway.routes import RouteTable
from gatepass.operation import Deployment
from gatepass.policy import Caller, Policies, Policy, PolicyType, Source, compile_policy, load
from gatepass.principal import Principal
from gatepass.sigv4 import Key, Verifier
from gatepass.store import AccessKey, Directory, Role
from gatepass.tokens import KeyRing, open_session, principal_of

EXECUTE_API = "execute-api"
GLOBAL_REGION = "us-east-1"
MOST_STANDINGS = 10_000

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Api:
    """An API at one stage.

    Attributes:
        binary: media types whose bodies travel as Base64 in events.
    """

    api_id: str
    name: str
    stage: str
    routes: RouteTable
    deployment: Deployment
    binary: tuple[str, ...] = ()
    arn_prefix: str = field(init=False)
    deployment_id: str = field(init=False)

    def __post_init__(self) -> None:
        prefix = method_arn(self.deployment.region, self.deployment.account, self.api_id, self.stage, "", "")
        object.__setattr__(self, "arn_prefix", prefix.removesuffix("/"))
        object.__setattr__(self, "deployment_id", derived_id("deployment", self.api_id, self.stage, length=6))

    def method_arn(self, verb: str, path: str) -> str:
        """`path` as received, without the stage and the leading slash."""
        return f"{self.arn_prefix}{verb}/{path}"


class Standing(NamedTuple):
    """What is known of a principal: all policies that bind it, compiled, and how apps are told of it.

    Attributes:
        unreadable: a policy that takes part cannot be evaluated, so nothing is allowed; empty if all can.
    """

    principal: Principal
    caller: Caller
    policies: Policies
    headers: Headers
    unreadable: str = ""


class Keys:
    """Finds the key of an access key id: of the root, of the store's access keys, or of a sealed session."""

    def __init__(self, directory: Directory, ring: KeyRing, root: AccessKey, account: str) -> None:
        self._directory = directory
        self._ring = ring
        self._root = root
        self._root_principal = Principal("root", account, root_arn(account), account, root.id)

    def __call__(self, access_key_id: str, session_token: str | None, now: float) -> Key:
        if session_token is None:
            return self._long_lived(access_key_id)
        session, secret_access_key = open_session(self._ring, session_token, access_key_id)
        principal = principal_of(session)
        check_session(self._directory, principal)
        return Key(secret_access_key, principal, session.expiration)

    def _long_lived(self, access_key_id: str) -> Key:
        if access_key_id == self._root.id:
            return Key(self._root.secret_access_key, self._root_principal, None)
        known = self._directory.access_keys.get(access_key_id)
        if known is None:
            missing = "a session's, but no session token came with it" if access_key_id[:4] == "ASIA" else "not known"
            raise UnrecognizedClient(detail=f"the access key `{access_key_id}` is {missing}")
        if not known.active:
            raise UnrecognizedClient(detail=f"the access key `{access_key_id}` is inactive")
        if known.user_name is not None:
            raise UnrecognizedClient(detail=f"the access key `{access_key_id}` is a user's; users are not served")
        account = self._root_principal.account
        return Key(known.secret_access_key, Principal("root", account, root_arn(account), account, known.id), None)


def check_session(directory: Directory, principal: Principal) -> None:
    """Raises: UnrecognizedClient, if the session was taken back, or its role is no longer the one it was issued for."""
    if principal.kind != "role-session":
        return
    role = directory.roles.get(principal.role_name or "")
    if role is None or role.id != principal.role_id:
        raise UnrecognizedClient(detail=f"the role `{principal.role_name}` of this session was deleted")
    if directory.revoked(principal):
        raise UnrecognizedClient(detail="the session was issued before its pool, role or identity was last revoked")


class Snapshot:
    """Immutable, but for what it remembers of principals it has seen.

    Attributes:
        apis: by id.
        verifiers: by service.
    """

    __slots__ = ("_standings", "apis", "deployment", "directory", "only_api", "ring", "root", "verifiers")

    def __init__(
        self,
        deployment: Deployment,
        apis: Iterable[Api],
        directory: Directory,
        ring: KeyRing,
        root: AccessKey,
        verifiers: Mapping[str, Verifier] | None = None,
    ) -> None:
        self.deployment = deployment
        self.apis = {api.api_id: api for api in apis}
        self.only_api = next(iter(self.apis.values())) if len(self.apis) == 1 else None
        self.directory = directory
        self.ring = ring
        self.root = root
        self.verifiers = verifiers or _verifiers(deployment, Keys(directory, ring, root, deployment.account))
        self._standings: dict[str, Standing] = {}

    def after(self, directory: Directory) -> Snapshot:
        """The snapshot of a newer directory.

        What verifiers remember is kept only where nothing changed that a signature depends on.
        """
        changed = directory.changed
        keep = changed is not None and all(kind == "identity_pool" for kind, _ in changed)
        verifiers = self.verifiers if keep else None
        return Snapshot(self.deployment, self.apis.values(), directory, self.ring, self.root, verifiers)

    def standing(self, principal: Principal) -> Standing:
        """What binds a principal whose signature was verified.

        Raises: UnrecognizedClient, as `check_session`.
        """
        known = self._standings.get(principal.access_key_id)
        if known is not None and known.principal is principal:
            return known
        check_session(self.directory, principal)
        standing = _standing(self.directory, principal)
        if len(self._standings) >= MOST_STANDINGS:
            del self._standings[next(iter(self._standings))]
        self._standings[principal.access_key_id] = standing
        return standing


def _verifiers(deployment: Deployment, keys: Keys) -> dict[str, Verifier]:
    region = deployment.region
    either = {region, GLOBAL_REGION}
    services = {EXECUTE_API: {region}, "cognito-identity": {region}, "sts": either, "iam": either}
    return {service: Verifier(keys, service=service, regions=regions) for service, regions in services.items()}


_EVERYTHING = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'


def _standing(directory: Directory, principal: Principal) -> Standing:
    try:
        policies = _policies(directory, principal)
        unreadable = ""
    except MalformedPolicyDocument as failure:
        policies, unreadable = Policies(), failure.detail or failure.message
    return Standing(principal, Caller.of(principal), policies, _identity_headers(principal), unreadable)


def _policies(directory: Directory, principal: Principal) -> Policies:
    """Raises: MalformedPolicyDocument, if one of them cannot be read: it may hold a Deny."""
    if principal.kind == "root":
        return Policies(identity=(_compiled(_EVERYTHING, Source(PolicyType.IDENTITY, "the account's root")),))
    role = directory.roles.get(principal.role_name or "")
    if role is None:
        return Policies()
    boundary = None if role.permissions_boundary is None else ()
    return Policies(identity=_role_policies(role), session=_session_policies(principal), boundary=boundary)


def _role_policies(role: Role) -> tuple[Policy, ...]:
    if role.attached_policies:
        raise MalformedPolicyDocument(detail=f"the role `{role.name}` has managed policies, which are not served")
    return tuple(
        _compiled(document, Source(PolicyType.IDENTITY, f"inline policy `{name}` of role `{role.name}`"))
        for name, document in role.inline_policies.items()
    )


def _session_policies(principal: Principal) -> tuple[Policy, ...] | None:
    """One pool: an Allow in any of them suffices. None if the session is limited by none."""
    policies = [
        _compiled(document, Source(PolicyType.SESSION, "the session policy")) for document in principal.session_policies
    ]
    if principal.scoped_down:
        policies.append(_compiled(scope_down.DOCUMENT, Source(PolicyType.SESSION, "Cognito's scope-down of guests")))
    limited = policies or principal.session_policy_arns
    return tuple(policies) if limited else None


@lru_cache(maxsize=4096)
def _compiled(document: str, source: Source) -> Policy:
    try:
        return compile_policy(load(document), source)
    except MalformedPolicyDocument as failure:
        raise MalformedPolicyDocument(failure.message, detail=f"{source.name} cannot be read: {failure}") from failure


def _identity_headers(principal: Principal) -> Headers:
    """What an app is told of the caller; always all of them, empty where there is nothing to tell."""
    values = {
        b"x-gatepass-access-key": principal.access_key_id,
        b"x-gatepass-account": principal.account,
        b"x-gatepass-caller": principal.user_id,
        b"x-gatepass-user-arn": principal.arn,
        b"x-gatepass-identity-id": principal.identity_id,
        b"x-gatepass-identity-pool-id": principal.identity_pool_id,
    }
    return tuple((name, (value or "").encode()) for name, value in values.items())
