"""Versions of managed policies: which one counts, which numbers they get, and that the directory knows at once."""

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

ALLOW = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}}'
DENY = ALLOW.replace("Allow", "Deny")
ARN = "arn:aws:iam::123456789012:policy/p"


@pytest.fixture(autouse=True)
def _policy(iam: "Iam") -> None:
    iam.boto("CreatePolicy", PolicyName="p", PolicyDocument=ALLOW)


def create(iam: "Iam", document: str = DENY, **more: Any) -> str:
    given = {"PolicyArn": ARN, "PolicyDocument": document, **more}
    version_id: str = iam.boto("CreatePolicyVersion", **given)["PolicyVersion"]["VersionId"]
    return version_id


def versions(iam: "Iam") -> list[tuple[str, bool]]:
    listed = iam.boto("ListPolicyVersions", PolicyArn=ARN)["Versions"]
    return [(each["VersionId"], each["IsDefaultVersion"]) for each in listed]


def test_create_policy_version(iam: "Iam") -> None:
    """Without its document."""
    assert (
        iam.answer("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=DENY, SetAsDefault="true").body.decode()
        == """\
<CreatePolicyVersionResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <CreatePolicyVersionResult>
    <PolicyVersion>
      <VersionId>v2</VersionId>
      <IsDefaultVersion>true</IsDefaultVersion>
      <CreateDate>2026-11-23T06:00:00Z</CreateDate>
    </PolicyVersion>
  </CreatePolicyVersionResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</CreatePolicyVersionResponse>
"""
    )


def test_get_policy_version(iam: "Iam") -> None:
    """The document as it was given, percent-encoded."""
    document = ALLOW.replace(",", ",\r\n ").replace('"*"', '"arn:aws:s3:::é/*"')
    create(iam, document)
    assert (
        iam.answer("GetPolicyVersion", PolicyArn=ARN, VersionId="v2").body.decode()
        == f"""\
<GetPolicyVersionResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetPolicyVersionResult>
    <PolicyVersion>
      <VersionId>v2</VersionId>
      <IsDefaultVersion>false</IsDefaultVersion>
      <Document>{quote(document, safe="")}</Document>
      <CreateDate>2026-11-23T06:00:00Z</CreateDate>
    </PolicyVersion>
  </GetPolicyVersionResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</GetPolicyVersionResponse>
"""
    )


def test_list_policy_versions(iam: "Iam") -> None:
    """The newest first, without documents."""
    assert (
        iam.answer("ListPolicyVersions", PolicyArn=ARN).body.decode()
        == """\
<ListPolicyVersionsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ListPolicyVersionsResult>
    <IsTruncated>false</IsTruncated>
    <Versions>
      <member>
        <VersionId>v1</VersionId>
        <IsDefaultVersion>true</IsDefaultVersion>
        <CreateDate>2026-11-23T06:00:00Z</CreateDate>
      </member>
    </Versions>
  </ListPolicyVersionsResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</ListPolicyVersionsResponse>
"""
    )
    create(iam, SetAsDefault=True)
    create(iam)
    assert versions(iam) == [("v3", False), ("v2", True), ("v1", False)]
    first = iam.boto("ListPolicyVersions", PolicyArn=ARN, MaxItems=2)
    second = iam.boto("ListPolicyVersions", PolicyArn=ARN, MaxItems=2, Marker=first["Marker"])
    assert [each["VersionId"] for page in (first, second) for each in page["Versions"]] == ["v3", "v2", "v1"]


@pytest.mark.parametrize("operation", ["SetDefaultPolicyVersion", "DeletePolicyVersion"])
def test_answers_without_a_result(iam: "Iam", operation: str) -> None:
    """Only the request id."""
    create(iam)
    assert (
        iam.answer(operation, PolicyArn=ARN, VersionId="v2").body.decode()
        == f"""\
<{operation}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</{operation}Response>
"""
    )


def test_the_default_version_is_what_decides(iam: "Iam") -> None:
    """From the next request of this process on."""
    assert iam.store.directory.managed_policies[ARN] == ALLOW
    create(iam)
    assert iam.store.directory.managed_policies[ARN] == ALLOW
    iam.boto("SetDefaultPolicyVersion", PolicyArn=ARN, VersionId="v2")
    assert iam.store.directory.managed_policies[ARN] == DENY
    create(iam, ALLOW, SetAsDefault=True)
    assert iam.store.directory.managed_policies[ARN] == ALLOW


def test_numbers_are_not_used_again(iam: "Iam") -> None:
    """Five at once; the sixth made is v6."""
    for _ in range(4):
        create(iam)
    iam.boto("DeletePolicyVersion", PolicyArn=ARN, VersionId="v5")
    assert create(iam) == "v6"
    assert [version_id for version_id, _ in versions(iam)] == ["v6", "v4", "v3", "v2", "v1"]


def test_a_policy_is_deleted_with_its_only_version(iam: "Iam") -> None:
    """Whichever it is."""
    create(iam, SetAsDefault=True)
    iam.boto("DeletePolicyVersion", PolicyArn=ARN, VersionId="v1")
    iam.boto("DeletePolicy", PolicyArn=ARN)
    assert ARN not in iam.store.directory.managed_policies


def test_of_many_versions_at_once_four_are_made(iam: "Iam") -> None:
    """Each with a number of its own."""
    given = {"Action": "CreatePolicyVersion", "Version": "2010-05-08", "PolicyArn": ARN, "PolicyDocument": DENY}
    form = urlencode(given).encode()

    async def race() -> list[int]:
        return [response.status for response in await asyncio.gather(*(iam.answered(form) for _ in range(12)))]

    assert sorted(iam.run(race())) == [200] * 4 + [409] * 8
    assert [version_id for version_id, _ in versions(iam)] == ["v5", "v4", "v3", "v2", "v1"]


@pytest.mark.parametrize("version_id", ["1", "v0", "v01", "V1", "v", "v-1"])
def test_validation(iam: "Iam", version_id: str) -> None:
    """The pattern is named as AWS names it."""
    message = (
        "1 validation error detected: Value at 'versionId' failed to satisfy constraint: Member must satisfy regular"
        r" expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?"
    )
    refused = iam.refused("GetPolicyVersion", PolicyArn=ARN, VersionId=version_id)
    assert refused == (400, "ValidationError", message)
