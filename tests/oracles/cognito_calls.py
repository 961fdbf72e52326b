"""Calls of Cognito Identity's operations: for each one that is answered, and one for each error it declares.

Each is a function of a broker, whatever way that is reached: the table of operations called directly, or a gate
through boto3. It prepares what is needed and gives the parameters of the call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.oracles.cognito_logins import GOOGLE, apple, google

from gatepass import errors

UNKNOWN = "eu-central-1:00000000-0000-4000-8000-000000000000"
ROLE = "arn:aws:iam::123456789012:role/other"


def closed_pool(broker: Any) -> str:
    pool = broker.ask("CreateIdentityPool", IdentityPoolName="p", AllowUnauthenticatedIdentities=False)
    pool_id: str = pool["IdentityPoolId"]
    return pool_id


def update(pool_id: str, **more: Any) -> dict[str, Any]:
    return {"IdentityPoolId": pool_id, "IdentityPoolName": "p", "AllowUnauthenticatedIdentities": True, **more}


def guest(broker: Any, **role: Any) -> dict[str, Any]:
    made = broker.ask("GetId", None, IdentityPoolId=broker.guest_pool(**role))
    return {"IdentityId": made["IdentityId"]}


def guest_without_role(broker: Any) -> dict[str, Any]:
    pool_id = broker.guest_pool()
    broker.ask("SetIdentityPoolRoles", IdentityPoolId=pool_id, Roles={})
    return {"IdentityId": broker.ask("GetId", None, IdentityPoolId=pool_id)["IdentityId"]}


DEVELOPER = {"Logins": {"dev": "user"}}
NO_POOL_ARN = f"arn:aws:cognito-identity:eu-central-1:123456789012:identitypool/{UNKNOWN}"
NO_ARN = "arn:aws:cognito-identity:eu-central-1:999999999999:identitypool/x"
USER = {"DeveloperProviderName": "login.example", "DeveloperUserIdentifier": "u"}


TOKEN, LOOKUP = "GetOpenIdTokenForDeveloperIdentity", "LookupDeveloperIdentity"
MERGE, UNLINK = "MergeDeveloperIdentities", "UnlinkDeveloperIdentity"


def tag_map(pool_id: str) -> dict[str, Any]:
    return {"IdentityPoolId": pool_id, "IdentityProviderName": "unknown.test"}


def throttled(broker: Any) -> dict[str, Any]:
    broker.admits = lambda *_: False
    return {"IdentityPoolId": broker.guest_pool()}


def full(broker: Any) -> dict[str, Any]:
    """A pool that may have one guest, and has it."""
    broker.limit_guests(1)
    given = {"IdentityPoolId": broker.guest_pool()}
    broker.ask("GetId", None, **given)
    return given


def no_keys(broker: Any, name: str) -> dict[str, Any]:
    """An issuer that cannot be asked."""
    pool_id = broker.login_pool()
    identity_id = broker.ask("GetId", None, IdentityPoolId=pool_id)["IdentityId"]
    broker.issuers = None
    if name == "GetId":
        return {"IdentityPoolId": pool_id, "Logins": google()}
    more = {"LoginsToRemove": [GOOGLE]} if name == "UnlinkIdentity" else {}
    return {"IdentityId": identity_id, "Logins": google(), **more}


def two_people(broker: Any) -> str:
    """Alice and Bob have an identity each; its pool."""
    pool_id: str = broker.login_pool()
    for logins in ({**google("alice"), **apple("alice")}, google("bob")):
        broker.ask("GetId", None, IdentityPoolId=pool_id, Logins=logins)
    return pool_id


def both_at_once(broker: Any) -> dict[str, Any]:
    return {"IdentityPoolId": two_people(broker), "Logins": {**google("bob"), **apple("alice")}}


def as_another(broker: Any) -> dict[str, Any]:
    """Bob brings a login of Alice's."""
    pool_id = two_people(broker)
    bob = broker.ask("GetId", None, IdentityPoolId=pool_id, Logins=google("bob"))["IdentityId"]
    return {"IdentityId": bob, "Logins": {**google("bob"), **apple("alice")}}


def logged_in(broker: Any, **parameters: Any) -> dict[str, Any]:
    """Alice, who has two logins."""
    logins = {**google(), **apple()}
    made = broker.ask("GetId", None, IdentityPoolId=broker.login_pool(**parameters), Logins=logins)
    return {"IdentityId": made["IdentityId"], "Logins": logins}


