"""Refused for what arrived beside the signature: twice, unsigned, reserved, too large."""

from __future__ import annotations

from tests.unit.sigv4.world import (
    CASES,
    HOST,
    Case,
    Gate,
    also,
    by_hand,
    case,
    edited,
    header,
    presigned,
    signed,
    with_header,
)

from gatepass.errors import MISMATCH
from gatepass.http import Request

# What arrives twice.

for _name in (b"host", b"authorization", b"x-amz-date", b"x-amz-security-token", b"x-amz-content-sha256"):
    for _where in ("first", "last"):

        def _twice(gate: Gate, name: bytes = _name, where: str = _where) -> Request:
            request = gate.show(signed(options={"sign_payload_header": True}))
            again = (name, header(request, name) if name != b"host" else b"evil.test")
            return request._replace(
                headers=[again, *request.headers] if where == "first" else [*request.headers, again]
            )

        CASES.append(Case(f"{_name.decode()} twice, the other {_where}", "AmbiguousCredentials", _twice, MISMATCH))


@case("AmbiguousCredentials", MISMATCH)
def two_hosts_signed_as_two(gate: Gate) -> Request:
    gate.show(signed())
    return by_hand(b"host;x-amz-date", headers=[(b"host", HOST), (b"host", b"evil.test")])


@case("AmbiguousCredentials", MISMATCH)
def two_hosts_in_one_header(gate: Gate) -> Request:
    gate.show(signed(headers=[(b"host", HOST)]))
    return signed(headers=[(b"host", HOST + b",evil.test")])


for _value in (b"", b"a b", b"a/b", b"a@b", b"a:b", b"a:1:2", b"[::1", b"a?b", b"caf\xc3\xa9.test"):

    def _with_host(gate: Gate, value: bytes = _value) -> Request:
        gate.show(signed(headers=[(b"host", HOST)]))
        return signed(headers=[(b"host", value)])

    CASES.append(Case(f"the host `{_value!r}`", "AmbiguousCredentials", _with_host, MISMATCH))


@case("AmbiguousCredentials", MISMATCH)
def two_dates_of_http(gate: Gate) -> Request:
    date = (b"date", b"Wed, 15 Jul 2026 11:34:56 GMT")
    return by_hand(b"host", headers=[(b"host", HOST), date, date])


for _extra in (b", Signature=" + b"0" * 64, b", Credential=x", b", SignedHeaders=host", b", X=1", b",Region=x"):

    def _more(gate: Gate, extra: bytes = _extra) -> Request:
        request = gate.show(signed())
        return with_header(request, b"authorization", header(request, b"authorization") + extra)

    def _more_first(gate: Gate, extra: bytes = _extra) -> Request:
        return edited(gate.show(signed()), b"Credential=", extra.strip(b", ") + b", Credential=")

    CASES.append(Case(f"at the end of Authorization: {_extra.decode()[:12]}", "AmbiguousCredentials", _more, MISMATCH))
    CASES.append(
        Case(f"at the start of Authorization: {_extra.decode()[:12]}", "AmbiguousCredentials", _more_first, MISMATCH)
    )


# What arrives unsigned, or must not arrive.

UNSIGNED = [
    "x-amz-target",
    "x-amz-acl",
    "x-amz-meta-owner",
    "x-amz-copy-source",
    "x-amz-user-agent",
    "x-amz-tagging",
    "x-amz-website-redirect-location",
    "x-amz-invocation-type",
    "x-amz-log-type",
    "x-amz-client-context",
    "x-amz-source-arn",
    "x-amz-source-account",
    "x-amz-trace-id",
    "x-amz-server-side-encryption",
    "x-amz-grant-full-control",
    "x-amz-storage-class",
    "x-amz-object-lock-mode",
    "x-amz-mfa",
    "x-amz-bypass-governance-retention",
    "x-amz-request-payer",
    "x-amz-expected-bucket-owner",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-decoded-content-length",
    "x-amz-trailer",
    "x-amz-region-set",
    "x-amz-s3session-token",
    "x-amz-api-version",
    "x-amz-glacier-version",
    "x-amz-date-override",
    "x-amz-",
    "x_amz_target",
    "x-amz_security-token",
]
RESERVED = [
    "x-gatepass-account",
    "x-gatepass-access-key",
    "x-gatepass-zzz",
    "x-gatepass-",
    "x_gatepass_account",
    "x-http-method-override",
    "x_http_method_override",
]

