"""AWS JSON 1.1: botocore's bytes decode, botocore reads our answers, any bytes raise a service error or nothing."""

from __future__ import annotations

import json
from typing import Annotated, Any

import botocore.loaders
import botocore.model
import botocore.parsers
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass import errors
from gatepass.http import Request, Response
from gatepass.wire import json11
from gatepass.wire.constraints import Length, Pattern
from gatepass.wire.json11 import Timestamp

ID = "5a6b7c8d-0000-4000-8000-000000000001"
ORIGIN = b"https://app.test"


class Provider(msgspec.Struct, rename="pascal", kw_only=True):
    client_id: Annotated[str, Length(1, 8)] | None = None
    check: bool | None = None


class Example(msgspec.Struct, rename="pascal", kw_only=True):
    pool_id: Annotated[str, Length(1, 55), Pattern(r"[\w-]+:[0-9a-f-]+")]
    allow: bool | None = None
    most: int | None = None
    logins: dict[str, str] | None = None
    arns: tuple[str, ...] | None = None
    providers: tuple[Provider, ...] | None = None
    by_name: dict[str, Provider] | None = None


class Keys(msgspec.Struct, rename="pascal", kw_only=True, omit_defaults=True):
    secret_key: str
    access_key_id: str
    expiration: Timestamp
    note: str | None = None


class Given(msgspec.Struct, rename="pascal", kw_only=True, omit_defaults=True):
    identity_id: str
    credentials: Keys | None = None


class Empty(msgspec.Struct):
    pass


def post(target: bytes | None) -> Request:
    headers = [(b"x-amz-target", target)] if target is not None else []
    return Request("POST", b"/", headers=headers)


def headers(response: Response) -> dict[bytes, bytes]:
    assert len({name for name, _ in response.headers}) == len(response.headers)
    return dict(response.headers)


def decode(**members: Any) -> Example:
    return json11.decode(json.dumps({"PoolId": "r:0", **members}).encode(), Example)


# --- target


@pytest.mark.parametrize("name", ["GetId", "Nonsense", "", "a.b"])
def test_the_target_names_the_operation(name: str) -> None:
    assert json11.target(post(b"AWSCognitoIdentityService." + name.encode())) == name


def test_without_a_target_the_request_is_of_another_protocol() -> None:
    assert json11.target(post(None)) is None


@pytest.mark.parametrize(
    "value", [b"GetId", b"DynamoDB_20120810.ListTables", b"awscognitoidentityservice.GetId", b"\xff", b""]
)
def test_a_foreign_target_is_no_operation(value: bytes) -> None:
    found = json11.target(post(value))
    assert found is not None
    assert not found.isalnum()


def test_two_targets_are_no_operation() -> None:
    twice = Request("POST", b"/", headers=[(b"x-amz-target", b"AWSCognitoIdentityService.GetId")] * 2)
    found = json11.target(twice)
    assert found is not None
    assert not found.isalnum()


# --- decode


def test_members_of_every_type_decode() -> None:
    assert decode(
        Allow=True,
        Most=3,
        Logins={"a": "b"},
        Arns=["x"],
        Providers=[{"ClientId": "c", "Check": False}],
        ByName={"n": {}},
    ) == Example(
        pool_id="r:0",
        allow=True,
        most=3,
        logins={"a": "b"},
        arns=("x",),
        providers=(Provider(client_id="c", check=False),),
        by_name={"n": Provider()},
    )


def test_unknown_members_and_nulls_are_ignored_and_the_last_of_two_counts() -> None:
    assert json11.decode(b'{"PoolId":"a:1","PoolId":"r:0","Allow":null,"X":[{}]}', Example) == Example(pool_id="r:0")


def test_a_number_with_a_fraction_is_truncated_as_coral_does() -> None:
    assert decode(Most=3.9).most == 3


STRUCTURE = "Start of structure or map found where not expected"


