"""IAM over HTTP, with boto3 and nothing of gatepass but the endpoint: what set-up scripts do, and users that call."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.e2e.conftest import Gate

ACCOUNT = "123456789012"
QUICK = Config(retries={"max_attempts": 0})
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    ],
}


def arn(resource: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{resource}"


def allow(*actions: str, resource: str = "*") -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource}]}


def text(*actions: str, resource: str = "*") -> str:
    return json.dumps(allow(*actions, resource=resource))


def client(gate: Gate, service: str, *keys: str) -> Any:
    """boto3's; the administrator's unless other keys are given."""
    if not keys:
        keys = (gate.administrator.access_key_id, gate.administrator.secret_access_key)
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    return boto3.client(
        service,
        endpoint_url=gate.endpoint,
        region_name=gate.region,
        config=QUICK,
        **dict(zip(names, keys, strict=False)),
    )


def keys_of(credentials: Any) -> tuple[str, ...]:
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    return tuple(credentials[name] for name in names if name in credentials)


def called(gate: Gate, *keys: str) -> tuple[int, str]:
    """The API's answer to a request signed by botocore: its status, and what it says when it refuses."""
    request = AWSRequest("GET", gate.url)
    SigV4Auth(Credentials(*keys), "execute-api", gate.region).add_auth(request)
    try:
        headers = dict(request.prepare().headers)
        with urllib.request.urlopen(urllib.request.Request(gate.url, headers=headers), timeout=60) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, next(iter(json.loads(error.read()).values()))


@pytest.fixture
def iam(hello_world: Gate) -> Any:
    return client(hello_world, "iam")


@pytest.fixture
def ann(iam: Any) -> Iterator[tuple[str, ...]]:
    """The keys of a user, who is gone afterwards with all that is hers."""
    iam.create_user(UserName="ann", Tags=[{"Key": "team", "Value": "blue"}])
    yield keys_of(iam.create_access_key(UserName="ann")["AccessKey"])
    for key in iam.list_access_keys(UserName="ann")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"])
    for name in iam.list_user_policies(UserName="ann")["PolicyNames"]:
        iam.delete_user_policy(UserName="ann", PolicyName=name)
    for policy in iam.list_attached_user_policies(UserName="ann")["AttachedPolicies"]:
        iam.detach_user_policy(UserName="ann", PolicyArn=policy["PolicyArn"])
    iam.delete_user(UserName="ann")


# --- scripts


