"""The rule over every possible finding, beside the sentences it was made of."""

from collections.abc import Iterator
from itertools import product

import pytest

from gatepass.policy import PolicyType
from gatepass.policy.combine import Findings, combine
from gatepass.policy.principals import Grant

OPTIONAL = (None, True, False)


def every_finding() -> Iterator[Findings]:
    for parts in product(
        (None, *PolicyType),
        (True, False),
        (True, False),
        (True, False),
        tuple(Grant),
        (True, False),
        OPTIONAL,
        OPTIONAL,
        OPTIONAL,
        OPTIONAL,
    ):
        found = Findings(*parts)
        if found.has_account or found.same_account:  # who has no account is never of another one
            yield found


def expected(found: Findings) -> str:
    """In the order of the documentation's flow chart."""
    if found.denied:
        return "explicitDeny"
    if found.scp is False or found.vpce is False:
        return "implicitDeny"
    if found.same_account and found.resource == Grant.DIRECT:
        return "allowed"
    limits = found.boundary is not False and found.session is not False
    granted = (found.identity and found.has_account) or (found.same_account and found.resource == Grant.LIMITED)
    named = found.resource != Grant.NONE or (found.same_account and not found.must_grant)
    return "allowed" if granted and limits and named else "implicitDeny"


def test_every_finding_is_decided_as_the_rules_say() -> None:
    count = 0
    for found in every_finding():
        count += 1
        assert combine(found)[0] == expected(found), found
    assert count == 9 * 3 * 2 * 4 * 2 * 81


def test_the_type_named_is_one_that_could_change_the_outcome() -> None:
    """Of an implicit deny: a finding better in that type only is decided otherwise, or by another type."""
    better = {
        PolicyType.IDENTITY: {"identity": True},
        PolicyType.BOUNDARY: {"boundary": True},
        PolicyType.SESSION: {"session": True},
        PolicyType.SCP: {"scp": True},
        PolicyType.VPCE: {"vpce": True},
        PolicyType.RESOURCE: {"resource": Grant.DIRECT},
    }
    for found in every_finding():
        outcome, named = combine(found)
        if outcome == "implicitDeny":
            assert combine(found._replace(**better[named])) != (outcome, named), found  # type: ignore[arg-type]


def test_more_is_never_less() -> None:
    """An Allow more, or a limit less, never makes a denial of what was allowed; no Deny does."""
    for found in every_finding():
        if combine(found)[0] != "allowed":
            continue
        assert combine(found._replace(identity=True))[0] == "allowed"
        for name in ("boundary", "session", "scp", "vpce"):
            assert combine(found._replace(**{name: True}))[0] == "allowed"  # type: ignore[arg-type]
            assert combine(found._replace(**{name: None}))[0] == "allowed"  # type: ignore[arg-type]
        if found.same_account:
            assert combine(found._replace(resource=Grant.DIRECT))[0] == "allowed"
        for denied in PolicyType:
            assert combine(found._replace(denied=denied)) == ("explicitDeny", denied)


@pytest.mark.parametrize(
    ("grant", "identity", "boundary", "session", "outcome"),
    [
        (Grant.DIRECT, False, False, False, "allowed"),
        (Grant.LIMITED, False, None, None, "allowed"),
        (Grant.LIMITED, False, False, None, "implicitDeny"),
        (Grant.LIMITED, False, None, False, "implicitDeny"),
        (Grant.LIMITED, False, True, True, "allowed"),
        (Grant.DELEGATED, False, None, None, "implicitDeny"),
        (Grant.DELEGATED, True, None, None, "allowed"),
        (Grant.DELEGATED, True, False, None, "implicitDeny"),
        (Grant.NONE, True, True, True, "allowed"),
        (Grant.NONE, True, True, False, "implicitDeny"),
    ],
)
def test_the_table_of_principal_kinds(
    grant: Grant, identity: bool, boundary: bool | None, session: bool | None, outcome: str
) -> None:
    assert combine(Findings(identity=identity, resource=grant, boundary=boundary, session=session))[0] == outcome


@pytest.mark.parametrize("grant", Grant)
def test_across_accounts_both_sides_must_allow(grant: Grant) -> None:
    both = combine(Findings(same_account=False, identity=True, resource=grant))
    assert both == (("implicitDeny", PolicyType.RESOURCE) if grant is Grant.NONE else ("allowed", PolicyType.IDENTITY))
    alone = combine(Findings(same_account=False, identity=False, resource=grant))
    assert alone == ("implicitDeny", PolicyType.IDENTITY)


def test_nobody_takes_a_role_without_its_trust_policy() -> None:
    found = Findings(identity=True, must_grant=True)
    assert combine(found) == ("implicitDeny", PolicyType.RESOURCE)
    assert combine(found._replace(resource=Grant.DELEGATED)) == ("allowed", PolicyType.IDENTITY)


def test_who_has_no_account_is_told_of_the_resource_policy() -> None:
    assert combine(Findings(has_account=False)) == ("implicitDeny", PolicyType.RESOURCE)


def test_who_has_no_account_has_no_identity_policies() -> None:
    found = Findings(has_account=False, identity=True)
    assert combine(found) == ("implicitDeny", PolicyType.RESOURCE)
    assert combine(found._replace(resource=Grant.LIMITED)) == ("allowed", PolicyType.RESOURCE)
