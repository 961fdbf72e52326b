"""OpenID Connect providers: known by their URL, with audiences, thumbprints and tags."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

ARN = "arn:aws:iam::123456789012:oidc-provider/login.example/tenant"
URL = "https://login.example/tenant"
PRINT = "0123456789abcdef0123456789ABCDEF01234567"


def create(iam: "Iam", **more: object) -> None:
    iam.boto("CreateOpenIDConnectProvider", Url=URL, **more)


def test_create_open_id_connect_provider(iam: "Iam") -> None:
    """Its ARN; tags only if there are any."""
    tags = {"Tags.member.1.Key": "a", "Tags.member.1.Value": "1"}
    assert (
        iam.answer("CreateOpenIDConnectProvider", Url=URL, **tags).body.decode()
        == f"""\
<CreateOpenIDConnectProviderResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <CreateOpenIDConnectProviderResult>
    <OpenIDConnectProviderArn>{ARN}</OpenIDConnectProviderArn>
    <Tags>
      <member>
        <Value>1</Value>
        <Key>a</Key>
      </member>
    </Tags>
  </CreateOpenIDConnectProviderResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</CreateOpenIDConnectProviderResponse>
"""
    )
    assert b"<Tags" not in iam.answer("CreateOpenIDConnectProvider", Url="https://other.example").body


def test_get_open_id_connect_provider(iam: "Iam") -> None:
    """The URL without its scheme; lists are there even if they are empty."""
    create(iam, ClientIDList=["b", "a", "b"], ThumbprintList=[PRINT])
    assert (
        iam.answer("GetOpenIDConnectProvider", OpenIDConnectProviderArn=ARN).body.decode()
        == f"""\
<GetOpenIDConnectProviderResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetOpenIDConnectProviderResult>
    <ClientIDList>
      <member>b</member>
      <member>a</member>
    </ClientIDList>
    <ThumbprintList>
      <member>{PRINT}</member>
    </ThumbprintList>
    <Url>login.example/tenant</Url>
    <CreateDate>2026-11-23T06:00:00Z</CreateDate>
    <Tags/>
  </GetOpenIDConnectProviderResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</GetOpenIDConnectProviderResponse>
"""
    )


def test_list_open_id_connect_providers(iam: "Iam") -> None:
    """By ARN, all at once."""
    iam.boto("CreateOpenIDConnectProvider", Url="https://other.example")
    create(iam)
    assert (
        iam.answer("ListOpenIDConnectProviders").body.decode()
        == f"""\
<ListOpenIDConnectProvidersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ListOpenIDConnectProvidersResult>
    <OpenIDConnectProviderList>
      <member>
        <Arn>{ARN}</Arn>
      </member>
      <member>
        <Arn>arn:aws:iam::123456789012:oidc-provider/other.example</Arn>
      </member>
    </OpenIDConnectProviderList>
  </ListOpenIDConnectProvidersResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</ListOpenIDConnectProvidersResponse>
"""
    )


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("DeleteOpenIDConnectProvider", {}),
        ("AddClientIDToOpenIDConnectProvider", {"ClientID": "c"}),
        ("RemoveClientIDFromOpenIDConnectProvider", {"ClientID": "c"}),
        ("UpdateOpenIDConnectProviderThumbprint", {"ThumbprintList": ""}),
        ("TagOpenIDConnectProvider", {"Tags": ""}),
        ("UntagOpenIDConnectProvider", {"TagKeys": ""}),
    ],
)
def test_answers_without_a_result(iam: "Iam", operation: str, given: dict[str, str]) -> None:
    """Only the request id."""
    create(iam)
    assert (
        iam.answer(operation, OpenIDConnectProviderArn=ARN, **given).body.decode()
        == f"""\
<{operation}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</{operation}Response>
"""
    )


def test_audiences_come_and_go(iam: "Iam") -> None:
    """It does not matter if one was there, or was not; the directory knows at once."""
    create(iam)
    for client_id in ("b", "a", "b"):
        iam.boto("AddClientIDToOpenIDConnectProvider", OpenIDConnectProviderArn=ARN, ClientID=client_id)
    assert iam.store.directory.oidc_providers[ARN].client_ids == ("b", "a")
    for client_id in ("b", "none"):
        iam.boto("RemoveClientIDFromOpenIDConnectProvider", OpenIDConnectProviderArn=ARN, ClientID=client_id)
    assert iam.store.directory.oidc_providers[ARN].client_ids == ("a",)
    iam.boto("DeleteOpenIDConnectProvider", OpenIDConnectProviderArn=ARN)
    assert ARN not in iam.store.directory.oidc_providers


def test_thumbprints_are_replaced(iam: "Iam") -> None:
    """Five at most."""
    create(iam, ThumbprintList=[PRINT])
    five = [str(number) * 40 for number in range(5)]
    iam.boto("UpdateOpenIDConnectProviderThumbprint", OpenIDConnectProviderArn=ARN, ThumbprintList=five)
    assert iam.boto("GetOpenIDConnectProvider", OpenIDConnectProviderArn=ARN)["ThumbprintList"] == five


def test_tags_come_and_go(iam: "Iam") -> None:
    """Keys are told apart by case; page by page."""
    create(iam)
    tags = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    iam.boto("TagOpenIDConnectProvider", OpenIDConnectProviderArn=ARN, Tags=tags)
    first = iam.boto("ListOpenIDConnectProviderTags", OpenIDConnectProviderArn=ARN, MaxItems=1)
    second = iam.boto("ListOpenIDConnectProviderTags", OpenIDConnectProviderArn=ARN, Marker=first["Marker"])
    assert [tag["Key"] for page in (first, second) for tag in page["Tags"]] == ["A", "a"]
    iam.boto("UntagOpenIDConnectProvider", OpenIDConnectProviderArn=ARN, TagKeys=["a"])
    assert iam.store.directory.oidc_providers[ARN].tags == {"A": "2"}