def test_a_set_up_script(iam: Any) -> None:
    """In the order in which Terraform's provider calls: made, read back, changed, taken down again."""
    tags = [{"Key": "stack", "Value": "demo"}]
    boundary = iam.create_policy(PolicyName="edge", Path="/demo/", PolicyDocument=text("execute-api:*"))["Policy"][
        "Arn"
    ]
    policy = iam.create_policy(
        PolicyName="invoke", Path="/demo/", Description="d", PolicyDocument=text("execute-api:Invoke"), Tags=tags
    )["Policy"]
    assert iam.get_policy(PolicyArn=policy["Arn"])["Policy"]["Tags"] == tags
    first = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    assert first["Document"] == allow("execute-api:Invoke")

    role = iam.create_role(
        RoleName="demo",
        Path="/demo/",
        AssumeRolePolicyDocument=json.dumps(TRUST),
        PermissionsBoundary=boundary,
        Tags=tags,
    )["Role"]
    iam.put_role_policy(RoleName="demo", PolicyName="logs", PolicyDocument=text("logs:*"))
    iam.attach_role_policy(RoleName="demo", PolicyArn=policy["Arn"])
    iam.attach_role_policy(
        RoleName="demo", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    )
    found = iam.get_role(RoleName="demo")["Role"]
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert (found["AssumeRolePolicyDocument"], found["Tags"], found["RoleId"]) == (TRUST, tags, role["RoleId"])
    assert iam.list_role_policies(RoleName="demo")["PolicyNames"] == ["logs"]
    assert len(iam.list_attached_role_policies(RoleName="demo")["AttachedPolicies"]) == 2
    assert iam.get_role_policy(RoleName="demo", PolicyName="logs")["PolicyDocument"] == allow("logs:*")
    assert iam.list_role_tags(RoleName="demo")["Tags"] == tags

    iam.create_policy_version(PolicyArn=policy["Arn"], PolicyDocument=text("execute-api:*"), SetAsDefault=True)
    versions = iam.list_policy_versions(PolicyArn=policy["Arn"])["Versions"]
    assert [(version["VersionId"], version["IsDefaultVersion"]) for version in versions] == [
        ("v2", True),
        ("v1", False),
    ]
    iam.update_assume_role_policy(RoleName="demo", PolicyDocument=json.dumps(TRUST))
    iam.update_role(RoleName="demo", Description="changed", MaxSessionDuration=7200)
    iam.untag_role(RoleName="demo", TagKeys=["stack"])
    iam.tag_policy(PolicyArn=policy["Arn"], Tags=[{"Key": "stack", "Value": "other"}])

    provider = iam.create_open_id_connect_provider(
        Url="https://issuer.example", ClientIDList=["app"], ThumbprintList=["0" * 40], Tags=tags
    )["OpenIDConnectProviderArn"]
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider)["ClientIDList"] == ["app"]

    iam.create_group(GroupName="demo-readers", Path="/demo/")
    iam.create_user(UserName="demo-bot", Path="/demo/", PermissionsBoundary=boundary, Tags=tags)
    iam.add_user_to_group(GroupName="demo-readers", UserName="demo-bot")
    iam.attach_group_policy(GroupName="demo-readers", PolicyArn=policy["Arn"])
    iam.put_user_policy(UserName="demo-bot", PolicyName="own", PolicyDocument=text("logs:*"))
    key = iam.create_access_key(UserName="demo-bot")["AccessKey"]
    users = iam.get_group(GroupName="demo-readers")["Users"]
    assert [user["UserName"] for user in users] == ["demo-bot"]
    used = iam.list_entities_for_policy(PolicyArn=policy["Arn"])
    assert [len(used[f"Policy{kind}"]) for kind in ("Roles", "Groups", "Users")] == [1, 1, 0]
    pages = iam.get_paginator("list_roles").paginate(PathPrefix="/demo/")
    assert [role["RoleName"] for page in pages for role in page["Roles"]] == ["demo"]

    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_policy(PolicyArn=policy["Arn"])
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_role(RoleName="demo")
    iam.delete_access_key(UserName="demo-bot", AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName="demo-bot", PolicyName="own")
    iam.remove_user_from_group(GroupName="demo-readers", UserName="demo-bot")
    iam.delete_user(UserName="demo-bot")
    iam.detach_group_policy(GroupName="demo-readers", PolicyArn=policy["Arn"])
    iam.delete_group(GroupName="demo-readers")
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider)
    assert iam.list_instance_profiles_for_role(RoleName="demo")["InstanceProfiles"] == []
    for attached in iam.list_attached_role_policies(RoleName="demo")["AttachedPolicies"]:
        iam.detach_role_policy(RoleName="demo", PolicyArn=attached["PolicyArn"])
    iam.delete_role_policy(RoleName="demo", PolicyName="logs")
    iam.delete_role(RoleName="demo")
    for policy_arn in (policy["Arn"], boundary):
        for version in iam.list_policy_versions(PolicyArn=policy_arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=policy_arn, VersionId=version["VersionId"])
        iam.delete_policy(PolicyArn=policy_arn)
    assert iam.list_policies(Scope="Local", PathPrefix="/demo/")["Policies"] == []
    assert iam.list_roles(PathPrefix="/demo/")["Roles"] == []