@pytest.mark.parametrize(
    ("member", "value", "text"),
    [
        ("PoolId", True, "TRUE_VALUE cannot be converted to String"),
        ("PoolId", False, "FALSE_VALUE cannot be converted to String"),
        ("PoolId", 23, "NUMBER_VALUE cannot be converted to String"),
        ("PoolId", 34.56, "DECIMAL_VALUE cannot be converted to String"),
        ("PoolId", [], "Unrecognized collection type class java.lang.String"),
        ("PoolId", {}, STRUCTURE),
        ("Allow", "true", "Unexpected token received from parser"),
        ("Allow", 1, "NUMBER_VALUE cannot be converted to Boolean"),
        ("Allow", 1.5, "DECIMAL_VALUE cannot be converted to Boolean"),
        ("Allow", [], "Unrecognized collection type class java.lang.Boolean"),
        ("Allow", {}, STRUCTURE),
        ("Most", "1", "STRING_VALUE cannot be converted to Integer"),
        ("Most", True, "TRUE_VALUE cannot be converted to Integer"),
        ("Most", [], "Unrecognized collection type class java.lang.Integer"),
        ("Most", {}, STRUCTURE),
        ("Arns", "a", "Unexpected field type"),
        ("Arns", {}, STRUCTURE),
        ("Arns", [1], "NUMBER_VALUE cannot be converted to String"),
        ("Logins", "a", "Unexpected field type"),
        ("Logins", [], "Start of list found where not expected"),
        ("Logins", {"a": 1}, "NUMBER_VALUE cannot be converted to String"),
        ("Providers", ["a"], "Unexpected value type in payload"),
        ("Providers", [[]], "Start of list found where not expected"),
        ("ByName", {"a": "b"}, "Unexpected value type in payload"),
        ("Providers", [{"ClientId": 1}], "NUMBER_VALUE cannot be converted to String"),
    ],
)
def test_a_member_that_is_not_of_its_type_is_refused_in_corals_words(member: str, value: object, text: str) -> None:
    with pytest.raises(errors.SerializationFailure) as caught:
        decode(**{member: value})
    assert caught.value.message == text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"a"',
        b"1",
        b"{}{}",
        b"\xef\xbb\xbf{}",
        b'{"PoolId":"\xff"}',
        b'{"PoolId":"\\ud800"}',
        b"[" * 100000,
        b'{"PoolId":"r:0","X":' + b"[" * 32 + b"]" * 32 + b"}",
        b'{"a":' * 33 + b"1" + b"}" * 33,
    ],
)
def test_what_is_no_object_of_sane_depth_is_refused_without_a_message(body: bytes) -> None:
    with pytest.raises(errors.SerializationFailure) as caught:
        json11.decode(body, Example)
    assert caught.value.message == ""
    assert caught.value.detail


def test_the_deepest_and_the_largest_that_pass() -> None:
    deep = b'{"PoolId":"r:0","X":' + b"[" * 31 + b"]" * 31 + b"}"
    assert json11.decode(deep, Example).pool_id == "r:0"
    wide = b'{"PoolId":"r:0","X":[' + b"{}," * 1000 + b"{}]}"
    assert json11.decode(wide, Example).pool_id == "r:0"
    large = b'{"PoolId":"r:0","X":"' + b"a" * (json11.MOST_BODY - 23) + b'"}'
    assert len(large) == json11.MOST_BODY
    assert json11.decode(large, Example).pool_id == "r:0"
    with pytest.raises(errors.RequestTooLarge):
        json11.decode(large + b" ", Example)


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_raise_a_service_error(body: bytes) -> None:
    try:
        json11.decode(body, Example)
    except errors.ServiceError as failure:
        json11.error(failure, ID, ORIGIN)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["PoolId", "Allow", "Most", "Logins", "Arns", "Providers", "ByName", "Other"]


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_any_json_decodes_or_raises_a_service_error(values: dict[str, object]) -> None:
    try:
        json11.decode(json.dumps(values).encode(), Example)
    except errors.ServiceError as failure:
        answered = json11.error(failure, ID, ORIGIN)
        assert all(b" " <= bytes([byte]) <= b"~" for _, value in answered.headers for byte in value)


# --- answers


