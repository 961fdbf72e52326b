"""AWS's sentence, letter for letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatepass.policy import ANONYMOUS, Caller, Policies, PolicyType, Query, Verdict, denial_message, evaluate, explain
from gatepass.policy.wording import masked

if TYPE_CHECKING:
    from tests.unit.policy.conftest import Make

ROLE = "api-security-demo-IdentityPool-AuthenticatedDefaultRole"
CALLER = Caller(
    "role-session", f"arn:aws:sts::645143808269:assumed-role/{ROLE}/CognitoIdentityCredentials", "645143808269"
)
METHOD = "arn:aws:execute-api:eu-central-1:645143808269:gt4n9vo5yk/prod/GET/shop/0001/orders"
QUERY = Query("execute-api:Invoke", METHOD, CALLER)
BEGINNING = (
    f"User: arn:aws:sts::645143808269:assumed-role/{ROLE}/CognitoIdentityCredentials is not authorized to perform:"
    " execute-api:Invoke on resource:"
    " arn:aws:execute-api:eu-central-1:********8269:gt4n9vo5yk/prod/GET/shop/0001/orders"
)


@pytest.mark.parametrize(
    ("verdict", "ending"),
    [
        (
            Verdict("implicitDeny", PolicyType.IDENTITY),
            " because no identity-based policy allows the execute-api:Invoke action",
        ),
        (
            Verdict("implicitDeny", PolicyType.RESOURCE),
            " because no resource-based policy allows the execute-api:Invoke action",
        ),
        (
            Verdict("implicitDeny", PolicyType.SESSION),
            " because no session policy allows the execute-api:Invoke action",
        ),
        (
            Verdict("implicitDeny", PolicyType.BOUNDARY),
            " because no permissions boundary allows the execute-api:Invoke action",
        ),
        (
            Verdict("implicitDeny", PolicyType.SCP),
            " because no service control policy allows the execute-api:Invoke action",
        ),
        (
            Verdict("implicitDeny", PolicyType.TRUST),
            " because no role trust policy allows the execute-api:Invoke action",
        ),
        (Verdict("explicitDeny", PolicyType.IDENTITY), " with an explicit deny in an identity-based policy"),
        (Verdict("explicitDeny", PolicyType.RESOURCE), " with an explicit deny in a resource-based policy"),
        (Verdict("explicitDeny", PolicyType.SESSION), " with an explicit deny in a session policy"),
        (Verdict("explicitDeny", PolicyType.BOUNDARY), " with an explicit deny in a permissions boundary"),
        (Verdict("explicitDeny", PolicyType.SCP), " with an explicit deny in a service control policy"),
        (Verdict("explicitDeny", PolicyType.RCP), " with an explicit deny in a resource control policy"),
        (Verdict("explicitDeny", PolicyType.VPCE), " with an explicit deny in a VPC endpoint policy"),
        (Verdict("explicitDeny", PolicyType.TRUST), " with an explicit deny in the role trust policy"),
        (Verdict("implicitDeny"), ""),
    ],
)
def test_the_sentence_names_the_policy_type(verdict: Verdict, ending: str) -> None:
    assert denial_message(verdict, QUERY, mask_account=True) == BEGINNING + ending


def test_the_account_is_hidden_only_where_asked_and_only_in_the_resource() -> None:
    assert METHOD in denial_message(Verdict("implicitDeny", PolicyType.IDENTITY), QUERY)
    assert "645143808269:assumed-role" in BEGINNING


def test_a_caller_without_a_signature_is_anonymous() -> None:
    message = denial_message(Verdict("implicitDeny", PolicyType.RESOURCE), QUERY._replace(caller=ANONYMOUS))
    assert message.startswith("User: anonymous is not authorized to perform: execute-api:Invoke on resource: ")


@pytest.mark.parametrize("resource", ["*", "arn:aws:s3:::bucket", "no arn"])
def test_what_has_no_account_is_left_alone(resource: str) -> None:
    assert masked(resource) == resource


# --- from policies to the sentence

ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
DENY: dict[str, Any] = {**ALLOW, "Effect": "Deny", "Principal": "*"}
NAMES = {
    PolicyType.IDENTITY: "an identity-based policy",
    PolicyType.SESSION: "a session policy",
    PolicyType.BOUNDARY: "a permissions boundary",
    PolicyType.SCP: "a service control policy",
    PolicyType.RESOURCE: "a resource-based policy",
    PolicyType.RCP: "a resource control policy",
    PolicyType.VPCE: "a VPC endpoint policy",
}


def denying(make: Make, types: list[PolicyType]) -> Policies:
    """An identity that allows, and a Deny in a policy of each of these types."""
    pools = {policy_type: [make(DENY, type=policy_type)] for policy_type in types}
    levels = {name: [pools[each]] for name, each in (("scp", PolicyType.SCP), ("rcp", PolicyType.RCP)) if each in pools}
    return Policies(
        [make(ALLOW), *pools.get(PolicyType.IDENTITY, [])],
        session=pools.get(PolicyType.SESSION),
        boundary=pools.get(PolicyType.BOUNDARY),
        resource=pools.get(PolicyType.RESOURCE, []),
        vpce=pools.get(PolicyType.VPCE),
        **levels,
    )


@pytest.mark.parametrize("policy_type", NAMES)
def test_a_deny_names_its_type(make: Make, policy_type: PolicyType) -> None:
    policies = denying(make, [policy_type])
    message = denial_message(evaluate(policies, QUERY), QUERY, mask_account=True)
    assert message == f"{BEGINNING} with an explicit deny in {NAMES[policy_type]}"
    assert explain(policies, QUERY).message == denial_message(evaluate(policies, QUERY), QUERY)


@pytest.mark.parametrize("first", range(len(NAMES)))
def test_of_several_types_that_deny_one_is_named(make: Make, first: int) -> None:
    types = list(NAMES)[first:]
    policies = denying(make, types)
    message = denial_message(evaluate(policies, QUERY), QUERY, mask_account=True)
    assert message == f"{BEGINNING} with an explicit deny in {NAMES[types[0]]}"
    assert explain(policies, QUERY).verdict == evaluate(policies, QUERY)


@pytest.mark.parametrize(
    ("silent", "name"),
    [
        (["identity", "session", "boundary"], "identity-based policy"),
        (["session", "boundary"], "permissions boundary"),
        (["session"], "session policy"),
    ],
)
def test_an_implicit_deny_names_the_type_that_does_not_allow(make: Make, silent: list[str], name: str) -> None:
    pools = {each: [make({**ALLOW, "Action": "s3:*"} if each in silent else ALLOW, type=PolicyType(each))]
             for each in ("identity", "session", "boundary")}  # fmt: skip
    policies = Policies(pools["identity"], pools["session"], pools["boundary"])
    message = denial_message(evaluate(policies, QUERY), QUERY, mask_account=True)
    assert message == f"{BEGINNING} because no {name} allows the execute-api:Invoke action"


@pytest.mark.parametrize(("caller", "owner"), [(ANONYMOUS, ""), (CALLER, "999988887777")])
def test_who_needs_the_resource_policy_is_told_of_it(make: Make, caller: Caller, owner: str) -> None:
    """Anonymous callers, and callers of another account whose identity policy allows."""
    query = QUERY._replace(caller=caller, resource_account=owner)
    message = denial_message(evaluate(Policies([make(ALLOW)]), query), query, mask_account=True)
    assert message == (
        f"User: {caller.arn} is not authorized to perform: execute-api:Invoke on resource: {masked(METHOD)}"
        " because no resource-based policy allows the execute-api:Invoke action"
    )