def backend(broker: Any, user: str = "u", **more: Any) -> dict[str, Any]:
    """A user of a backend."""
    pool_id = broker.login_pool()
    made = broker.developer_token(pool_id, user)
    return {"IdentityPoolId": pool_id, "IdentityId": made["IdentityId"], **more}


def another_user(broker: Any) -> dict[str, Any]:
    """A user of a backend, and the id of another's identity."""
    given = backend(broker)
    return {**given, "IdentityId": broker.developer_token(given["IdentityPoolId"], "other")["IdentityId"]}


def disabled(broker: Any) -> dict[str, Any]:
    """An identity whose only user was unlinked."""
    given = backend(broker)
    broker.ask("UnlinkDeveloperIdentity", **given, **USER)
    return given


def merging(broker: Any, source: str = "a", *, conflict: bool = False) -> dict[str, Any]:
    pool_id = broker.login_pool()
    for user in ("a", "b"):
        broker.developer_token(pool_id, user, Logins=google(user) if conflict else {})
    return {
        "SourceUserIdentifier": source,
        "DestinationUserIdentifier": "b",
        "DeveloperProviderName": "login.example",
        "IdentityPoolId": pool_id,
    }


def of_developer(broker: Any, **more: Any) -> dict[str, Any]:
    return {"IdentityPoolId": broker.login_pool(), "Logins": {"login.example": "u"}, **more}


BAD_PROVIDER = {"CognitoIdentityProviders": [{"ProviderName": "x", "ClientId": "c"}]}


def pool_arn(broker: Any) -> str:
    return NO_POOL_ARN.replace(UNKNOWN, closed_pool(broker))


