"""Making a pool and what belongs to it, step by step; when a step fails, what was made is taken back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from gatepass.cli.aws import Account
from gatepass.cli.pool_plan import (
    POLICY,
    TAG,
    Api,
    Login,
    Route,
    invoke_policy,
    pool_members,
    provider_arn,
    role_name,
    trust_policy,
)
from gatepass.errors import ConfigurationError

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What `create` was asked for; `api` is needed where there are routes."""

    name: str
    guests: bool
    logins: Sequence[Login]
    routes: Sequence[Route]
    api: Api | None

    @property
    def kinds(self) -> list[str]:
        return (["unauthenticated"] if self.guests else []) + (["authenticated"] if self.logins else [])


@dataclass(slots=True)
class _Undo:
    """Steps that take back what was done, the last first."""

    tell: Tell
    steps: list[tuple[str, Callable[[], object]]] = field(default_factory=list)

    def add(self, what: str, step: Callable[[], object]) -> None:
        self.steps.append((what, step))

    def run(self) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        for what, step in reversed(self.steps):
            try:
                step()
                self.tell(f"taken back: {what}")
            except (ClientError, BotoCoreError) as error:
                self.tell(f"could not be taken back: {what}: {error}")


@contextmanager
def _all_or_nothing(tell: Tell) -> Iterator[_Undo]:
    undo = _Undo(tell)
    try:
        yield undo
    except BaseException:
        undo.run()
        raise


def create(account: Account, plan: Plan, tell: Tell) -> str:
    """See that the pool, its providers and roles are as planned, whatever was there before; gives the pool's id.

    Raises: ConfigurationError, if a role of that name belongs to something else.
    """
    with _all_or_nothing(tell) as undo:
        for login in plan.logins:
            if not (login.is_public or login.is_user_pool):
                _see_to_provider(account, login, undo, tell)
        pool_id = _see_to_pool(account, plan, undo, tell)
        arns = {kind: _see_to_role(account, plan, pool_id, kind, undo, tell) for kind in plan.kinds}
        _see_to_roles_of_pool(account, pool_id, arns, tell)
    return pool_id


def _see_to_provider(account: Account, login: Login, undo: _Undo, tell: Tell) -> None:
    arn = provider_arn(account.id, login)
    iam = account.iam
    try:
        known = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"]
    except iam.exceptions.NoSuchEntityException:
        iam.create_open_id_connect_provider(Url=f"https://{login.issuer}", ClientIDList=[login.client_id])
        undo.add(f"OIDC provider {arn}", lambda: iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn))
        tell(f"made OIDC provider {arn}")
        return
    if login.client_id not in known:
        given = {"OpenIDConnectProviderArn": arn, "ClientID": login.client_id}
        iam.add_client_id_to_open_id_connect_provider(**given)
        undo.add(f"client id at {arn}", lambda: iam.remove_client_id_from_open_id_connect_provider(**given))
        tell(f"added client id {login.client_id} to {arn}")


def _see_to_pool(account: Account, plan: Plan, undo: _Undo, tell: Tell) -> str:
    members = pool_members(plan.name, guests=plan.guests, logins=plan.logins, account=account.id)
    cognito = account.cognito
    pool_id = find(account, plan.name)
    if pool_id is None:
        made = str(cognito.create_identity_pool(**members)["IdentityPoolId"])
        undo.add(f"identity pool {made}", lambda: cognito.delete_identity_pool(IdentityPoolId=made))
        tell(f"made identity pool {plan.name}")
        return made
    before = cognito.describe_identity_pool(IdentityPoolId=pool_id)
    before.pop("ResponseMetadata")
    if any(before.get(name) != value for name, value in members.items()):
        # Members that are not given would be cleared: what `create` says nothing of stays.
        cognito.update_identity_pool(**{**before, **members})
        undo.add(f"changes of identity pool {pool_id}", lambda: cognito.update_identity_pool(**before))
        tell(f"changed identity pool {plan.name}")
    return pool_id


