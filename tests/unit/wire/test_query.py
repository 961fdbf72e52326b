"""What STS and IAM put on the wire, byte for byte."""

import base64
from collections.abc import Mapping
from typing import Annotated, Any
from xml.etree import ElementTree

import botocore.parsers
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass import errors
from gatepass.http import Request, Response
from gatepass.wire import query, xml

FORM = [(b"content-type", b"application/x-www-form-urlencoded")]


def post(body: bytes, headers: list[tuple[bytes, bytes]] = FORM) -> Request:
    return Request("POST", b"/", headers=headers, body=body)


def parsed(response: Response) -> Mapping[str, Any]:
    """What botocore makes of a refusal."""
    parser = botocore.parsers.QueryParser()
    return parser.parse(  # type: ignore[no-any-return]
        {"body": response.body, "headers": {}, "status_code": response.status}, None
    )


# --- which action


@pytest.mark.parametrize(
    ("request_", "name", "version"),
    [
        (post(b"Action=A&Version=2011-06-15"), "A", "2011-06-15"),
        (Request("GET", b"/", b"Action=A&Version=2011-06-15"), "A", "2011-06-15"),
        (post(b"Action=A", [(b"content-type", b"Application/X-WWW-Form-Urlencoded; charset=utf-8")]), "A", None),
        (post(b"Action=A&Action=B&Version=1&Version=2"), "A", "1"),
        (post(b"Action=&Version="), "", ""),
    ],
)
def test_action(request_: Request, name: str, version: str | None) -> None:
    """GET has the form in the query, POST in the body; of a repeated name the first counts."""
    asked = query.action(request_)
    assert asked is not None
    assert asked[:2] == (name, version)


@pytest.mark.parametrize(
    "request_",
    [
        post(b"Version=2011-06-15"),
        post(b"Action=A", []),
        post(b"Action=A", [(b"content-type", b"application/json")]),
        Request("POST", b"/", b"Action=A", FORM),
        Request("GET", b"/", b"", FORM, b"Action=A"),
        Request("GET", b"/", b"action=A"),
    ],
)
def test_no_action(request_: Request) -> None:
    """A form elsewhere than where its method carries it is no form."""
    assert query.action(request_) is None


def test_a_body_over_the_limit_is_too_large() -> None:
    """The limit itself is not over it; the answer has no body."""
    with pytest.raises(errors.MalformedInput):
        query.action(post(b"%" * query.MOST_BODY))
    with pytest.raises(errors.RequestTooLarge) as raised:
        query.action(post(b"%" * (query.MOST_BODY + 1)))
    assert query.error(raised.value, "sts", "id") == Response(413, [(b"x-amzn-requestid", b"id")])


@pytest.mark.parametrize(
    ("asked", "service"),
    [("2011-06-15", "sts"), ("2010-05-08", "iam"), ("2014-06-30", None), ("", None), (None, None)],
)
def test_the_version_tells_the_service(asked: str | None, service: str | None) -> None:
    """No other version is served."""
    assert query.Action("A", asked, {}).service == service


# --- answers that are no XML


def test_redirect() -> None:
    """It has no body, and takes nothing over from the request."""
    assert query.redirect("id") == Response(
        302, [(b"x-amzn-requestid", b"id"), (b"location", b"https://aws.amazon.com/iam")]
    )


# --- answers


class Empty(msgspec.Struct, frozen=True):
    pass


