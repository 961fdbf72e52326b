"""AWS's sentence, letter for letter."""

import pytest

from gatepass.policy import ANONYMOUS, Caller, PolicyType, Query, Verdict, denial_message
from gatepass.policy.wording import masked

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
