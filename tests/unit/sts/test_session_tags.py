"""Session tags and source identity: what may be passed, who may pass it, and what a chain of roles hands on."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.sts.service import ACCOUNT, Credentials, Sts, allow, trusting

from gatepass.store import Role

DELEGATED = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
DUPLICATE = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
NOT_INCLUDED = "The specified transitive tag key must be included in the requested tags."
CONFLICT = (
    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from"
    " the calling session."
)
EVERYTHING = allow("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")


def tags(**given: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in given.items()]


@pytest.fixture
def user(sts: Sts) -> Credentials:
    return sts.user("u", EVERYTHING)[1]


@pytest.fixture
def role(sts: Sts) -> Role:
    """A role that may be taken with tags, and may take others."""
    return sts.role("r", trusting(DELEGATED, "sts:*"), EVERYTHING)


def refused(sts: Sts, credentials: Credentials, role: Role, **more: Any) -> tuple[int, str, str]:
    return sts.refusal("AssumeRole", credentials, RoleArn=role.arn, RoleSessionName="session", **more)


def denied(caller: str, action: str, role: Role) -> tuple[int, str, str]:
    text = f"User: {caller} is not authorized to perform: {action} on resource: {role.arn}"
    return 403, "AccessDenied", text


# --- what may be said; recorded from AWS


@pytest.mark.parametrize(
    ("given", "transitive", "message"),
    [
        (tags(team="a") + tags(team="b"), [], DUPLICATE),
        (tags(team="a", TEAM="a"), [], DUPLICATE),
        (tags(team="a"), ["project"], NOT_INCLUDED),
        ([], ["team"], NOT_INCLUDED),
    ],
)
def test_tags_that_contradict_themselves(
    sts: Sts, user: Credentials, role: Role, given: list[Any], transitive: list[str], message: str
) -> None:
    more = {"Tags": given, "TransitiveTagKeys": transitive}
    assert refused(sts, user, role, **more) == (400, "InvalidParameterValue", message)


def test_a_transitive_key_is_a_tags_in_any_case(sts: Sts, user: Credentials, role: Role) -> None:
    session = sts.principal(sts.assume(user, role, Tags=tags(Team="a"), TransitiveTagKeys=["tEAM"]))
    assert (session.tags, session.transitive_tag_keys) == ({"Team": "a"}, ("tEAM",))


def test_reserved_keys(sts: Sts, user: Credentials, role: Role) -> None:
    for key in ("aws:team", "AWS:x"):
        assert refused(sts, user, role, Tags=[{"Key": key, "Value": ""}])[:2] == (400, "InvalidParameterValue")


@pytest.mark.parametrize(
    "given",
    [
        [{"Key": "", "Value": "x"}],
        [{"Key": "k" * 129, "Value": "x"}],
        [{"Key": "k", "Value": "v" * 257}],
        [{"Key": "k", "Value": "a;b"}],
        [{"Key": "*", "Value": "x"}],
        [{"Key": "k"}],
        [{"Key": f"k{number}", "Value": ""} for number in range(51)],
    ],
    ids=lambda given: str(given)[:40],
)
def test_tags_that_are_none(sts: Sts, user: Credentials, role: Role, given: list[Any]) -> None:
    assert refused(sts, user, role, Tags=given)[:2] == (400, "ValidationError")


# --- who may


def test_tags_need_a_permission(sts: Sts, user: Credentials) -> None:
    """Of the caller's policies and of the role's."""
    plain = sts.role("plain", trusting(DELEGATED))
    assert sts.assume(user, plain)
    arn = f"arn:aws:iam::{ACCOUNT}:user/u"
    assert refused(sts, user, plain, Tags=tags(team="a")) == denied(arn, "sts:TagSession", plain)
    assert sts.notes == ["no trust policy allows sts:TagSession on role `plain`"]
    _, other = sts.user("other", allow("sts:AssumeRole"))
    tagging = sts.role("tagging", trusting(DELEGATED, "sts:AssumeRole", "sts:TagSession"))
    arn = f"arn:aws:iam::{ACCOUNT}:user/other"
    assert refused(sts, other, tagging, Tags=tags(team="a")) == denied(arn, "sts:TagSession", tagging)


def test_conditions_see_the_tags(sts: Sts, user: Credentials) -> None:
    condition = {
        "StringEquals": {"aws:RequestTag/team": ["a", "b"]},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "job"], "sts:TransitiveTagKeys": ["team"]},
    }
    role = sts.role("choosy", trusting(DELEGATED, "sts:AssumeRole", "sts:TagSession", condition=condition))
    assert sts.assume(user, role, Tags=tags(team="a", job="7"), TransitiveTagKeys=["team"])
    for wrong in (
        {},
        {"Tags": tags(team="c")},
        {"Tags": tags(team="a", more="x")},
        {"Tags": tags(team="a", job="7"), "TransitiveTagKeys": ["job"]},
    ):
        assert refused(sts, user, role, **wrong)[:2] == (403, "AccessDenied")


def test_a_tag_of_the_request_is_not_the_roles_nor_the_callers(sts: Sts) -> None:
    """One name, three tags: of the request, of the role, of the caller. AWS itself once took one for another (2024),
    so that a condition that compared two of them was always true."""
    pairs = {
        "role": ("aws:RequestTag/team", "${aws:ResourceTag/team}"),
        "caller": ("aws:RequestTag/team", "${aws:PrincipalTag/team}"),
        "both": ("aws:PrincipalTag/team", "${aws:ResourceTag/team}"),
    }
    _, key = sts.user("u", EVERYTHING, tags={"team": "callers"})
    for name, (left, right) in pairs.items():
        trust = trusting(DELEGATED, "sts:*", condition={"StringEquals": {left: right}})
        role = sts.role(name, trust, tags={"team": "roles"})
        allowed = {
            asked
            for asked in ("roles", "callers", "other", None)
            if sts.send(
                "AssumeRole",
                key,
                {
                    "RoleArn": role.arn,
                    "RoleSessionName": "session",
                    **({} if asked is None else {"Tags.member.1.Key": "team", "Tags.member.1.Value": asked}),
                },
            ).status
            == 200
        }
        assert allowed == {"role": {"roles"}, "caller": {"callers"}, "both": set()}[name]


def test_tags_that_are_not_there_equal_nothing(sts: Sts, user: Credentials) -> None:
    """Neither side has a value: a condition that compares them does not hold."""
    condition = {"StringEquals": {"aws:RequestTag/team": "${aws:PrincipalTag/team}"}}
    role = sts.role("r", trusting(DELEGATED, "sts:*", condition=condition))
    assert refused(sts, user, role)[:2] == (403, "AccessDenied")
    assert refused(sts, user, role, Tags=tags(team=""))[:2] == (403, "AccessDenied")


# --- what goes on


def test_tags_of_a_session_are_known_to_policies(sts: Sts, user: Credentials, role: Role) -> None:
    """As `aws:PrincipalTag`, before those of the role."""
    condition = {"StringEquals": {"aws:PrincipalTag/team": "sessions"}}
    target = sts.role("target", trusting(DELEGATED, condition=condition))
    tagged = sts.role("tagged", trusting(DELEGATED, "sts:*"), EVERYTHING, tags={"Team": "roles"})
    assert sts.assume(sts.assume(user, tagged, Tags=tags(team="sessions")), target)
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/tagged/session"
    assert refused(sts, sts.assume(user, tagged), target) == denied(arn, "sts:AssumeRole", target)


def test_only_transitive_tags_go_on_and_stay(sts: Sts, user: Credentials, role: Role) -> None:
    first = sts.assume(user, role, Tags=tags(team="a", job="7"), TransitiveTagKeys=["team"])
    second = sts.assume(first, role, Tags=tags(step="2"))
    third = sts.assume(second, role)
    assert sts.principal(first).tags == {"team": "a", "job": "7"}
    assert sts.principal(second).tags == {"team": "a", "step": "2"}
    assert (sts.principal(third).tags, sts.principal(third).transitive_tag_keys) == ({"team": "a"}, ("team",))


def test_a_transitive_tag_cannot_be_changed(sts: Sts, user: Credentials, role: Role) -> None:
    """Not even to what it is; recorded from AWS."""
    first = sts.assume(user, role, Tags=tags(team="a"), TransitiveTagKeys=["team"])
    for key in ("team", "TEAM"):
        assert refused(sts, first, role, Tags=tags(**{key: "a"})) == (400, "InvalidParameterValue", CONFLICT)
    second = sts.assume(first, role)
    assert refused(sts, second, role, Tags=tags(team="b"))[2] == CONFLICT


def test_tags_that_are_handed_on_need_the_permission_too(sts: Sts, user: Credentials, role: Role) -> None:
    """Measured on AWS by others: without `sts:TagSession` in its trust policy, a role ends such a chain."""
    plain = sts.role("plain", trusting(DELEGATED))
    plain_session, tagged = sts.assume(user, role), sts.assume(user, role, Tags=tags(a="b"), TransitiveTagKeys=["a"])
    assert sts.assume(plain_session, plain)
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/r/session"
    assert refused(sts, tagged, plain) == denied(arn, "sts:TagSession", plain)


def test_the_keys_a_role_takes_are_those_its_session_gets(sts: Sts, user: Credentials, role: Role) -> None:
    """A role that takes `team` only is not taken by who hands on something else."""
    condition = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    only_team = sts.role("only-team", trusting(DELEGATED, "sts:*", condition=condition))
    team = sts.assume(user, role, Tags=tags(team="a"), TransitiveTagKeys=["team"])
    other = sts.assume(user, role, Tags=tags(clearance="top"), TransitiveTagKeys=["clearance"])
    assert sts.assume(team, only_team)
    assert refused(sts, other, only_team)[:2] == (403, "AccessDenied")
    assert refused(sts, team, only_team, Tags=tags(clearance="top"))[:2] == (403, "AccessDenied")


def test_there_are_at_most_fifty(sts: Sts, user: Credentials, role: Role) -> None:
    many = {f"k{number}": "" for number in range(50)}
    full = sts.assume(user, role, Tags=tags(**many), TransitiveTagKeys=list(many))
    assert len(sts.principal(sts.assume(full, role)).tags) == 50
    assert refused(sts, full, role, Tags=tags(more=""))[:2] == (400, "InvalidParameterValue")


# --- who began it


def test_source_identity_stays(sts: Sts, user: Credentials, role: Role) -> None:
    """It is answered, known to policies, and never changed."""
    given = {"RoleArn": role.arn, "RoleSessionName": "session"}
    assert sts.ask("AssumeRole", user, **given, SourceIdentity="alice")["SourceIdentity"] == "alice"
    first = sts.assume(user, role, SourceIdentity="alice")
    second = sts.ask("AssumeRole", first, **given)
    assert second["SourceIdentity"] == "alice"
    assert sts.ask("AssumeRole", first, **given, SourceIdentity="alice")["SourceIdentity"] == "alice"
    text = "The source identity is already set for this assume role session"
    assert refused(sts, first, role, SourceIdentity="bob") == (400, "ValidationError", text)


def test_source_identity_needs_a_permission_at_every_hop(sts: Sts, user: Credentials, role: Role) -> None:
    plain = sts.role("plain", trusting(DELEGATED, "sts:AssumeRole", "sts:TagSession"))
    arn = f"arn:aws:iam::{ACCOUNT}:user/u"
    assert refused(sts, user, plain, SourceIdentity="alice") == denied(arn, "sts:SetSourceIdentity", plain)
    first = sts.assume(user, role, SourceIdentity="alice")
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/r/session"
    assert refused(sts, first, plain) == denied(arn, "sts:SetSourceIdentity", plain)