for _unsigned_name in UNSIGNED:

    def _unsigned(gate: Gate, name: str = _unsigned_name) -> Request:
        return also(gate.show(signed()), name.encode(), b"anything")

    def _unsigned_beside_query(gate: Gate, name: str = _unsigned_name) -> Request:
        return also(gate.show(presigned()), name.encode(), b"anything")

    CASES.append(Case(f"unsigned: {_unsigned_name}", "UnsignedHeader", _unsigned, MISMATCH))
    CASES.append(Case(f"unsigned, presigned: {_unsigned_name}", "UnsignedHeader", _unsigned_beside_query, MISMATCH))

for _reserved_name in RESERVED:

    def _reserved(gate: Gate, name: str = _reserved_name) -> Request:
        return also(gate.show(signed()), name.encode(), b"DELETE")

    def _reserved_signed(gate: Gate, name: str = _reserved_name) -> Request:
        gate.show(signed())
        return signed(headers=[(b"host", HOST), (name.encode(), b"DELETE")])

    CASES.append(Case(f"reserved, unsigned: {_reserved_name}", "ReservedHeader", _reserved, MISMATCH))
    CASES.append(Case(f"reserved, signed: {_reserved_name}", "ReservedHeader", _reserved_signed, MISMATCH))


# Limits.


@case("BadRequest", "Bad Request")
def a_header_of_more_than_16_kib(gate: Gate) -> Request:
    return with_header(gate.show(also(signed(), b"cookie", b"x")), b"cookie", b"x" * (16 * 1024))


@case("BadRequest", "Bad Request")
def headers_of_more_than_64_kib(gate: Gate) -> Request:
    request = signed()
    gate.show(request._replace(headers=[*request.headers, *[(b"cookie-%d" % n, b"x") for n in range(8)]]))
    return request._replace(headers=[*request.headers, *[(b"cookie-%d" % n, b"x" * 8192) for n in range(8)]])


@case("BadRequest", "Bad Request")
def a_path_of_more_than_64_kib(gate: Gate) -> Request:
    gate.show(signed())
    return signed(path=b"/" + b"x" * 65536)


@case("BadRequest", "Bad Request")
def a_query_of_more_than_8_kib(gate: Gate) -> Request:
    gate.show(signed())
    return signed(query=b"a=" + b"x" * 8191)


@case("BadRequest", "Bad Request")
def more_than_100_signed_headers(gate: Gate) -> Request:
    gate.show(signed())
    return signed(headers=[(b"host", HOST), *[(b"x-%d" % n, b"") for n in range(100)]])


for _byte in (b"\r", b"\n", b"\0", b"\r\nx-gatepass-account: 1"):

    def _broken_line(gate: Gate, byte: bytes = _byte) -> Request:
        gate.show(signed(headers=[(b"host", HOST), (b"my-header", b"ab")]))
        return signed(headers=[(b"host", HOST), (b"my-header", b"a" + byte + b"b")])

    def _broken_line_unsigned(gate: Gate, byte: bytes = _byte) -> Request:
        request = gate.show(also(signed(), b"cookie", b"ab"))
        return with_header(request, b"cookie", b"a" + byte + b"b")

    CASES.append(Case(f"in a signed header: {_byte!r}", "BadRequest", _broken_line, "Bad Request"))
    CASES.append(Case(f"in another header: {_byte!r}", "BadRequest", _broken_line_unsigned, "Bad Request"))

for _method in ("", "GET\n", "GET /", "GÉT", "G" * 33, "GET\nx"):

    def _odd_method(gate: Gate, method: str = _method) -> Request:
        return gate.show(signed())._replace(method=method)

    CASES.append(Case(f"the method {_method!r}", "BadRequest", _odd_method, "Bad Request"))

for _odd_name in (b"X-Gatepass-Account", b"X-Amz-Date", b"Host", b"My-Header"):

    def _upper_case(gate: Gate, name: bytes = _odd_name) -> Request:
        """A server that does not put names in lower case."""
        return also(gate.show(signed()), name, b"x")

    CASES.append(Case(f"a name as sent: {_odd_name.decode()}", "BadRequest", _upper_case, "Bad Request"))

for _path in (b"", b"prod/items", b"*"):

    def _odd_path(gate: Gate, path: bytes = _path) -> Request:
        gate.show(signed())
        return signed(path=path)

    CASES.append(Case(f"the path {_path!r}", "BadRequest", _odd_path, "Bad Request"))