def test_waiters(iam: Any) -> None:
    """boto3 asks until what was made is there; here it is at once."""
    iam.create_role(RoleName="awaited", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.get_waiter("role_exists").wait(RoleName="awaited", WaiterConfig={"MaxAttempts": 1})
    iam.delete_role(RoleName="awaited")
    policy = iam.create_policy(PolicyName="awaited", PolicyDocument=text("*"))["Policy"]["Arn"]
    iam.get_waiter("policy_exists").wait(PolicyArn=policy, WaiterConfig={"MaxAttempts": 1})
    iam.delete_policy(PolicyArn=policy)


def test_resources_of_boto3(hello_world: Gate) -> None:
    """The other interface of boto3, with objects that fetch what they lack."""
    administrator = hello_world.administrator
    resource = boto3.resource(
        "iam",
        endpoint_url=hello_world.endpoint,
        region_name=hello_world.region,
        aws_access_key_id=administrator.access_key_id,
        aws_secret_access_key=administrator.secret_access_key,
        config=QUICK,
    )
    role = resource.create_role(RoleName="object", AssumeRolePolicyDocument=json.dumps(TRUST))
    policy = resource.create_policy(PolicyName="object", PolicyDocument=text("*"))
    role.attach_policy(PolicyArn=policy.arn)
    assert [attached.arn for attached in role.attached_policies.all()] == [policy.arn]
    policy.reload()
    assert (policy.attachment_count, policy.default_version.document) == (1, allow("*"))
    role.detach_policy(PolicyArn=policy.arn)
    role.delete()
    policy.delete()
    assert [role.name for role in resource.roles.all() if role.name == "object"] == []


# --- users


def test_a_user_calls_the_api(hello_world: Gate, iam: Any, ann: tuple[str, ...]) -> None:
    """As its policies have it at each request, which the simulator foretells."""

    def foretold() -> str:
        given = {"PolicySourceArn": arn("user/ann"), "ActionNames": ["execute-api:Invoke"]}
        found: str = iam.simulate_principal_policy(**given)["EvaluationResults"][0]["EvalDecision"]
        return found

    def refused(why: str) -> None:
        status, said = called(hello_world, *ann)
        assert (status, why in said) == (403, True), said
        assert foretold() != "allowed"

    refused("because no identity-based policy allows the execute-api:Invoke action")
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=text("execute-api:Invoke"))
    assert (called(hello_world, *ann)[0], foretold()) == (200, "allowed")
    boundary = iam.create_policy(PolicyName="nothing-here", PolicyDocument=text("s3:*"))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=boundary)
    refused("because no permissions boundary allows the execute-api:Invoke action")
    iam.create_policy_version(PolicyArn=boundary, PolicyDocument=text("execute-api:*"), SetAsDefault=True)
    assert (called(hello_world, *ann)[0], foretold()) == (200, "allowed")
    iam.delete_user_permissions_boundary(UserName="ann")
    iam.delete_policy_version(PolicyArn=boundary, VersionId="v1")
    iam.delete_policy(PolicyArn=boundary)
    iam.update_access_key(UserName="ann", AccessKeyId=ann[0], Status="Inactive")
    assert called(hello_world, *ann) == (403, "The security token included in the request is invalid.")
    iam.update_access_key(UserName="ann", AccessKeyId=ann[0], Status="Active")
    assert called(hello_world, *ann)[0] == 200
    iam.delete_access_key(UserName="ann", AccessKeyId=ann[0])
    assert called(hello_world, *ann) == (403, "The security token included in the request is invalid.")


def test_a_user_minds_its_own_keys(hello_world: Gate, iam: Any, ann: tuple[str, ...]) -> None:
    """With the policy that AWS's guide has for it; those of others stay theirs."""
    own = text("iam:*AccessKey*", "iam:GetUser", resource=arn("user/${aws:username}"))
    iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=own)
    hers = client(hello_world, "iam", *ann)
    assert hers.get_user()["User"]["Arn"] == arn("user/ann")
    second = hers.create_access_key()["AccessKey"]
    assert {key["AccessKeyId"] for key in hers.list_access_keys()["AccessKeyMetadata"]} == {
        ann[0],
        second["AccessKeyId"],
    }
    with pytest.raises(hers.exceptions.LimitExceededException):
        hers.create_access_key()
    client(hello_world, "iam", *keys_of(second)).delete_access_key(AccessKeyId=ann[0])
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        hers.list_access_keys()
    with pytest.raises(ClientError) as refusal:
        client(hello_world, "iam", *keys_of(second)).create_access_key(UserName="bea")
    assert refusal.value.response["Error"] == {
        "Type": "Sender",
        "Code": "AccessDenied",
        "Message": f"User: {arn('user/ann')} is not authorized to perform: iam:CreateAccessKey on resource:"
        f" {arn('user/bea')} because no identity-based policy allows the iam:CreateAccessKey action",
    }


def test_a_session_that_managed_policies_limit(hello_world: Gate, iam: Any, ann: tuple[str, ...]) -> None:
    """What the role, a policy named by its ARN and the boundary allow together."""
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=text("sts:AssumeRole"))
    iam.create_role(RoleName="limited", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="limited", PolicyName="p", PolicyDocument=text("execute-api:*", "iam:Get*"))
    policy = iam.create_policy(PolicyName="limit", PolicyDocument=text("execute-api:Invoke"))["Policy"]["Arn"]
    sts = client(hello_world, "sts", *ann)
    taken = sts.assume_role(RoleArn=arn("role/limited"), RoleSessionName="e2e", PolicyArns=[{"arn": policy}])
    keys = keys_of(taken["Credentials"])
    assert called(hello_world, *keys)[0] == 200
    with pytest.raises(ClientError, match="because no session policy allows the iam:GetRole action"):
        client(hello_world, "iam", *keys).get_role(RoleName="limited")
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=text("iam:*"), SetAsDefault=True)
    assert called(hello_world, *keys)[0] == 403
    assert client(hello_world, "iam", *keys).get_role(RoleName="limited")["Role"]["RoleName"] == "limited"
    iam.put_role_permissions_boundary(
        RoleName="limited", PermissionsBoundary="arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess"
    )
    with pytest.raises(ClientError, match="because no permissions boundary allows the iam:GetRole action"):
        client(hello_world, "iam", *keys).get_role(RoleName="limited")
    iam.delete_role_policy(RoleName="limited", PolicyName="p")
    iam.delete_role(RoleName="limited")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client(hello_world, "iam", *keys).get_role(RoleName="limited")


