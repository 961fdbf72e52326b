"""The identity pool of an app that declares none: guests may call exactly the app's IAM routes.

It is made once. What an administrator changed stays as it is; what nobody touched follows the app when its routes
change. A pool that was deleted is not made again while its role exists.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from dataclasses import replace

from gatepass.advice.least import documents, least, pattern_of
from gatepass.arn import role_arn
from gatepass.gateway.ids import identity_pool_id
from gatepass.gateway.routes import Protection
from gatepass.gateway.snapshot import Api
from gatepass.operation import Deployment
from gatepass.store import IdentityPool, Role, Store
from gatepass.tokens import unique_id
from gatepass.tokens.ids import ENTROPY_BYTES

POLICY = "invoke-iam-routes"
DIGEST_TAG = "gatepass:iam-routes"
"""On the role: which policy the gate wrote last; a policy that differs is the administrator's."""

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_+=,.@-]+")
_LONGEST_ROLE_NAME = 64


def names_of(app_name: str) -> tuple[str, str]:
    """The pool's name and the role's."""
    plain = _NOT_IN_NAMES.sub("-", app_name)
    return f"{plain}-guests", f"{plain[: _LONGEST_ROLE_NAME - len('-guests')]}-guests"


def iam_routes_policy(api: Api) -> str | None:
    """A document that allows the API's IAM routes and nothing else; None if it has none."""
    patterns = least(pattern_of(each.method, each.resource) for each in api.routes if each.protection is Protection.IAM)
    if not patterns:
        return None
    (document,) = documents([f"{api.arn_prefix}{pattern}" for pattern in patterns], limit=sys.maxsize)
    return json.dumps(document, indent=2)


async def ensure(store: Store, deployment: Deployment, api: Api, now: float) -> None:
    """See that the app has its pool and role, or that an administrator wanted it otherwise."""
    document = iam_routes_policy(api)
    if document is None:
        return
    pool_name, role_name = names_of(api.name)
    pool_id = identity_pool_id(deployment.account, deployment.region, api.name)
    role = store.directory.roles.get(role_name)
    if role is None:
        role = _role(deployment, role_name, pool_id, document, now)
        await store.roles.add(role)
    else:
        await _follow(store, role, document)
        if pool_id not in store.directory.pools:
            return
    if pool_id not in store.directory.pools:
        await store.identity_pools.add(
            IdentityPool(
                id=pool_id,
                name=pool_name,
                allow_unauthenticated=True,
                roles={"unauthenticated": role.arn},
                created=now,
                modified=now,
            )
        )


async def _follow(store: Store, role: Role, document: str) -> None:
    """Let the policy name the routes of today, if it is still the one that was written here."""
    current = role.inline_policies.get(POLICY)
    if current is None or current == document or role.tags.get(DIGEST_TAG) != _digest(current):
        return

    def follow(stored: Role) -> Role:
        if stored.inline_policies.get(POLICY) != current:
            return stored
        policies = {**stored.inline_policies, POLICY: document}
        return replace(stored, inline_policies=policies, tags={**stored.tags, DIGEST_TAG: _digest(document)})

    await store.roles.change(role.name, follow)


def _role(deployment: Deployment, name: str, pool_id: str, document: str, now: float) -> Role:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": "cognito-identity.amazonaws.com"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id},
                    "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"},
                },
            }
        ],
    }
    return Role(
        name=name,
        path="/",
        id=unique_id("AROA", deployment.account, os.urandom(ENTROPY_BYTES)),
        arn=role_arn(deployment.account, "/", name),
        trust_policy=json.dumps(trust, indent=2),
        description="Guests of the app: they may call its IAM routes",
        tags={DIGEST_TAG: _digest(document)},
        inline_policies={POLICY: document},
        created=now,
    )


def _digest(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()[:32]