PROVOKED: dict[tuple[str, type[errors.ServiceError]], Callable[[Any], dict[str, Any]]] = {
    ("CreateIdentityPool", errors.InvalidParameter): lambda broker: {
        "IdentityPoolName": "p",
        "AllowUnauthenticatedIdentities": True,
        **BAD_PROVIDER,
    },
    ("DescribeIdentityPool", errors.ResourceNotFound): lambda broker: {"IdentityPoolId": UNKNOWN},
    ("UpdateIdentityPool", errors.ResourceNotFound): lambda broker: update(UNKNOWN),
    ("UpdateIdentityPool", errors.InvalidParameter): lambda broker: update(closed_pool(broker), **BAD_PROVIDER),
    ("UpdateIdentityPool", errors.ConcurrentModification): lambda broker: update(closed_pool(broker)),
    ("DeleteIdentityPool", errors.ResourceNotFound): lambda broker: {"IdentityPoolId": UNKNOWN},
    ("ListIdentityPools", errors.InvalidParameter): lambda broker: {"MaxResults": 1, "NextToken": "x"},
    ("SetIdentityPoolRoles", errors.ResourceNotFound): lambda broker: {"IdentityPoolId": UNKNOWN, "Roles": {}},
    ("SetIdentityPoolRoles", errors.InvalidParameter): lambda broker: {
        "IdentityPoolId": closed_pool(broker),
        "Roles": {},
        "RoleMappings": {"x": {"Type": "Token"}},
    },
    ("SetIdentityPoolRoles", errors.NotAuthorized): lambda broker: {
        "IdentityPoolId": closed_pool(broker),
        "Roles": {"authenticated": "no-arn-but-long-enough"},
    },
    ("SetIdentityPoolRoles", errors.ConcurrentModification): lambda broker: {
        "IdentityPoolId": closed_pool(broker),
        "Roles": {},
    },
    ("GetIdentityPoolRoles", errors.ResourceNotFound): lambda broker: {"IdentityPoolId": UNKNOWN},
    ("GetId", errors.ResourceNotFound): lambda broker: {"IdentityPoolId": UNKNOWN},
    ("GetId", errors.NotAuthorized): lambda broker: {"IdentityPoolId": closed_pool(broker)},
    ("GetId", errors.InvalidParameter): lambda broker: {
        "IdentityPoolId": broker.guest_pool(DeveloperProviderName="dev"),
        **DEVELOPER,
    },
    ("GetCredentialsForIdentity", errors.ResourceNotFound): lambda broker: {"IdentityId": UNKNOWN},
    ("GetCredentialsForIdentity", errors.NotAuthorized): lambda broker: {**guest(broker), "CustomRoleArn": ROLE},
    ("GetCredentialsForIdentity", errors.InvalidParameter): lambda broker: {
        **guest(broker, DeveloperProviderName="dev"),
        **DEVELOPER,
    },
    ("GetCredentialsForIdentity", errors.InvalidIdentityPoolConfiguration): guest_without_role,
    ("GetCredentialsForIdentity", errors.ResourceConflict): as_another,
    ("GetCredentialsForIdentity", errors.ExternalService): lambda broker: no_keys(broker, "GetCredentialsForIdentity"),
    ("GetId", errors.ResourceConflict): both_at_once,
    ("GetId", errors.TooManyRequests): throttled,
    ("GetId", errors.LimitExceeded): full,
    ("GetId", errors.ExternalService): lambda broker: no_keys(broker, "GetId"),
    ("GetOpenIdToken", errors.ResourceNotFound): lambda broker: {"IdentityId": UNKNOWN},
    ("GetOpenIdToken", errors.NotAuthorized): lambda broker: {**logged_in(broker), "Logins": {}},
    ("GetOpenIdToken", errors.InvalidParameter): guest,
    ("GetOpenIdToken", errors.ResourceConflict): as_another,
    ("GetOpenIdToken", errors.ExternalService): lambda broker: no_keys(broker, "GetOpenIdToken"),
    ("UnlinkIdentity", errors.ResourceNotFound): lambda broker: {
        "IdentityId": UNKNOWN,
        "Logins": {"x": "y"},
        "LoginsToRemove": [],
    },
    ("UnlinkIdentity", errors.NotAuthorized): lambda broker: {**logged_in(broker), "LoginsToRemove": ["other"]},
    ("UnlinkIdentity", errors.InvalidParameter): lambda broker: {
        **logged_in(broker),
        "LoginsToRemove": ["login.example"],
    },
    ("UnlinkIdentity", errors.ResourceConflict): lambda broker: {**logged_in(broker), "LoginsToRemove": [GOOGLE]},
    ("UnlinkIdentity", errors.ExternalService): lambda broker: no_keys(broker, "UnlinkIdentity"),
    ("ListIdentities", errors.ResourceNotFound): lambda broker: {"IdentityPoolId": UNKNOWN, "MaxResults": 1},
    ("ListIdentities", errors.InvalidParameter): lambda broker: {
        "IdentityPoolId": closed_pool(broker),
        "MaxResults": 1,
        "NextToken": "x",
    },
    ("DescribeIdentity", errors.ResourceNotFound): lambda broker: {"IdentityId": UNKNOWN},
    (TOKEN, errors.ResourceNotFound): lambda broker: {"IdentityPoolId": UNKNOWN, "Logins": {"a": "b"}},
    (TOKEN, errors.NotAuthorized): lambda broker: of_developer(
        broker, Logins={"login.example": "u", GOOGLE: "no token"}
    ),
    (TOKEN, errors.InvalidParameter): lambda broker: of_developer(broker, Logins={"other": "u"}),
    (TOKEN, errors.ResourceConflict): lambda broker: {
        "IdentityPoolId": two_people(broker),
        "Logins": {"login.example": "u", **google("bob"), **apple("alice")},
    },
    (TOKEN, errors.DeveloperUserAlreadyRegistered): lambda broker: {
        **another_user(broker),
        "Logins": {"login.example": "u"},
    },
    (LOOKUP, errors.ResourceNotFound): lambda broker: {
        "IdentityPoolId": broker.login_pool(),
        "DeveloperUserIdentifier": "u",
    },
    (LOOKUP, errors.NotAuthorized): disabled,
    (LOOKUP, errors.InvalidParameter): lambda broker: {"IdentityPoolId": broker.login_pool()},
    (LOOKUP, errors.ResourceConflict): lambda broker: {**another_user(broker), "DeveloperUserIdentifier": "u"},
    (MERGE, errors.ResourceNotFound): lambda broker: merging(broker, "nobody"),
    (MERGE, errors.InvalidParameter): lambda broker: merging(broker, "b"),
    (MERGE, errors.ResourceConflict): lambda broker: merging(broker, conflict=True),
    (UNLINK, errors.ResourceNotFound): lambda broker: {**backend(broker), **USER, "DeveloperUserIdentifier": "v"},
    (UNLINK, errors.NotAuthorized): lambda broker: {**disabled(broker), **USER},
    (UNLINK, errors.InvalidParameter): lambda broker: {**backend(broker), **USER, "DeveloperProviderName": "x"},
    (UNLINK, errors.ResourceConflict): lambda broker: {**another_user(broker), **USER},
    ("GetPrincipalTagAttributeMap", errors.ResourceNotFound): lambda broker: tag_map(UNKNOWN),
    ("GetPrincipalTagAttributeMap", errors.InvalidParameter): lambda broker: tag_map(closed_pool(broker)),
    ("SetPrincipalTagAttributeMap", errors.ResourceNotFound): lambda broker: tag_map(UNKNOWN),
    ("SetPrincipalTagAttributeMap", errors.InvalidParameter): lambda broker: tag_map(closed_pool(broker)),
    ("TagResource", errors.ResourceNotFound): lambda broker: {"ResourceArn": NO_POOL_ARN, "Tags": {}},
    ("TagResource", errors.InvalidParameter): lambda broker: {"ResourceArn": NO_ARN, "Tags": {}},
    ("UntagResource", errors.ResourceNotFound): lambda broker: {"ResourceArn": NO_POOL_ARN, "TagKeys": []},
    ("UntagResource", errors.InvalidParameter): lambda broker: {"ResourceArn": NO_ARN, "TagKeys": []},
    ("ListTagsForResource", errors.ResourceNotFound): lambda broker: {"ResourceArn": NO_POOL_ARN},
    ("ListTagsForResource", errors.InvalidParameter): lambda broker: {"ResourceArn": NO_ARN},
}
"""By operation and error: a call that is answered with it."""

