"""Laws of signing and verifying, for whatever bytes come."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st
from tests.fuzzing.sigv4_requests import HOST, KEYS, NOW, REGION, SERVICE, look_up
from tests.oracles import plain_sigv4 as plain

from gatepass.errors import AuthenticationError, BadRequest
from gatepass.http import Request
from gatepass.sigv4 import Keys, Verifier, canonical_path, canonical_query, payload_hash, presign, sign
from gatepass.sigv4.canonical import canonical_headers
from gatepass.sigv4.dates import parse_basic_date, parse_http_date

URL_BYTES = st.lists(
    st.sampled_from([b"/", b".", b"a", b"-", b"%", b"%2F", b"%7e", b"~", b"=", b"&", b"+", b" ", b"\xc3"])
)
paths = st.one_of(st.binary(max_size=40), URL_BYTES.map(b"".join)).map(lambda path: b"/" + path)
queries = st.one_of(st.binary(max_size=40), URL_BYTES.map(b"".join))
names = st.sampled_from([b"accept", b"x-amz-target", b"my-header", b"x-%b", b"content-type"])
values = st.binary(max_size=20).filter(lambda value: not set(value) & set(b"\r\n\0"))
headers = st.lists(st.tuples(names, values), max_size=4).map(lambda given: [(b"host", HOST), *given])
requests = st.builds(
    Request,
    st.sampled_from(["GET", "POST", "PROPFIND"]),
    paths,
    queries.filter(lambda query: b"amz" not in plain.percent_decoded(query).lower()),
    headers,
    st.binary(max_size=10),
)
keys = st.sampled_from(KEYS)


def verifier() -> Verifier:
    return Verifier(look_up, service=SERVICE, regions=[REGION])


@given(paths)
def test_paths_are_canonical_as_in_the_plain_form(path: bytes) -> None:
    assert canonical_path(path) == plain.canonical_path(path, normalise=True)
    assert canonical_path(path, normalise=False) == plain.canonical_path(path, normalise=False)


@given(queries)
def test_queries_are_canonical_as_in_the_plain_form(query: bytes) -> None:
    assert canonical_query(query) == plain.canonical_query(query)
    assert canonical_query(canonical_query(query)) == canonical_query(query)


@given(headers)
def test_headers_are_canonical_as_in_the_plain_form(given_headers: list[tuple[bytes, bytes]]) -> None:
    signed = sorted({name for name, _ in given_headers})
    lines = [name + b":" + b",".join(plain.header_values(given_headers, name)) for name in signed]
    assert canonical_headers(given_headers, signed) == b"\n".join([*lines, b"", b";".join(signed)])


@given(requests, keys, st.booleans(), st.booleans())
def test_what_is_signed_is_verified(request: Request, key: Keys, normalise: bool, payload: bool) -> None:
    added = sign(
        request,
        key,
        region=REGION,
        service=SERVICE,
        now=NOW,
        normalise=normalise,
        sign_payload_header=payload,
    )
    arrived, judge = request._replace(headers=[*request.headers, *added]), verifier()
    for _ in range(2):
        assert judge.verify(arrived, payload_hash(request.body), NOW).presigned is False


@given(requests, keys, st.integers(1, 604800))
def test_what_is_presigned_is_verified(request: Request, key: Keys, expires: int) -> None:
    query = presign(request, key, region=REGION, service=SERVICE, now=NOW, expires=expires)
    assert verifier().verify(request._replace(query=query), payload_hash(request.body), NOW).presigned


@given(
    st.text(max_size=20),
    st.binary(max_size=200),
    st.binary(max_size=200),
    st.lists(
        st.tuples(
            st.one_of(st.binary(max_size=10), st.sampled_from([b"host", b"authorization", b"x-amz-date", b"date"])),
            st.one_of(
                st.binary(max_size=80),
                st.sampled_from(
                    [b"20260301T000000Z", b"AWS4-HMAC-SHA256 Credential=a/b/c/d/e,SignedHeaders=host,Signature=0"]
                ),
            ),
        ),
        max_size=8,
    ),
    st.floats(-1e11, 1e11),
)
def test_nothing_but_a_refusal_comes_out(
    method: str, path: bytes, query: bytes, arrived: list[tuple[bytes, bytes]], now: float
) -> None:
    with suppress(AuthenticationError, BadRequest):
        verifier().verify(Request(method, path, query, arrived), payload_hash(b""), now)


@given(st.binary(max_size=40))
def test_any_bytes_are_a_date_or_not(value: bytes) -> None:
    for seconds in (parse_basic_date(value), parse_http_date(value)):
        assert seconds is None or isinstance(seconds, int)
