"""Text that a store, XML or UTF-8 cannot hold, in every text of every operation's input: never an answer of 5xx."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from tests.unit.server.conftest import DEPLOYMENT, HOST, House, keys_in, opened, text_in

from gatepass.http import Request, Response
from gatepass.operation import Operation
from gatepass.server.operations import OPERATIONS
from gatepass.wire.constraints import Enum, Kind, Length, ListOf, MapOf, Range, Scalar, shape_of

ALLOW = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
TRUST = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}'
IAM = f"arn:aws:iam::{DEPLOYMENT.account}:"
KEY, VALUE = "{key}", "{value}"
VERSIONS = {"sts": "2011-06-15", "iam": "2010-05-08"}

Path_ = tuple[str, ...]


@pytest.fixture(params=["sqlite", "postgresql"])
def furnished(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Furnished]:
    url = None if request.param == "sqlite" else request.getfixturevalue("database")
    with opened(tmp_path / "data", url) as house:
        yield Furnished(house)


class Furnished:
    """A house with one of each in its store, and the values of members that lead to them."""

    def __init__(self, house: House) -> None:
        self.house = house
        root = house.administrator
        for name, given in (
            ("CreateRole", {"RoleName": "it", "AssumeRolePolicyDocument": TRUST}),
            ("CreateUser", {"UserName": "it"}),
            ("CreateGroup", {"GroupName": "it"}),
            ("CreatePolicy", {"PolicyName": "it", "PolicyDocument": ALLOW}),
            ("CreateOpenIDConnectProvider", {"Url": "https://it.example", "ThumbprintList.member.1": "0" * 40}),
        ):
            assert house.query("iam", name, root, **given).status == 200
        pool: str = house.cognito(
            "CreateIdentityPool",
            root,
            IdentityPoolName="it",
            AllowUnauthenticatedIdentities=True,
            AllowClassicFlow=True,
            DeveloperProviderName="it.example",
            SupportedLoginProviders={"accounts.google.com": "it"},
        )["IdentityPoolId"]
        self.numbers = count()
        login = {"it.example": "it"}
        token = house.cognito("GetOpenIdTokenForDeveloperIdentity", root, IdentityPoolId=pool, Logins=login)
        arn = f"arn:aws:cognito-identity:{DEPLOYMENT.region}:{DEPLOYMENT.account}:identitypool/{pool}"
        self.user = keys_in(house.query("iam", "CreateAccessKey", root, UserName="it"))
        self.values: dict[str, Any] = {
            **{f"{kind}Name": "it" for kind in ("Role", "User", "Group", "Policy", "NewUser", "NewGroup")},
            "PolicyArn": f"{IAM}policy/it",
            "PolicySourceArn": f"{IAM}role/it",
            "RoleArn": f"{IAM}role/it",
            "PermissionsBoundary": f"{IAM}policy/it",
            "CustomRoleArn": f"{IAM}role/it",
            "RoleARN": f"{IAM}role/it",
            "OpenIDConnectProviderArn": f"{IAM}oidc-provider/it.example",
            "PolicyDocument": ALLOW,
            "AssumeRolePolicyDocument": TRUST,
            "ActionNames": "s3:GetObject",
            "Url": "https://other.example",
            "ThumbprintList": "0" * 40,
            "VersionId": "v1",
            "Path": "/",
            "AccessKeyId": self.user.access_key_id,
            "Marker": "aXQ",
            "ContextKeyName": "aws:username",
            "IdentityPoolId": pool,
            "ResourceArn": arn,
            "DeveloperProviderName": "it.example",
            "IdentityId": token["IdentityId"],
            "IdentityIdsToDelete": f"{DEPLOYMENT.region}:0",
            "Claim": "it",
            "RoleSessionName": "it",
            "WebIdentityToken": token["Token"],
            "Roles" + KEY: "authenticated",
            "Logins" + KEY: "it.example",
            "RoleMappings" + KEY: "it.example",
            "ExternalId": "it",
            "arn": f"{IAM}policy/it",
            "SourceIdentity": "it",
            "SerialNumber": "123456789",
            "TokenCode": "123456",
            "IdentityProviderName": "accounts.google.com",
            "PolicyInputList": ALLOW,
            "Roles" + VALUE: f"{IAM}role/it",
            "RoleMappings" + KEY: "accounts.google.com",
            "OpenIdConnectProviderARNs": f"{IAM}oidc-provider/it.example",
            "LoginsToRemove": "accounts.google.com",
        }

    def whole(self, operation: Operation) -> dict[str, Any]:
        """What the operation must be given; what is to be made has a new name, and what was given before stays."""
        given: dict[str, Any] = self.sample(shape_of(operation.takes), "")
        more: dict[str, dict[str, Any]] = {
            "CreateOpenIDConnectProvider": {"Url": f"https://{next(self.numbers)}.example"},
            "UpdateAssumeRolePolicy": {"PolicyDocument": TRUST},
            "UpdateAccessKey": {"UserName": "it"},
            "DeleteAccessKey": {"UserName": "it"},
            "LookupDeveloperIdentity": {"DeveloperUserIdentifier": "it"},
            "UpdateIdentityPool": {"AllowClassicFlow": True, "DeveloperProviderName": "it.example"},
        }
        if operation.name in {f"Create{kind}" for kind in ("Role", "User", "Group", "Policy")}:
            more[operation.name] = {f"{operation.name.removeprefix('Create')}Name": f"new-{next(self.numbers)}"}
        return given | more.get(operation.name, {})

    def sample(self, kind: Kind, name: str) -> Any:
        """A value that breaks no constraint, and leads to what is there where it names something."""
        if isinstance(kind, ListOf):
            return [self.sample(kind.element, name)]
        if isinstance(kind, MapOf):
            return {self.sample(kind.key, name + KEY): self.sample(kind.value, name + VALUE)}
        if not isinstance(kind, Scalar):
            return {each.name: self.sample(each.kind, each.name) for each in kind.members if each.required}
        if name in self.values:
            return self.values[name]
        values = [each for mark in kind.constraints if isinstance(mark, Enum) for each in mark.values]
        least = [mark.minimum or 1 for mark in kind.constraints if isinstance(mark, Length)]
        if kind.type != "String":
            return next((mark.minimum for mark in kind.constraints if isinstance(mark, Range)), True)
        return (values or ["it" * max(least, default=1)])[0]

    def broken(self, kind: Kind, name: str) -> Iterator[tuple[Path_, Any]]:
        """Values in which one text is what it should not be, and where it is in them."""
        if isinstance(kind, ListOf):
            yield from ((path, [value]) for path, value in self.broken(kind.element, name))
        elif isinstance(kind, MapOf):
            sample = self.sample(kind.value, name + VALUE)
            yield from (((KEY, *path), {key: sample}) for path, key in self.broken(kind.key, name + KEY))
            key = self.sample(kind.key, name + KEY)
            yield from ((path, {key: value}) for path, value in self.broken(kind.value, name + VALUE))
        elif not isinstance(kind, Scalar):
            whole = self.sample(kind, name) if name else {}
            for member in kind.members:
                for path, value in self.broken(member.kind, member.name):
                    yield (member.name, *path), {**whole, member.name: value}
        elif kind.type == "String":
            yield from (((), text) for text in texts(kind, str(self.sample(kind, name))))

    def send(self, operation: Operation, given: dict[str, Any]) -> Response:
        keys = self.user if operation.name in ("AssumeRole", "GetSessionToken") else self.house.administrator
        if operation.service == "cognito-identity":
            headers = [(b"x-amz-target", b"AWSCognitoIdentityService." + operation.name.encode())]
            body = json.dumps(given).encode()
        else:
            headers = [(b"content-type", b"application/x-www-form-urlencoded")]
            form = {"Action": operation.name, "Version": VERSIONS[operation.service], **dict(flat(given))}
            body = "&".join(f"{name}={quoted(value)}" for name, value in form.items()).encode()
        if not operation.signed:
            return self.house.send(Request("POST", b"/", b"", [(b"host", HOST), *headers], body))
        return self.house.send(
            self.house.signed("POST", b"/", keys, service=operation.service, headers=headers, body=body)
        )


def texts(kind: Scalar, sample: str) -> Iterator[str]:
    """With U+0000; half of a surrogate pair; as long as may be, of characters that take 3 and 4 bytes; far too long."""
    most = next((mark.maximum for mark in kind.constraints if isinstance(mark, Length)), None) or 2048
    yield sample + "\0"
    yield "\0" * len(sample)
    yield sample + "\ud800"
    yield "".join(chr(0x4E00 + number * 7919 % 20000) for number in range(min(most, 5000)))
    yield "".join(chr(0x20000 + number * 7919 % 40000) for number in range(min(most, 5000) // 2))
    yield sample * (50_000 // len(sample))


def flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Members as a form has them."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from flat(item, f"{name}.member.{number}")
    else:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)


def quoted(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"))


def test_no_text_breaks_the_gate(furnished: Furnished) -> None:
    """Each is answered or refused, the rest of what is given being in order."""
    broke, tried = [], 0
    for operation in OPERATIONS.values():
        for path, given in furnished.broken(shape_of(operation.takes), ""):
            tried += 1
            answer = furnished.send(operation, furnished.whole(operation) | given)
            if answer.status >= 500:
                broke.append((operation.name, path, repr(given)[:120], answer.body))
    assert broke == []
    assert tried > 1500


def test_a_marker_that_names_no_entry(furnished: Furnished) -> None:
    """A marker is text in disguise."""
    for operation in OPERATIONS.values():
        if any(member.name == "Marker" for member in shape_of(operation.takes).members):
            answer = furnished.send(operation, furnished.whole(operation) | {"Marker": "aQB0"})  # `i`, U+0000, `t`
            assert (answer.status, text_in(answer, "Message")) in ((400, "Invalid Marker."), (200, "")), operation.name


@pytest.mark.parametrize(("character", "many"), [("a", 26), ("\u00e9", 200), ("\u4e00", 20000), ("\U00020000", 40000)])
def test_a_long_developer_user(furnished: Furnished, character: str, many: int) -> None:
    """As long as may be, of characters that take 1 to 4 bytes: taken, or called too long; never both by engine."""
    pool = {"IdentityPoolId": furnished.values["IdentityPoolId"]}
    for length in (512, 1024):
        user = "".join(chr(ord(character) + number * 7919 % many) for number in range(length))
        given = {**pool, "Logins": {"it.example": user}}
        answer = furnished.house.cognito("GetOpenIdTokenForDeveloperIdentity", furnished.house.administrator, **given)
        if len(user.encode()) <= 2048:
            lookup = {**pool, "DeveloperUserIdentifier": user}
            found = furnished.house.cognito("LookupDeveloperIdentity", furnished.house.administrator, **lookup)
            assert (found["IdentityId"], found["DeveloperUserIdentifierList"]) == (answer["IdentityId"], [user])
        else:
            assert answer["__type"] == "InvalidParameterException"
