"""moto with the operations that it lacks and our commands call, so that it can stand for AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.cognitoidentity.exceptions import ResourceNotFoundError
from moto.cognitoidentity.responses import CognitoIdentityResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.iam.responses import IamResponse

WHEN = "made"
"""In an identity of moto's: when it was made, which moto does not note; without it, AWS's beginning."""


STUCK = "stuck"
"""In an identity of moto's: why it cannot be deleted."""


def complete(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto answer them, until the test ends."""
    for answer in (set_identity_pool_roles, get_identity_pool_roles, describe_identity, delete_identities):
        monkeypatch.setattr(CognitoIdentityResponse, answer.__name__, answer, raising=False)
    for change in (add_client_id_to_open_id_connect_provider, remove_client_id_from_open_id_connect_provider):
        monkeypatch.setattr(IamResponse, change.__name__, change, raising=False)


def set_identity_pool_roles(self: CognitoIdentityResponse) -> str:
    roles = {"Roles": self._get_param("Roles"), "RoleMappings": self._get_param("RoleMappings")}
    _pool(self).its_roles = {name: value for name, value in roles.items() if value is not None}
    return ""


def get_identity_pool_roles(self: CognitoIdentityResponse) -> str:
    pool = _pool(self)
    return json.dumps({"IdentityPoolId": pool.identity_pool_id, **getattr(pool, "its_roles", {})})


def describe_identity(self: CognitoIdentityResponse) -> str:
    given = self._get_param("IdentityId")
    for identities in _identities(self):
        for identity in identities:
            if identity["IdentityId"] == given:
                made = identity.get(WHEN, 0.0)
                known = {name: value for name, value in identity.items() if name not in (WHEN, STUCK)}
                return json.dumps({**known, "CreationDate": made, "LastModifiedDate": made})
    raise ResourceNotFoundError(given)


def delete_identities(self: CognitoIdentityResponse) -> str:
    given = set(self._get_param("IdentityIdsToDelete"))
    stuck = []
    for identities in _identities(self):
        asked = [identity for identity in identities if identity["IdentityId"] in given]
        stuck += [{"IdentityId": each["IdentityId"], "ErrorCode": each[STUCK]} for each in asked if STUCK in each]
        identities[:] = [identity for identity in identities if identity not in asked or STUCK in identity]
    return json.dumps({"UnprocessedIdentityIds": stuck})


def _pool(self: CognitoIdentityResponse) -> Any:
    given = self._get_param("IdentityPoolId")
    self.backend.describe_identity_pool(given)  # raises what AWS answers, if there is none
    return self.backend.identity_pools[given]


def _identities(self: CognitoIdentityResponse) -> list[list[dict[str, Any]]]:
    return [pool["Identities"] for pool in self.backend.pools_identities.values()]


def add_client_id_to_open_id_connect_provider(self: IamResponse) -> ActionResult:
    provider = self.backend.get_open_id_connect_provider(self._get_param("OpenIDConnectProviderArn"))
    provider.client_id_list.append(self._get_param("ClientID"))
    return EmptyResult()


def remove_client_id_from_open_id_connect_provider(self: IamResponse) -> ActionResult:
    provider = self.backend.get_open_id_connect_provider(self._get_param("OpenIDConnectProviderArn"))
    provider.client_id_list.remove(self._get_param("ClientID"))
    return EmptyResult()
