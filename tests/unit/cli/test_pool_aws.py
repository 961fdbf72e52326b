"""`gatepass pool` and `gatepass role` on AWS, for which moto answers; what they send is what AWS's models say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from moto.cognitoidentity.models import cognitoidentity_backends
from tests.oracles import moto_aws
from tests.oracles.watched_calls import Calls, watch

from gatepass.cli.main import run

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Command

ACCOUNT, REGION = "123456789012", "eu-west-1"
USER_POOL = f"cognito-idp.{REGION}.amazonaws.com/{REGION}_Ab1"
LOGINS = ["--login", "https://id.example.com=web", "--login", "accounts.google.com=g", "--login", f"{USER_POOL}=app"]
ALLOW = ["--allow", "GET /", "--allow", "POST /pets/{id}", "--api", "a1b2/api"]
CREATE = ["pool", "create", "visitors", "--guests", *LOGINS, *ALLOW]
CHANGE = [
    *("pool", "create", "visitors", "--guests", "--allow", "GET /new", "--api", "a1b2/api"),
    *("--login", "https://id.example.com=other", "--login", "accounts.google.com=h", "--login", f"{USER_POOL}=else"),
]
STEPS = 24
"""More calls than any of the commands makes."""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    values = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    moto_aws.complete(monkeypatch)
    session = one_session()
    monkeypatch.setattr(boto3, "Session", lambda **_: session)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    with mock_aws():
        yield


@cache
def one_session() -> boto3.Session:
    """To read the models of the services takes longer than all else that these tests do."""
    return boto3.Session()


@pytest.fixture
def calls(aws: None, monkeypatch: pytest.MonkeyPatch) -> Calls:
    return watch(monkeypatch)


def everything() -> dict[str, Any]:
    """What is in the account, as AWS describes it."""
    cognito, iam = boto3.client("cognito-identity"), boto3.client("iam")
    pools = [pool["IdentityPoolId"] for pool in cognito.list_identity_pools(MaxResults=60)["IdentityPools"]]
    roles = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    providers = [each["Arn"] for each in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]
    found: dict[str, Any] = {
        "pools": [cognito.describe_identity_pool(IdentityPoolId=pool_id) for pool_id in pools],
        "pool roles": [cognito.get_identity_pool_roles(IdentityPoolId=pool_id) for pool_id in pools],
        "roles": [iam.get_role(RoleName=name)["Role"] for name in roles],
        "policies": {
            (name, policy): iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for name in roles
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        },
        "providers": {
            arn: iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"] for arn in providers
        },
    }
    for answer in (*found["pools"], *found["pool roles"]):
        del answer["ResponseMetadata"]
    return found


# --- what create makes


@pytest.mark.usefixtures("aws")
def test_what_is_made_lets_in_whom_it_should_and_nobody_else(command: Command) -> None:
    """Each role trusts this pool and one kind of its people, and may call what it was given. The id comes last."""
    made = command(*CREATE)
    assert made.status == 0, made.err
    pool_id = made.out.splitlines()[-1]
    there = everything()
    [pool] = there["pools"]
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/id.example.com"
    assert (pool["IdentityPoolId"], pool["IdentityPoolName"]) == (pool_id, "visitors")
    assert pool["AllowUnauthenticatedIdentities"] is True
    assert pool["SupportedLoginProviders"] == {"accounts.google.com": "g"}
    assert pool["OpenIdConnectProviderARNs"] == [arn]
    provider = {"ProviderName": USER_POOL, "ClientId": "app", "ServerSideTokenCheck": False}
    assert pool["CognitoIdentityProviders"] == [provider]
    assert there["providers"] == {arn: ["web"]}
    api = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:a1b2/api"
    for kind, name in (("unauthenticated", "visitors-guests"), ("authenticated", "visitors-authenticated")):
        [role] = [role for role in there["roles"] if role["RoleName"] == name]
        assert there["pool roles"][0]["Roles"][kind] == role["Arn"]
        [trust] = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Federated": "cognito-identity.amazonaws.com"}
        assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
        assert trust["Condition"] == {
            "StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": kind},
        }
        [policy] = [document for (owner, _), document in there["policies"].items() if owner == name]
        assert policy["Statement"] == [
            {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": [f"{api}/GET/", f"{api}/POST/pets/*"]}
        ]
    assert len(there["roles"]) == len(there["policies"]) == 2


def test_again_it_changes_nothing(calls: Calls, command: Command) -> None:
    """The same id, nothing said, and no call that writes."""
    made = command(*CREATE)
    there = everything()
    calls.clear()
    assert command(*CREATE) == (0, made.out, "")
    assert all(name.startswith(("Get", "List", "Describe")) for name in calls.made)
    assert everything() == there


@pytest.mark.usefixtures("aws")
def test_what_is_asked_for_takes_the_place_of_what_was(command: Command) -> None:
    """In the same pool and the same roles."""
    made = command(*CREATE)
    before = everything()
    changed = command(*CHANGE)
    assert (changed.status, changed.out) == (0, made.out)
    there = everything()
    assert [role["Arn"] for role in there["roles"]] == [role["Arn"] for role in before["roles"]]
    assert there["pools"][0]["SupportedLoginProviders"] == {"accounts.google.com": "h"}
    assert list(there["providers"].values()) == [["web", "other"]]
    for document in there["policies"].values():
        assert document["Statement"][0]["Resource"] == [f"arn:aws:execute-api:{REGION}:{ACCOUNT}:a1b2/api/GET/new"]


@pytest.mark.usefixtures("aws")
def test_who_is_not_named_any_more_loses_the_role_and_it_is_said(command: Command) -> None:
    command(*CREATE)
    done = command("pool", "create", "visitors", "--guests")
    assert list(everything()["pool roles"][0]["Roles"]) == ["unauthenticated"]
    assert "gatepass: took the authenticated role from the pool: nobody was named to get it" in done.err.splitlines()


# --- when a step fails


@pytest.mark.parametrize("step", range(STEPS))
def test_when_a_step_fails_everything_that_was_made_is_taken_back(calls: Calls, command: Command, step: int) -> None:
    """Whichever it is, the account is as empty as before; and the command can run again."""
    nothing = everything()
    if failed_at(step, CREATE, calls, command):
        assert everything() == nothing
        assert command(*CREATE).status == 0


@pytest.mark.parametrize("step", range(STEPS))
def test_when_a_step_of_a_change_fails_everything_is_as_it_was(calls: Calls, command: Command, step: int) -> None:
    """What was there before is neither changed nor deleted."""
    assert command(*CREATE).status == 0
    before = everything()
    if failed_at(step, CHANGE, calls, command):
        assert everything() == before


def failed_at(step: int, arguments: list[str], calls: Calls, command: Command) -> bool:
    """Whether the command makes a call of this number: then that fails, and the command with it."""
    calls.clear(failing=step)
    done = command(*arguments)
    made = len(calls.made)
    calls.clear()
    if done.status == 0:
        assert made <= step
        return False
    assert (done.status, done.out) == (1, "")
    assert "InternalErrorException: as asked for" in done.err
    return True


def test_the_steps_that_fail_are_all_there_are(calls: Calls, command: Command) -> None:
    """The two tests above reach behind the last call."""
    for arguments in (CREATE, CHANGE):
        calls.clear()
        assert command(*arguments).status == 0
        assert 8 < len(calls.made) < STEPS


def test_what_cannot_be_taken_back_is_said(calls: Calls, command: Command) -> None:
    """With its name, so that a person can; the rest is taken back all the same."""
    calls.broken = frozenset({"SetIdentityPoolRoles", "DeleteRole"})
    failed = command(*CREATE)
    assert "could not be taken back: role visitors-guests: " in failed.err
    assert "taken back: identity pool " in failed.err


@pytest.mark.usefixtures("aws")
def test_a_role_that_belongs_to_something_else_is_left_alone(command: Command) -> None:
    trust = '{"Version":"2012-10-17","Statement":[]}'
    boto3.client("iam").create_role(RoleName="visitors-guests", AssumeRolePolicyDocument=trust)
    before = everything()
    failed = command(*CREATE)
    assert failed.status == 1
    assert "no `pool create` made it" in failed.err
    assert everything() == before


# --- the other commands


@pytest.mark.usefixtures("aws")
def test_a_pool_is_listed_shown_and_deleted(command: Command) -> None:
    """With what `create` made for it; what it did not make stays."""
    pool_id = command(*CREATE).out.strip()
    trust = '{"Version":"2012-10-17","Statement":[]}'
    boto3.client("iam").create_role(RoleName="mine", AssumeRolePolicyDocument=trust)
    assert command("pool", "list").out == f"{pool_id}  visitors\n"
    shown = command("pool", "show", "visitors").out
    assert "login: accounts.google.com for g" in shown
    assert f"authenticated role: arn:aws:iam::{ACCOUNT}:role/visitors-authenticated" in shown
    described = json.loads(command("pool", "show", pool_id, "--json").out)
    assert described["Roles"]["unauthenticated"] == f"arn:aws:iam::{ACCOUNT}:role/visitors-guests"
    assert command("pool", "delete", "visitors").status == 0
    there = everything()
    assert (there["pools"], [role["RoleName"] for role in there["roles"]]) == ([], ["mine"])
    gone = command("pool", "delete", "visitors")
    assert (gone.status, gone.out) == (1, "")


@pytest.mark.usefixtures("aws")
def test_roles_are_listed_shown_changed_and_deleted(command: Command) -> None:
    command(*CREATE)
    iam = boto3.client("iam")
    more = {"Effect": "Allow", "Action": "rum:PutRumEvents", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": more})
    attached = iam.create_policy(PolicyName="more", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="visitors-guests", PolicyArn=attached)
    assert sorted(command("role", "list").out.splitlines()) == [
        f"visitors-authenticated  arn:aws:iam::{ACCOUNT}:role/visitors-authenticated",
        f"visitors-guests  arn:aws:iam::{ACCOUNT}:role/visitors-guests",
    ]
    assert command("role", "allow", "visitors-guests", "GET /a", "* /b/{c}", "--api", "x1/prod").status == 0
    shown = json.loads(command("role", "show", "visitors-guests", "--json").out)
    [statement] = shown["inline_policies"]["invoke-api"]["Statement"]
    api = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:x1/prod"
    assert statement["Resource"] == [f"{api}/*/b/*", f"{api}/GET/a"]
    assert shown["attached_policies"] == [attached]
    assert command("role", "delete", "visitors-guests").status == 0
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["visitors-authenticated"]
    assert command("role", "delete", "visitors-guests").status == 1


def test_guests_are_pruned_by_what_aws_tells_of_them(calls: Calls, command: Command) -> None:
    """A list that tells an id alone, as moto's does: the rest is asked for; nobody with a login, nobody new is gone."""
    pool_id = command(*CREATE).out.strip()
    backend = cognitoidentity_backends[ACCOUNT][REGION]
    identities = backend.pools_identities[pool_id]["Identities"]
    now = datetime.now(UTC).timestamp()
    for number in range(150):
        each = {"IdentityId": f"{REGION}:{number:08x}-0000-4000-8000-000000000000", moto_aws.WHEN: now - 100 * 86_400}
        each |= {moto_aws.WHEN: now} if number % 5 == 0 else {}
        each |= {"Logins": ["accounts.google.com"]} if number % 5 == 1 else {}
        identities.append(each)
    dry = command("pool", "prune", "visitors", "--unused-for", "90", "--dry-run")
    assert (dry.status, dry.out) == (0, "90 of 150 identities would be deleted\n")
    assert len(identities) == 150
    calls.clear()
    done = json.loads(command("pool", "prune", pool_id, "--unused-for", "90", "--json").out)
    assert done == {
        "identity_pool_id": pool_id,
        "dry_run": False,
        "looked_at": 150,
        "due": 90,
        "deleted": 90,
        "failed": {},
    }
    assert calls.made.count("DeleteIdentities") == 2
    assert len(identities) == 60
    again = command("pool", "prune", "visitors", "--unused-for", "90")
    assert again == (0, "0 of 60 identities deleted\n", "")
    identities.append({"IdentityId": f"{REGION}:ffffffff-0000-4000-8000-000000000000", moto_aws.STUCK: "AccessDenied"})
    stuck = command("pool", "prune", "visitors", "--unused-for", "90")
    assert (stuck.status, stuck.out) == (1, "0 of 61 identities deleted\n")
    assert "1 of them could not be deleted: AccessDenied" in stuck.err


