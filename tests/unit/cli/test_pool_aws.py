"""`gatepass pool create` on AWS, for which moto answers: it has no GetIdentityPoolRoles, so the last step fails."""

from collections.abc import Iterator

import boto3
import pytest
from click.testing import CliRunner
from moto import mock_aws

from gatepass.cli.main import gatepass, run

CREATE = ["pool", "create", "visitors", "--guests", "--login", "https://id.example.com=web"]
ALLOW = ["--allow", "GET /", "--api", "a1b2/api"]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    values = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "eu-west-1"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


@pytest.mark.usefixtures("aws")
def test_when_a_step_fails_everything_that_was_made_is_taken_back() -> None:
    result = CliRunner().invoke(gatepass, [*CREATE, *ALLOW])
    assert isinstance(result.exception, NotImplementedError)
    assert "made role visitors-authenticated" in result.output
    assert "taken back: identity pool" in result.output
    assert boto3.client("iam").list_roles()["Roles"] == []
    assert boto3.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"] == []
    assert boto3.client("cognito-identity").list_identity_pools(MaxResults=5)["IdentityPools"] == []


@pytest.mark.usefixtures("aws")
def test_a_role_that_belongs_to_something_else_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    trust = '{"Version":"2012-10-17","Statement":[]}'
    boto3.client("iam").create_role(RoleName="visitors-guests", AssumeRolePolicyDocument=trust)
    assert run([*CREATE, *ALLOW]) == 1
    assert "no `pool create` made it" in capsys.readouterr().err
    assert (
        boto3.client("iam").get_role(RoleName="visitors-guests")["Role"]["AssumeRolePolicyDocument"]["Statement"] == []
    )
    assert boto3.client("cognito-identity").list_identity_pools(MaxResults=5)["IdentityPools"] == []


def test_which_api_is_meant_must_be_known(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*CREATE, "--allow", "GET /"]) == 1
    assert "--api API_ID/STAGE" in capsys.readouterr().err


def test_a_region_must_be_known(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    assert run(["pool", "list"]) == 1
    assert "no region is set" in capsys.readouterr().err


def test_a_pool_that_lets_nobody_in_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pool", "create", "visitors"]) == 2
    assert "nobody could use this pool" in capsys.readouterr().err
