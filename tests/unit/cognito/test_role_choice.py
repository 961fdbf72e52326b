"""Which role an identity gets, and that claims are compared as what they are."""

from __future__ import annotations

from typing import Any

import pytest
from tests.oracles.cognito_logins import GOOGLE, USER_POOL, google, user_pool

from gatepass.cognito.role_choice import matches

ACCOUNT = "123456789012"
DENIED = ("NotAuthorizedException", "The ambiguous role mapping rules denied this request")
MAPPED = f"{USER_POOL}:web"


def saying(**claims: Any) -> dict[str, str]:
    """A user pool's login; `roles` and `preferred_role` are Cognito's claims."""
    return user_pool("alice", **{f"cognito:{name}": value for name, value in claims.items()})


def arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


class Pool:
    """A pool whose user pool, or Google, has a role mapping, and roles `user`, `a`, `b` and `c`."""

    def __init__(self, broker: Any) -> None:
        self.broker = broker
        self.pool_id = broker.login_pool()
        stored = broker.store.directory.roles.get("user")
        for name in "abc":
            broker.add_role(name, stored.trust_policy)

    def map(self, name: str = MAPPED, **mapping: Any) -> None:
        roles = {"authenticated": arn("user"), "unauthenticated": arn("guest")}
        self.broker.ask("SetIdentityPoolRoles", IdentityPoolId=self.pool_id, Roles=roles, RoleMappings={name: mapping})

    def rules(self, *rules: tuple[str, str, str, str], name: str = MAPPED, ambiguous: str = "Deny") -> None:
        made = [{"Claim": c, "MatchType": m, "Value": v, "RoleARN": arn(r)} for c, m, v, r in rules]
        self.map(name, Type="Rules", AmbiguousRoleResolution=ambiguous, RulesConfiguration={"Rules": made})

    def ask(self, logins: dict[str, str], custom: str | None = None) -> dict[str, Any]:
        identity_id = self.broker.ask("GetId", None, IdentityPoolId=self.pool_id, Logins=logins)["IdentityId"]
        more = {"CustomRoleArn": arn(custom)} if custom is not None else {}
        return {"IdentityId": identity_id, "Logins": logins, **more}

    def role(self, logins: dict[str, str], custom: str | None = None) -> str:
        answer = self.broker.ask("GetCredentialsForIdentity", None, **self.ask(logins, custom))
        session = self.broker.session(answer["Credentials"])
        return str(session.role_arn).rpartition("/")[2]

    def refusal(self, logins: dict[str, str], custom: str | None = None) -> tuple[str, str]:
        found: tuple[str, str] = self.broker.refusal("GetCredentialsForIdentity", None, **self.ask(logins, custom))
        return found


@pytest.fixture
def pool(broker: Any) -> Pool:
    return Pool(broker)


def forbidden(name: str) -> tuple[str, str]:
    return "NotAuthorizedException", f"Access to Role '{arn(name)}' is forbidden."


def test_the_default_roles(pool: Pool) -> None:
    assert pool.role({}) == "guest"
    assert pool.role(google()) == pool.role(user_pool()) == "user"
    assert pool.role(google(), "user") == "user"
    assert pool.refusal(google(), "a") == forbidden("a")
    assert pool.refusal({}, "user") == forbidden("user")


def test_a_session_says_how_someone_logged_in(pool: Pool) -> None:
    answer = pool.broker.ask("GetCredentialsForIdentity", None, **pool.ask(user_pool()))
    session = pool.broker.session(answer["Credentials"])
    assert session.amr == ("authenticated", USER_POOL, f"{USER_POOL}:CognitoSignIn:alice")
    assert not session.scoped_down
    assert session.expiration - session.issued_at == 3600


def test_a_mapping_is_of_one_provider(pool: Pool) -> None:
    pool.rules(("sub", "Equals", "alice", "a"))
    assert pool.role(user_pool()) == "a"
    assert pool.role(google()) == "user"
    assert pool.role({}) == "guest"
    pool.rules(("sub", "Equals", "alice", "b"), name=GOOGLE)
    assert (pool.role(google()), pool.role(user_pool())) == ("b", "user")


def test_the_first_rule_that_matches_wins(pool: Pool) -> None:
    pool.rules(("team", "Equals", "none", "a"), ("team", "StartsWith", "re", "b"), ("team", "Equals", "red", "c"))
    login = user_pool(team="red")
    assert pool.role(login) == "b"
    assert pool.role(login, "c") == "c"
    assert pool.refusal(login, "a") == forbidden("a")
    assert pool.refusal(login, "user") == forbidden("user")