def test_an_answer_has_its_keys_sorted_and_its_times_in_javas_notation() -> None:
    keys = Keys(access_key_id="ASIA", secret_key="s/+", expiration=Timestamp(1515115602))
    response = json11.answer(Given(identity_id="us-east-1:0", credentials=keys), ID)
    assert response.status == 200
    assert response.body == (
        b'{"Credentials":{"AccessKeyId":"ASIA","Expiration":1.515115602E9,"SecretKey":"s/+"},"IdentityId":"us-east-1:0"}'
    )
    assert list(response.headers) == [
        (b"x-amzn-requestid", ID.encode()),
        (b"content-type", b"application/x-amz-json-1.1"),
    ]


def test_times_have_milliseconds() -> None:
    """As pasted from AWS: 1.70057487582E9."""
    keys = Keys(access_key_id="ASIA", secret_key="s", expiration=Timestamp(1700574875.8204593))
    assert b'"Expiration":1.70057487582E9,' in json11.answer(Given(identity_id="i", credentials=keys), ID).body


def test_an_operation_without_output_answers_an_empty_body_and_an_empty_structure_braces() -> None:
    assert json11.answer(None, ID).body == b""
    assert json11.answer(Empty(), ID).body == b"{}"


def test_a_browser_may_read_the_answer() -> None:
    found = headers(json11.answer(None, ID, ORIGIN))
    assert found[b"access-control-allow-origin"] == b"*"
    assert found[b"access-control-expose-headers"] == b"x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1515115602, "1.515115602E9"),
        (1500000000, "1.5E9"),
        (1700574875.82, "1.70057487582E9"),
        (1e9, "1.0E9"),
        (0, "0.0"),
        (1, "1.0"),
        (1.5, "1.5"),
        (-2.25, "-2.25"),
        (1234567.5, "1234567.5"),
        (12345678, "1.2345678E7"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (100, "100.0"),
    ],
)
def test_numbers_are_written_as_java_writes_doubles(number: float, text: str) -> None:
    assert json11.java_double(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_in_javas_notation_is_the_same_number(number: float) -> None:
    assert float(json11.java_double(number)) == number


# --- errors


def test_an_error_is_the_bytes_recorded_from_cognito() -> None:
    message = "Logins don't match. Please include at least one valid login for this identity or identity pool."
    response = json11.error(errors.NotAuthorized(message, detail="secret"), ID, ORIGIN)
    assert response.status == 400
    assert len(response.body) == 143
    assert response.body == b'{"__type":"NotAuthorizedException","message":"' + message.encode() + b'"}'
    found = headers(response)
    assert found[b"x-amzn-errortype"] == b"NotAuthorizedException:"
    assert found[b"x-amzn-errormessage"] == message.encode()
    assert found[b"x-amzn-requestid"] == ID.encode()
    assert found[b"content-type"] == b"application/x-amz-json-1.1"
    assert found[b"access-control-allow-origin"] == b"*"
    assert b"secret" not in b"".join(found.values())


@pytest.mark.parametrize(
    ("failure", "status", "body"),
    [
        (errors.UnknownOperation(), 400, b'{"__type":"UnknownOperationException"}'),
        (errors.SerializationFailure(), 400, b'{"__type":"SerializationException"}'),
        (
            errors.SerializationFailure("Unexpected field type"),
            400,
            b'{"__type":"SerializationException","Message":"Unexpected field type"}',
        ),
        (errors.ValidationFailure("m"), 400, b'{"__type":"ValidationException","message":"m"}'),
        (
            errors.MissingAuthenticationToken(),
            400,
            b'{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}',
        ),
        (
            errors.UnrecognizedClient(),
            400,
            (
                b'{"__type":"UnrecognizedClientException",'
                b'"message":"The security token included in the request is invalid."}'
            ),
        ),
        (
            errors.ExpiredToken(),
            400,
            b'{"__type":"ExpiredTokenException","message":"The security token included in the request is expired"}',
        ),
        (errors.IncompleteSignature("m"), 400, b'{"__type":"IncompleteSignatureException","message":"m"}'),
        (errors.SignatureExpired("m"), 400, b'{"__type":"InvalidSignatureException","message":"m"}'),
        (errors.AccessDenied("m"), 400, b'{"__type":"AccessDeniedException","Message":"m"}'),
        (errors.TooManyRequests(), 400, b'{"__type":"TooManyRequestsException","message":"Rate exceeded"}'),
        (errors.ResourceNotFound("m"), 400, b'{"__type":"ResourceNotFoundException","message":"m"}'),
        (
            errors.InvalidIdentityPoolConfiguration(),
            400,
            (
                b'{"__type":"InvalidIdentityPoolConfigurationException",'
                b'"message":"Invalid identity pool configuration. Check assigned IAM roles for this pool."}'
            ),
        ),
        (
            errors.InternalFailure(),
            500,
            b'{"__type":"InternalErrorException","message":"Internal server error"}',
        ),
        (errors.RequestTooLarge(), 413, b""),
    ],
)
def test_each_cause_has_its_name_status_and_bytes(failure: errors.ServiceError, status: int, body: bytes) -> None:
    response = json11.error(failure, ID)
    assert (response.status, response.body) == (status, body)


def test_a_mismatched_signature_does_not_show_the_canonical_request() -> None:
    assert b"canonical" not in json11.error(errors.SignatureMismatch(b"canonical", b"string"), ID).body


def test_a_callers_text_cannot_end_the_header_line_nor_make_it_long() -> None:
    found = headers(json11.error(errors.ValidationFailure("a\r\nset-cookie: é" + "x" * 100_000), ID))
    assert found[b"x-amzn-errormessage"].startswith(b"a??set-cookie: ?xxx")
    assert len(found[b"x-amzn-errormessage"]) == json11.MOST_HEADER
    assert b"set-cookie" not in found


# --- browsers


def test_a_preflight_is_answered_with_the_headers_it_asked_for() -> None:
    request = Request(
        "OPTIONS",
        b"/",
        headers=[
            (b"origin", ORIGIN),
            (b"access-control-request-method", b"POST"),
            (b"access-control-request-headers", b"content-type,x-amz-target"),
        ],
    )
    response = json11.preflight(request, ID)
    assert (response.status, response.body) == (200, b"")
    assert headers(response) == {
        b"x-amzn-requestid": ID.encode(),
        b"access-control-allow-origin": b"*",
        b"access-control-allow-methods": b"POST",
        b"access-control-allow-headers": b"content-type,x-amz-target",
        b"access-control-max-age": b"172800",
    }


@pytest.mark.parametrize("asked", [b"a\r\nb: c", b"a:b", b"\xff", b""])
def test_a_preflight_echoes_only_header_names(asked: bytes) -> None:
    request = Request("OPTIONS", b"/", headers=[(b"access-control-request-headers", asked)])
    assert b"access-control-allow-headers" not in headers(json11.preflight(request, ID))


# --- botocore reads it


def output_shape(operation: str) -> botocore.model.StructureShape | None:
    loaded = botocore.loaders.Loader().load_service_model("cognito-identity", "service-2")
    model = botocore.model.ServiceModel(loaded)
    shape: botocore.model.StructureShape | None = model.operation_model(operation).output_shape
    return shape


def parsed(response: Response, operation: str) -> dict[str, Any]:
    given = {
        "status_code": response.status,
        "headers": {name.decode(): value.decode() for name, value in response.headers},
        "body": response.body,
    }
    result: dict[str, Any] = botocore.parsers.JSONParser().parse(given, output_shape(operation))
    return result


def test_botocore_reads_answers_and_errors() -> None:
    keys = Keys(access_key_id="ASIA", secret_key="s", expiration=Timestamp(1515115602))
    good = parsed(json11.answer(Given(identity_id="r:0", credentials=keys), ID), "GetCredentialsForIdentity")
    assert good["Credentials"]["Expiration"].timestamp() == 1515115602
    assert good["ResponseMetadata"]["RequestId"] == ID
    assert parsed(json11.answer(None, ID), "DeleteIdentityPool")["ResponseMetadata"]["HTTPStatusCode"] == 200
    bad = parsed(json11.error(errors.NotAuthorized("why"), ID), "GetId")
    assert bad["Error"] == {"Code": "NotAuthorizedException", "Message": "why"}
    denied = parsed(json11.error(errors.AccessDenied("why"), ID), "GetId")
    assert denied["Error"] == {"Code": "AccessDeniedException", "Message": "why"}