def _see_to_role(account: Account, plan: Plan, pool_id: str, kind: str, undo: _Undo, tell: Tell) -> str:
    iam, name, trust = account.iam, role_name(plan.name, kind), trust_policy(pool_id, kind)
    try:
        role = iam.get_role(RoleName=name)["Role"]
    except iam.exceptions.NoSuchEntityException:
        tags = [{"Key": TAG, "Value": plan.name}]
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, Tags=tags)["Role"]
        undo.add(f"role {name}", lambda: iam.delete_role(RoleName=name))
        tell(f"made role {name}")
    else:
        if not belongs_to(role, plan.name):
            raise ConfigurationError(
                f"a role `{name}` is there already, and no `pool create` made it",
                hint=f"choose another pool name, or tag the role {TAG}={plan.name} to hand it over",
            )
        _see_to_trust(account, name, role["AssumeRolePolicyDocument"], trust, undo, tell)
    if plan.routes and plan.api is not None:
        document = invoke_policy(account.region, account.id, plan.api, plan.routes)
        _see_to_policy(account, name, document, undo, tell)
    return str(role["Arn"])


def _see_to_trust(account: Account, name: str, current: Mapping[str, Any], trust: str, undo: _Undo, tell: Tell) -> None:
    if current == json.loads(trust):
        return
    iam, before = account.iam, json.dumps(current)
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
    undo.add(f"trust policy of {name}", lambda: iam.update_assume_role_policy(RoleName=name, PolicyDocument=before))
    tell(f"changed the trust policy of role {name}")


def _see_to_policy(account: Account, name: str, document: str, undo: _Undo, tell: Tell) -> None:
    iam, given = account.iam, {"RoleName": name, "PolicyName": POLICY}
    try:
        before = json.dumps(iam.get_role_policy(**given)["PolicyDocument"])
    except iam.exceptions.NoSuchEntityException:
        before = None
    if before is not None and json.loads(before) == json.loads(document):
        return
    iam.put_role_policy(**given, PolicyDocument=document)
    if before is None:
        undo.add(f"policy of role {name}", lambda: iam.delete_role_policy(**given))
    else:
        undo.add(f"policy of role {name}", lambda: iam.put_role_policy(**given, PolicyDocument=before))
    tell(f"role {name} may call the routes it was given")


def _see_to_roles_of_pool(account: Account, pool_id: str, arns: Mapping[str, str], tell: Tell) -> None:
    before = account.cognito.get_identity_pool_roles(IdentityPoolId=pool_id)
    if before.get("Roles", {}) == arns:
        return
    given = {"IdentityPoolId": pool_id, "Roles": dict(arns)}
    if before.get("RoleMappings"):
        given["RoleMappings"] = before["RoleMappings"]
    account.cognito.set_identity_pool_roles(**given)
    tell("gave the pool its roles")
    for kind in before.get("Roles", {}).keys() - arns.keys():
        tell(f"took the {kind} role from the pool: nobody was named to get it")


def belongs_to(role: Mapping[str, Any], pool_name: str) -> bool:
    """Whether `create` made this role for a pool of this name."""
    return any(tag["Key"] == TAG and tag["Value"] == pool_name for tag in role.get("Tags", ()))


def pools(account: Account) -> Iterator[tuple[str, str]]:
    """Id and name of every pool."""
    for page in account.cognito.get_paginator("list_identity_pools").paginate(PaginationConfig={"PageSize": 60}):
        for pool in page["IdentityPools"]:
            yield str(pool["IdentityPoolId"]), str(pool["IdentityPoolName"])


def find(account: Account, name: str) -> str | None:
    """The id of the pool with this name or id. Raises: ConfigurationError, if several have the name."""
    found = [pool_id for pool_id, pool_name in pools(account) if name in (pool_name, pool_id)]
    if len(found) > 1:
        raise ConfigurationError(
            f"{len(found)} identity pools are named `{name}`", hint=f"name one: {', '.join(found)}"
        )
    return found[0] if found else None


def delete(account: Account, pool_id: str, tell: Tell) -> None:
    """The pool, and the roles that `create` made for it."""
    name = account.cognito.describe_identity_pool(IdentityPoolId=pool_id)["IdentityPoolName"]
    account.cognito.delete_identity_pool(IdentityPoolId=pool_id)
    tell(f"deleted identity pool {name}")
    for kind in ("unauthenticated", "authenticated"):
        role = role_name(name, kind)
        try:
            found = account.iam.get_role(RoleName=role)["Role"]
        except account.iam.exceptions.NoSuchEntityException:
            continue
        if belongs_to(found, name):
            delete_role(account, role)
            tell(f"deleted role {role}")


def delete_role(account: Account, name: str) -> None:
    """The role with its inline policies; attached ones are detached first."""
    iam = account.iam
    for page in iam.get_paginator("list_role_policies").paginate(RoleName=name):
        for policy in page["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=name):
        for attached in page["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    iam.delete_role(RoleName=name)