ANSWERED: dict[str, Callable[[Any], dict[str, Any]]] = {
    "CreateIdentityPool": lambda broker: {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": True},
    "DescribeIdentityPool": lambda broker: {"IdentityPoolId": closed_pool(broker)},
    "UpdateIdentityPool": lambda broker: update(closed_pool(broker)),
    "DeleteIdentityPool": lambda broker: {"IdentityPoolId": closed_pool(broker)},
    "ListIdentityPools": lambda broker: {"MaxResults": 1},
    "SetIdentityPoolRoles": lambda broker: {"IdentityPoolId": closed_pool(broker), "Roles": {}},
    "GetIdentityPoolRoles": lambda broker: {"IdentityPoolId": broker.login_pool()},
    "GetId": lambda broker: {"IdentityPoolId": broker.login_pool(), "Logins": google()},
    "GetCredentialsForIdentity": lambda broker: logged_in(broker),
    "GetOpenIdToken": lambda broker: logged_in(broker),
    "UnlinkIdentity": lambda broker: {**logged_in(broker), "LoginsToRemove": [GOOGLE]},
    "ListIdentities": lambda broker: {"IdentityPoolId": two_people(broker), "MaxResults": 60},
    "DescribeIdentity": lambda broker: {"IdentityId": logged_in(broker)["IdentityId"]},
    "DeleteIdentities": lambda broker: {"IdentityIdsToDelete": [logged_in(broker)["IdentityId"]]},
    TOKEN: lambda broker: of_developer(broker),
    LOOKUP: lambda broker: {**backend(broker), "DeveloperUserIdentifier": "u"},
    MERGE: lambda broker: merging(broker),
    UNLINK: lambda broker: {**backend(broker), **USER},
    "SetPrincipalTagAttributeMap": lambda broker: {
        "IdentityPoolId": broker.login_pool(),
        "IdentityProviderName": GOOGLE,
        "UseDefaults": True,
    },
    "GetPrincipalTagAttributeMap": lambda broker: {
        "IdentityPoolId": broker.login_pool(),
        "IdentityProviderName": GOOGLE,
    },
    "TagResource": lambda broker: {"ResourceArn": pool_arn(broker), "Tags": {"a": "b"}},
    "UntagResource": lambda broker: {"ResourceArn": pool_arn(broker), "TagKeys": ["a"]},
    "ListTagsForResource": lambda broker: {"ResourceArn": pool_arn(broker)},
}
"""By operation: a call that is answered."""

RACES = {
    ("UpdateIdentityPool", errors.ConcurrentModification),
    ("SetIdentityPoolRoles", errors.ConcurrentModification),
    ("UnlinkIdentity", errors.ResourceConflict),
}
"""What only one of several callers is answered who do the same at the same time."""