@pytest.mark.parametrize(
    "commands",
    [
        [CREATE, CREATE, CHANGE, ["pool", "show", "visitors"], ["pool", "list"], ["pool", "delete", "visitors"]],
        [
            CREATE,
            ["role", "list"],
            ["role", "show", "visitors-guests"],
            ["role", "allow", "visitors-guests", "GET /", "--api", "x1/prod"],
            ["role", "delete", "visitors-guests"],
        ],
        [CREATE, ["pool", "prune", "visitors", "--unused-for", "1"]],
    ],
    ids=["pools", "roles", "prune"],
)
def test_every_call_is_validated_against_the_model_of_its_service(
    calls: Calls, command: Command, commands: list[list[str]]
) -> None:
    """By botocore, which raises before it sends what is not as the model says."""
    for arguments in commands:
        calls.clear()
        assert command(*arguments).status == 0
        assert calls.made
        assert calls.validated == calls.made


def test_which_api_is_meant_must_be_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pool", "create", "visitors", "--guests", "--allow", "GET /"]) == 1
    assert "--api API_ID/STAGE" in capsys.readouterr().err


def test_a_region_must_be_known(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    assert run(["pool", "list"]) == 1
    assert "no region is set" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_a_server_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """With either name of the region, of which boto3 by itself knows one."""
    values = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_MAX_ATTEMPTS": "1", name: REGION}
    for variable, value in {**values, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}.items():
        monkeypatch.setenv(variable, value)
    assert run(["pool", "list"]) == 1
    said = capsys.readouterr().err
    assert "http://127.0.0.1:1/" in said
    assert "gatepass: hint: see that it runs; AWS_ENDPOINT_URL says where" in said


def test_a_pool_that_lets_nobody_in_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pool", "create", "visitors"]) == 2
    assert "nobody could use this pool" in capsys.readouterr().err