def test_administration_that_is_delegated(hello_world: Gate, iam: Any, ann: tuple[str, ...]) -> None:
    """As AWS's guide does it: users only within a boundary, which nobody takes away; some policies are for nobody."""
    boundary = iam.create_policy(PolicyName="within", PolicyDocument=text("execute-api:*"))["Policy"]["Arn"]
    statements = [
        {
            "Effect": "Allow",
            "Action": ["iam:CreateUser", "iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:PutUserPermissionsBoundary"],
            "Resource": arn("user/*"),
            "Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary}},
        },
        {
            "Effect": "Allow",
            "Action": ["iam:TagUser", "iam:UpdateUser", "iam:DetachUserPolicy", "iam:DeleteUser"],
            "Resource": arn("user/team/*"),
            "Condition": {"StringNotEquals": {"aws:ResourceTag/team": "red"}},
        },
        {
            "Effect": "Deny",
            "Action": "iam:AttachUserPolicy",
            "Resource": "*",
            "Condition": {"ArnLike": {"iam:PolicyARN": "arn:aws:iam::aws:policy/Admin*"}},
        },
        {
            "Effect": "Deny",
            "Action": "iam:TagUser",
            "Resource": "*",
            "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": ["root"]}},
        },
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName="ann", PolicyName="admin", PolicyDocument=document)
    hers = client(hello_world, "iam", *ann)

    def refused(operation: str, **given: Any) -> bool:
        try:
            getattr(hers, operation)(**given)
        except ClientError as refusal:
            return bool(refusal.response["Error"]["Code"] == "AccessDenied")
        return False

    iam.create_user(UserName="free", Path="/team/")
    new = {"UserName": "bound", "Path": "/team/"}
    assert refused("create_user", **new)
    assert refused("create_user", **new, PermissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess")
    assert not refused("create_user", **new, PermissionsBoundary=boundary)
    assert not refused("put_user_policy", UserName="bound", PolicyName="p", PolicyDocument=text("*"))
    assert refused("put_user_policy", UserName="free", PolicyName="p", PolicyDocument=text("*"))
    assert refused("attach_user_policy", UserName="bound", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    assert not refused("attach_user_policy", UserName="bound", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assert refused("delete_user_permissions_boundary", UserName="bound")
    assert refused("tag_user", UserName="bound", Tags=[{"Key": "root", "Value": ""}])
    assert not refused("tag_user", UserName="bound", Tags=[{"Key": "team", "Value": "green"}])
    assert refused("update_user", UserName="bound", NewPath="/elsewhere/")
    assert not refused("update_user", UserName="bound", NewUserName="renamed")
    assert not refused("detach_user_policy", UserName="renamed", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assert not refused("tag_user", UserName="renamed", Tags=[{"Key": "team", "Value": "red"}])
    assert refused("tag_user", UserName="renamed", Tags=[{"Key": "team", "Value": "green"}])
    assert refused("delete_user", UserName="renamed")
    iam.delete_user_policy(UserName="renamed", PolicyName="p")
    for name in ("renamed", "free"):
        iam.delete_user(UserName=name)
    iam.delete_policy(PolicyArn=boundary)


def test_last_uses_are_written_when_a_gate_ends(serve: Callable[..., Gate]) -> None:
    """The next gate on the folder tells them."""
    first = serve()
    iam = client(first, "iam")
    iam.create_user(UserName="bob")
    key = iam.create_access_key(UserName="bob")["AccessKey"]
    client(first, "sts", *keys_of(key)).get_caller_identity()
    assert first.stop() == 0
    told = client(serve(), "iam").get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert told["UserName"] == "bob"
    assert told["AccessKeyLastUsed"]["ServiceName"] == "sts"
    assert told["AccessKeyLastUsed"]["LastUsedDate"].second == 0
