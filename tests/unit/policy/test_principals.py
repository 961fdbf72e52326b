"""Whom a Principal names and how strongly, and whom a NotPrincipal lets off."""

from typing import Any

import pytest

from gatepass.policy import ANONYMOUS, COGNITO, Caller
from gatepass.policy.document import document_of
from gatepass.policy.principals import Grant, Principals, account_of

OWN = "111122223333"
ROLE = f"arn:aws:iam::{OWN}:role/p/R"
SESSION = Caller("role-session", f"arn:aws:sts::{OWN}:assumed-role/R/s", OWN, ROLE)
USER = Caller("user", f"arn:aws:iam::{OWN}:user/alice", OWN)
ROOT = Caller("root", f"arn:aws:iam::{OWN}:root", OWN)
SERVICE = Caller("service", "lambda.amazonaws.com")


def principals(given: Any, *, negated: bool = False, generous: bool = False) -> Principals:
    raw = {"Effect": "Allow", "Action": "*", "NotPrincipal" if negated else "Principal": given}
    read = document_of({"Statement": raw}).statements[0].principals
    assert read is not None
    return Principals(read, negated=negated, generous=generous)


@pytest.mark.parametrize(
    ("given", "caller", "grant"),
    [
        ("*", SESSION, Grant.LIMITED),
        ({"AWS": "*"}, USER, Grant.LIMITED),
        ({"AWS": SESSION.arn}, SESSION, Grant.DIRECT),
        ({"AWS": ROLE}, SESSION, Grant.LIMITED),
        ({"AWS": ROLE}, SESSION._replace(arn=ROLE), Grant.LIMITED),
        ({"AWS": OWN}, SESSION, Grant.DELEGATED),
        ({"AWS": f"arn:aws:iam::{OWN}:root"}, USER, Grant.DELEGATED),
        ({"AWS": USER.arn}, USER, Grant.DIRECT),
        ({"AWS": [OWN, USER.arn]}, USER, Grant.DIRECT),
        ({"AWS": ROOT.arn}, ROOT, Grant.DELEGATED),
        ({"AWS": "arn:aws:iam::111122223333:user/bob"}, USER, Grant.NONE),
        ({"AWS": "999988887777"}, USER, Grant.NONE),
        ({"AWS": "arn:aws:iam::999988887777:user/alice"}, USER, Grant.NONE),
        ({"AWS": "arn:aws:iam::999988887777:role/p/R"}, SESSION, Grant.NONE),
        ({"AWS": "arn:aws:sts::999988887777:assumed-role/R/s"}, SESSION, Grant.NONE),
        ({"AWS": f"arn:aws:sts::{OWN}:assumed-role/R/other"}, SESSION, Grant.NONE),
        ({"AWS": f"arn:aws:iam::{OWN}:role/p/R"}, USER._replace(arn=f"arn:aws:iam::{OWN}:user/p/R"), Grant.NONE),
        ({"AWS": f"arn:aws:iam::{OWN}:user/*"}, USER, Grant.NONE),
        ({"AWS": f"arn:aws:iam::{OWN}:role/R"}, SESSION, Grant.NONE),
        ({"Federated": COGNITO.arn}, COGNITO, Grant.DIRECT),
        ({"Federated": "accounts.google.com"}, COGNITO, Grant.NONE),
        ({"Service": COGNITO.arn}, COGNITO, Grant.NONE),
        ({"Service": SERVICE.arn}, SERVICE, Grant.DIRECT),
        ({"Federated": "*"}, COGNITO, Grant.NONE),
        ({"AWS": "*"}, COGNITO, Grant.NONE),
        ({"AWS": "*"}, SERVICE, Grant.NONE),
        ("*", COGNITO, Grant.LIMITED),
        ("*", ANONYMOUS, Grant.LIMITED),
        ({"AWS": "*"}, ANONYMOUS, Grant.LIMITED),
        ({"AWS": OWN}, ANONYMOUS, Grant.NONE),
        ({"CanonicalUser": "abc"}, USER, Grant.NONE),
        ({}, USER, Grant.NONE),
    ],
)
def test_how_strongly_an_allow_names_the_caller(given: Any, caller: Caller, grant: Grant) -> None:
    assert principals(given).grant(caller) is grant


@pytest.mark.parametrize(
    ("given", "caller"),
    [
        ({"AWS": f"arn:aws:iam::{OWN}:user/*"}, USER),
        ({"AWS": f"arn:aws:iam::{OWN}:role/*"}, SESSION),
        ({"AWS": "*"}, COGNITO),
        ({"Federated": "*"}, COGNITO),
        ({"Service": "*"}, SERVICE),
    ],
)
def test_a_deny_takes_wildcards_aws_has_not(given: Any, caller: Caller) -> None:
    assert principals(given).grant(caller) is Grant.NONE
    assert principals(given, generous=True).grant(caller) is not Grant.NONE


@pytest.mark.parametrize(
    ("given", "caller", "escapes"),
    [
        ({"AWS": [SESSION.arn, ROLE, OWN]}, SESSION, True),
        ({"AWS": [SESSION.arn, ROLE]}, SESSION, False),
        ({"AWS": [SESSION.arn, OWN]}, SESSION, False),
        ({"AWS": [ROLE, OWN]}, SESSION, False),
        ({"AWS": [USER.arn, OWN]}, USER, True),
        ({"AWS": USER.arn}, USER, False),
        ({"AWS": OWN}, USER, False),
        ({"AWS": OWN}, ROOT, True),
        ({"AWS": "*"}, USER, True),
        ("*", USER, True),
        ({"Federated": COGNITO.arn}, COGNITO, True),
        ({"AWS": OWN}, COGNITO, False),
        ({"Service": SERVICE.arn}, SERVICE, True),
        ({"AWS": OWN}, ANONYMOUS, False),
    ],
)
def test_a_not_principal_lets_off_who_is_listed_in_full(given: Any, caller: Caller, escapes: bool) -> None:
    assert principals(given, negated=True).names_fully(caller) is escapes


@pytest.mark.parametrize(
    ("name", "account"),
    [
        (OWN, OWN),
        (f"arn:aws:iam::{OWN}:root", OWN),
        (f"arn:aws-cn:iam::{OWN}:root", OWN),
        (f"arn:aws:iam::{OWN}:user/root", None),
        ("12345678901", None),
        ("١٢٣٤٥٦٧٨٩٠١٢", None),
        ("*", None),
    ],
)
def test_accounts(name: str, account: str | None) -> None:
    assert account_of(name) == account


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anonymous", ANONYMOUS),
        (COGNITO.arn, COGNITO),
        ("accounts.google.com", Caller("federated", "accounts.google.com")),
        (SERVICE.arn, SERVICE),
        (USER.arn, USER),
        (ROOT.arn, ROOT),
        (SESSION.arn, SESSION._replace(role_arn=f"arn:aws:iam::{OWN}:role/R")),
        (ROLE, Caller("role-session", ROLE, OWN, ROLE)),
        (
            f"arn:aws:sts::{OWN}:federated-user/bob",
            Caller("federated-user", f"arn:aws:sts::{OWN}:federated-user/bob", OWN),
        ),
        (
            f"arn:aws:iam::{OWN}:oidc-provider/example.com",
            Caller("federated", f"arn:aws:iam::{OWN}:oidc-provider/example.com"),
        ),
    ],
)
def test_callers_are_read_from_what_people_write(text: str, expected: Caller) -> None:
    assert Caller.from_arn(text) == expected