def test_no_rule_that_matches(pool: Pool) -> None:
    pool.rules(("team", "Equals", "red", "a"))
    assert pool.refusal(user_pool()) == DENIED
    pool.rules(("team", "Equals", "red", "a"), ambiguous="AuthenticatedRole")
    assert pool.role(user_pool()) == "user"
    assert pool.refusal(user_pool(), "a") == forbidden("a")


def test_the_token_names_roles(pool: Pool) -> None:
    pool.map(Type="Token", AmbiguousRoleResolution="Deny")
    both = [arn("a"), arn("b")]
    assert pool.role(saying(roles=both, preferred_role=arn("b"))) == "b"
    assert pool.role(saying(roles=[arn("a")])) == "a"
    assert pool.role(saying(roles=both), "a") == "a"
    assert pool.refusal(saying(roles=both), "c") == forbidden("c")
    assert pool.refusal(saying(roles=both)) == DENIED
    assert pool.refusal(saying()) == DENIED
    assert pool.refusal(saying(roles=both, preferred_role=arn("c"))) == DENIED
    assert pool.refusal(saying(roles=arn("a"))) == DENIED
    pool.map(Type="Token", AmbiguousRoleResolution="AuthenticatedRole")
    assert pool.role(saying(roles=both)) == "user"


def test_only_a_user_pools_token_names_roles(pool: Pool) -> None:
    pool.map(GOOGLE, Type="Token", AmbiguousRoleResolution="Deny")
    claims: dict[str, Any] = {"cognito:roles": [arn("a")], "cognito:preferred_role": arn("a")}
    assert pool.refusal(google(**claims)) == DENIED
    assert pool.refusal(google(**claims), "a") == forbidden("a")


def test_the_role_must_trust_whoever_chose_it(pool: Pool) -> None:
    pool.map(Type="Token", AmbiguousRoleResolution="Deny")
    code, _ = pool.refusal(saying(roles=[arn("guest")]))
    assert code == "InvalidIdentityPoolConfigurationException"
    code, _ = pool.refusal(saying(roles=[arn("nobody")]))
    assert code == "InvalidIdentityPoolConfigurationException"


TABLE = [
    ("Equals", "admin", "admin", True),
    ("Equals", "Admin", "admin", False),
    ("Equals", "admin ", "admin", False),
    ("Equals", "\u0430dmin", "admin", False),  # a Cyrillic letter
    ("Equals", "admin\u200b", "admin", False),
    ("Equals", "\uff41dmin", "admin", False),  # full width
    ("Equals", "caf\u00e9", "cafe\u0301", False),
    ("Equals", "", "admin", False),
    ("Equals", None, "admin", False),
    ("Equals", None, "None", False),
    ("Equals", ["admin"], "admin", False),
    ("Equals", ["admin"], "['admin']", False),
    ("Equals", {"admin": True}, "admin", False),
    ("Equals", True, "true", True),
    ("Equals", True, "True", False),
    ("Equals", True, "1", False),
    ("Equals", False, "false", True),
    ("Equals", 1, "1", True),
    ("Equals", 1, "true", False),
    ("Equals", 1, "01", False),
    ("Equals", 1.0, "1", False),
    ("Equals", 1.0, "1.0", False),
    ("Equals", 10**20, str(10**20), True),
    ("Contains", "team-admin", "admin", True),
    ("Contains", "team-Admin", "admin", False),
    ("Contains", ["users", "admin"], "admin", True),
    ("Contains", ["users", "administrators"], "admin", False),
    ("Contains", ["Admin"], "admin", False),
    ("Contains", [["admin"]], "admin", False),
    ("Contains", ["admin", 1], "admin", False),
    ("Contains", [], "admin", False),
    ("Contains", {"admin": 1}, "admin", False),
    ("Contains", 12, "1", False),
    ("Contains", True, "true", False),
    ("Contains", None, "admin", False),
    ("StartsWith", "admin-1", "admin", True),
    ("StartsWith", "an admin", "admin", False),
    ("StartsWith", ["admin"], "admin", False),
    ("StartsWith", 12, "1", False),
    ("NotEqual", "user", "admin", True),
    ("NotEqual", "admin", "admin", False),
    ("NotEqual", None, "admin", False),
    ("NotEqual", ["user"], "admin", False),
    ("NotEqual", True, "false", True),
    ("NotEqual", 1.5, "1", False),
    ("equals", "admin", "admin", False),
]


@pytest.mark.parametrize(("match_type", "claim", "value", "expected"), TABLE)
def test_a_claim_is_compared_as_what_it_is(match_type: str, claim: Any, value: str, expected: bool) -> None:
    assert matches(match_type, claim, value) is expected