class Thing(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    text: str | None = None
    yes: bool | None = None
    number: int | None = None
    date: xml.Timestamp | None = None
    document: xml.PercentEncoded | None = None
    names: tuple[str, ...] | None = None
    dates: Annotated[tuple[xml.Timestamp, ...], "more"] | None = None
    empty: Empty | None = None
    things: tuple["Thing", ...] | None = None


def test_answer() -> None:
    """Members in their order, None left out, empty ones as one tag."""
    thing = Thing(
        text="a<b",
        yes=True,
        number=-1,
        date=1764000000.9,
        document='{"a": "*~é"}',
        names=(),
        dates=(0.0,),
        empty=Empty(),
        things=(Thing(text=""), Thing(yes=False)),
    )
    assert query.answer("GetThing", thing, "sts", "id", "ext") == Response(
        200,
        [(b"x-amzn-requestid", b"id"), (b"x-amz-sts-extended-request-id", b"ext"), (b"content-type", b"text/xml")],
        b"""\
<GetThingResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetThingResult>
    <Text>a&lt;b</Text>
    <Yes>true</Yes>
    <Number>-1</Number>
    <Date>2025-11-24T16:00:00Z</Date>
    <Document>%7B%22a%22%3A%20%22%2A~%C3%A9%22%7D</Document>
    <Names/>
    <Dates>
      <member>1970-01-01T00:00:00Z</member>
    </Dates>
    <Empty/>
    <Things>
      <member>
        <Text/>
      </member>
      <member>
        <Yes>false</Yes>
      </member>
    </Things>
  </GetThingResult>
  <ResponseMetadata>
    <RequestId>id</RequestId>
  </ResponseMetadata>
</GetThingResponse>
""",
    )


def test_answer_without_output() -> None:
    """212 bytes for AttachRolePolicy and an id of 36, as recorded from IAM; no STS header."""
    response = query.answer("AttachRolePolicy", None, "iam", "i" * 36, "ext")
    assert len(response.body) == 212
    assert response.headers == [(b"x-amzn-requestid", b"i" * 36), (b"content-type", b"text/xml")]
    first, second = response.body.splitlines()[:2]
    assert first == b'<AttachRolePolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
    assert second == b"  <ResponseMetadata>"


def test_an_empty_result_is_there() -> None:
    """Unlike no result."""
    assert b"\n  <UpdateRoleResult/>\n" in query.answer("UpdateRole", Empty(), "iam", "id").body


@given(st.text())
def test_any_text_comes_back_from_the_xml(text: str) -> None:
    """But for what XML cannot hold, which is replaced and never breaks the document."""
    body = query.answer("Get", Thing(text=text), "sts", "id").body
    found = ElementTree.fromstring(body).find(".//{*}Text")
    assert found is not None
    assert (found.text or "") == "".join(
        c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in text
    )


def test_extended_request_id() -> None:
    """Where, when and eight characters, differing with the request id."""
    text = base64.b64decode(query.extended_request_id("one", "us-east-2", 1763579652.304)).decode()
    assert text.startswith("1:us-east-2:S:1763579652304:R:")
    assert len(text.rpartition(":")[2]) == 8
    assert text.rpartition(":")[2].isalnum()
    assert query.extended_request_id("two", "us-east-2", 1763579652.304) != base64.b64encode(text.encode()).decode()


# --- refusals


def test_error() -> None:
    """The whole of it, as STS prints it."""
    assert query.error(errors.ValidationFailure("a'b"), "sts", "id", "ext") == Response(
        400,
        [(b"x-amzn-requestid", b"id"), (b"x-amz-sts-extended-request-id", b"ext"), (b"content-type", b"text/xml")],
        b"""\
<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>ValidationError</Code>
    <Message>a'b</Message>
  </Error>
  <RequestId>id</RequestId>
</ErrorResponse>
""",
    )


def test_an_error_without_a_message() -> None:
    """AWS leaves the element out."""
    assert b"Message" not in query.error(errors.MalformedInput(detail="why"), "iam", "id").body


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            query.Action("NoSuchAction", "2011-06-15", {}),
            "Could not find operation NoSuchAction for version 2011-06-15",
        ),
        (query.Action("GetRole", None, {}), "Could not find operation GetRole for version NO_VERSION_SPECIFIED"),
        (query.Action("GetRole", "", {}), "Could not find operation GetRole for version "),
        (query.Action("", "2011-06-15", {}), "Could not find operation  for version 2011-06-15"),
        (query.Action("<a>&", "2011-06-15", {}), "Could not find operation <a>& for version 2011-06-15"),
    ],
)
def test_unknown_operation(asked: query.Action, message: str) -> None:
    """In a namespace of its own, whichever service the version says."""
    response = query.error(query.unknown_operation(asked), asked.service, "id")
    assert b' xmlns="http://webservices.amazon.com/AWSFault/2005-15-09">\n' in response.body
    assert parsed(response)["Error"] == {"Type": "Sender", "Code": "InvalidAction", "Message": message}
    assert response.status == 400


MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    " and signing method. Consult the service documentation for details."
)
BROKE = "The request processing has failed because of an unknown error, exception or failure."


@pytest.mark.parametrize(
    ("refusal", "status", "code", "message"),
    [
        (
            errors.MissingAuthenticationToken(),
            403,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        ),
        (errors.IncompleteSignature("text"), 400, "IncompleteSignature", "text"),
        (
            errors.UnrecognizedClient("The security token included in the request is invalid"),
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        (errors.ExpiredToken(), 403, "ExpiredToken", "The security token included in the request is expired"),
        (errors.InvalidSignature("text"), 403, "SignatureDoesNotMatch", "text"),
        (errors.SignatureExpired("text"), 403, "SignatureDoesNotMatch", "text"),
        (errors.SignatureNotYetCurrent("text"), 403, "SignatureDoesNotMatch", "text"),
        (errors.UnsignedHeader("text"), 403, "SignatureDoesNotMatch", "text"),
        (errors.SignatureMismatch(b"canonical", b"string"), 403, "SignatureDoesNotMatch", MISMATCH),
        (errors.AccessDenied("text"), 403, "AccessDenied", "text"),
        (errors.SerializationFailure("text"), 400, "MalformedInput", "text"),
        (errors.TooManyRequests(), 400, "Throttling", "Rate exceeded"),
        (errors.LimitExceeded("text"), 409, "LimitExceeded", "text"),
        (errors.ConcurrentModification("text"), 409, "ConcurrentModification", "text"),
        (errors.NoSuchEntity("text"), 404, "NoSuchEntity", "text"),
        (errors.EntityAlreadyExists("text"), 409, "EntityAlreadyExists", "text"),
        (errors.DeleteConflict("text"), 409, "DeleteConflict", "text"),
        (errors.MalformedPolicyDocument("text"), 400, "MalformedPolicyDocument", "text"),
        (errors.InvalidInput("text"), 400, "InvalidInput", "text"),
        (errors.InternalFailure(), 500, "InternalFailure", BROKE),
    ],
)
def test_codes(refusal: errors.ServiceError, status: int, code: str, message: str) -> None:
    """Each cause with the code, status and text of this protocol; never a canonical request."""
    response = query.error(refusal, "sts", "id")
    assert response.status == status
    kind = "Receiver" if status >= 500 else "Sender"
    assert parsed(response)["Error"] == {"Type": kind, "Code": code, "Message": message}


def test_iam_says_of_a_token_without_a_period() -> None:
    """A recorded answer has 305 bytes with it."""
    response = query.error(errors.UnrecognizedClient(), "iam", "6ca66a39-87b0-4d36-aab9-4bff707642a2")
    assert parsed(response)["Error"]["Message"] == "The security token included in the request is invalid"
    assert (response.status, len(response.body)) == (403, 305)


def test_iam_has_its_own_word_for_what_broke() -> None:
    """In its service model, 500."""
    response = query.error(errors.InternalFailure(), "iam", "id")
    assert (response.status, parsed(response)["Error"]["Code"]) == (500, "ServiceFailure")
