"""Credentials from `GetSessionToken`: the user's own for a time, and not for IAM, nor for most of STS."""

import pytest
from tests.unit.server.conftest import House, text_in

from gatepass.server.operations import OPERATIONS
from gatepass.sigv4 import Keys

IAM = sorted(name for service, name in OPERATIONS if service == "iam")
STS_NEVER = ("DecodeAuthorizationMessage", "GetAccessKeyInfo", "GetSessionToken")
INVALID = "The security token included in the request is invalid"


@pytest.fixture(params=["user", "root"])
def session(house: House, request: pytest.FixtureRequest) -> Keys:
    """Of someone who may do everything."""
    return house.session(house.administrator if request.param == "root" else house.user("u", "*"))


def refusal(house: House, service: str, name: str, keys: Keys, **given: str) -> tuple[int, str, str]:
    answer = house.query(service, name, keys, **given)
    return answer.status, text_in(answer, "Code"), text_in(answer, "Message")


def test_no_operation_of_iam(house: House, session: Keys) -> None:
    """Whatever the policies allow and whatever is given: a key that IAM does not know."""
    for name in IAM:
        assert refusal(house, "iam", name, session) == (403, "InvalidClientTokenId", INVALID), name


def test_of_sts_only_two(house: House, session: Keys) -> None:
    """`GetCallerIdentity` and `AssumeRole`, which says its own of a role that is not there."""
    for name in STS_NEVER:
        text = f"Cannot call {name} with session credentials"
        given = {"AccessKeyId": session.access_key_id, "EncodedMessage": "x"}
        assert refusal(house, "sts", name, session, **given) == (403, "AccessDenied", text)
    assert house.query("sts", "GetCallerIdentity", session).status == 200
    role = {"RoleArn": "arn:aws:iam::123456789012:role/none", "RoleSessionName": "session"}
    assert "session credentials" not in refusal(house, "sts", "AssumeRole", session, **role)[2]


def test_every_other_service(house: House, session: Keys) -> None:
    """Cognito Identity and the API take them."""
    assert "IdentityPools" in house.cognito("ListIdentityPools", session, MaxResults=1)
    assert house.send(house.signed("GET", b"/api/pets/1", session)).status == 200


def test_what_has_no_signature_is_not_refused_for_its_session(house: House, session: Keys) -> None:
    """The signature comes first: who only knows the token learns nothing."""
    forged = session._replace(secret_access_key="x" * 40)
    assert refusal(house, "iam", "ListUsers", forged)[1] == "SignatureDoesNotMatch"


def test_sessions_of_roles_are_no_such_sessions(house: House) -> None:
    """They may call IAM and STS as their role allows."""
    answer = house.query("iam", "ListUsers", house.guest())
    assert (answer.status, text_in(answer, "Code")) == (403, "AccessDenied")


def test_the_decision_log_says_why(house: House, session: Keys) -> None:
    answer = house.query("iam", "ListUsers", session)
    assert house.decision(answer)["detail"] == (
        "credentials from GetSessionToken are not taken for iam:ListUsers without MFA; use the access key itself"
    )


def arn_of(house: House, keys: Keys) -> str:
    answer = house.query("sts", "GetCallerIdentity", keys)
    return text_in(answer, "Arn") or text_in(answer, "Code")


def rename(house: House, old: str, new: str, path: str = "/") -> None:
    given = {"UserName": old, "NewUserName": new, "NewPath": path}
    assert house.query("iam", "UpdateUser", house.administrator, **given).status == 200


def test_a_renamed_users_session_goes_on(house: House) -> None:
    """With the rights and the name that the user has now; so does one that was made before two renames."""
    key = house.user("ann", "execute-api:Invoke")
    session = house.session(key)
    for name, path in (("anna", "/"), ("annabel", "/team/")):
        assert arn_of(house, session) != "InvalidClientTokenId"
        rename(house, arn_of(house, key).rpartition("/")[2], name, path)
        assert arn_of(house, session) == arn_of(house, key) == f"arn:aws:iam::123456789012:user{path}{name}"
        assert house.send(house.signed("GET", b"/api/pets/1", session)).status == 200
    assert (
        house.query("iam", "DeleteUserPolicy", house.administrator, UserName="annabel", PolicyName="may").status == 200
    )
    assert house.send(house.signed("GET", b"/api/pets/1", session)).status == 403


def test_nobody_inherits_a_session(house: House) -> None:
    """Who gets the old name has another id: the session stays with who had it, and ends with who had it."""
    session = house.session(house.user("ann"))
    rename(house, "ann", "anna")
    other = house.user("ann", "execute-api:Invoke")
    assert house.send(house.signed("GET", b"/api/pets/1", other)).status == 200
    assert arn_of(house, session).endswith("user/anna")
    assert house.send(house.signed("GET", b"/api/pets/1", session)).status == 403, "rights of the new one"
    rename(house, "ann", "zoe")
    rename(house, "anna", "ann")
    assert arn_of(house, session).endswith("user/ann"), "names may be swapped"
    keys = house.query("iam", "ListAccessKeys", house.administrator, UserName="ann")
    given = {"UserName": "ann", "AccessKeyId": text_in(keys, "AccessKeyId")}
    assert house.query("iam", "DeleteAccessKey", house.administrator, **given).status == 200
    assert house.query("iam", "DeleteUser", house.administrator, UserName="ann").status == 200
    assert arn_of(house, session) == "InvalidClientTokenId"
    rename(house, "zoe", "ann")
    assert arn_of(house, session) == "InvalidClientTokenId"
