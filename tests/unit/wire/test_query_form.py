"""Form parameters become the values of a shape, or `MalformedInput`; nothing else."""

from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.errors import MalformedInput, ServiceError, ValidationFailure
from gatepass.http import Request
from gatepass.wire import form, query
from gatepass.wire.constraints import Length, Pattern, Range


class Label(msgspec.Struct, frozen=True, rename="pascal"):
    key: Annotated[str, Length(1, 8)]
    value: str


class Nested(msgspec.Struct, frozen=True, rename="pascal"):
    names: tuple[str, ...] = ()
    label: Label | None = None


NAME = Annotated[str, Length(1, 8), query.Spelling(Pattern(r"[\w+=,.@-]+"), "Letters only.")]


class Everything(msgspec.Struct, frozen=True, rename="pascal"):
    name: NAME
    size: Annotated[int, Range(1, 1000)] | None = None
    enabled: bool | None = None
    labels: Annotated[tuple[Label, ...], Length(maximum=3)] = ()
    nested: Nested | None = None


def decode(text: str) -> Everything:
    return query.decode(form.pairs(text.encode()), Everything, service="sts")


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (b"", {}),
        (b"&&a=1&", {"a": "1"}),
        (b"a", {"a": ""}),
        (b"a=1=2", {"a": "1=2"}),
        (b"a=+%2B%20", {"a": " + "}),
        (b"a%2eb=%c3%a9", {"a.b": "é"}),
        (b"a=1&a=2", {"a": "1"}),
    ],
)
def test_pairs(encoded: bytes, expected: dict[str, str]) -> None:
    """Percent escapes and `+` are decoded, in names too; of a repeated name the first value counts."""
    assert form.pairs(encoded) == expected


@pytest.mark.parametrize("encoded", [b"a=%", b"a=%2", b"a=%zz", b"%g0=1", b"a=%ff", b"a=\xff", b"a=%ed%a0%80"])
def test_what_two_readers_could_read_differently_is_malformed(encoded: bytes) -> None:
    """A lone `%` and bytes that are not UTF-8 are not guessed at."""
    with pytest.raises(MalformedInput):
        form.pairs(encoded)


def test_a_form_of_too_many_parameters_is_malformed() -> None:
    """The tree of parameters is bounded."""
    assert len(form.pairs(b"&".join(b"a%d=1" % number for number in range(form.MOST_PAIRS)))) == form.MOST_PAIRS
    with pytest.raises(MalformedInput):
        form.pairs(b"a=1&" * (form.MOST_PAIRS + 1))


def test_every_kind_of_member() -> None:
    """Scalars, lists by number and not by place, structures, lists in structures."""
    assert decode(
        "Name=n&Size=%2B0900&Enabled=1"
        "&Labels.member.10.Key=b&Labels.member.10.Value=2&Labels.member.2.Key=a&Labels.member.2.Value="
        "&Nested.Names.member.1=x&Nested.Label.Key=k&Nested.Label.Value=v"
    ) == Everything("n", 900, True, (Label("a", ""), Label("b", "2")), Nested(("x",), Label("k", "v")))


def test_an_empty_list_is_sent_as_an_empty_parameter() -> None:
    """As botocore does."""
    assert decode("Name=n&Labels=") == Everything("n")


@pytest.mark.parametrize(
    "unknown", ["Other=1", "Other.member.1=1", "Labels.member.1.Other=1&Labels.member.1.Key=k&Labels.member.1.Value=v"]
)
def test_unknown_parameters_are_ignored(unknown: str) -> None:
    """Whatever their form."""
    assert decode(f"Name=n&{unknown}").name == "n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Size=", "missing value for decimal type"),
        ("Size=abc", ""),
        ("Size=900.0", ""),
        ("Size=2147483648", ""),
        ("Size=-2147483649", ""),
        ("Size=" + "9" * 5000, ""),
        ("Size=١", ""),
        ("Enabled=TRUE", "boolean must follow xsd1.1 definition"),
        ("Enabled=", "boolean must follow xsd1.1 definition"),
        ("Labels=a", "Unexpected list element termination"),
        ("Labels.1.Key=a", "Top level element may not be treated as a list"),
        ("Labels.member=a", ""),
        ("Labels.member.0.Key=a", ""),
        ("Labels.member.x.Key=a", ""),
        ("Labels.member.1=a", "Unexpected complex element termination"),
        ("Nested=a", "Unexpected complex element termination"),
        ("Name.member.1=a", "Start of list found where not expected"),
        ("Name=a&Name.member.1=b", "Start of list found where not expected"),
    ],
)
def test_what_is_not_of_its_type(text: str, message: str) -> None:
    """AWS says nothing at all of most numbers it cannot read."""
    with pytest.raises(MalformedInput) as raised:
        decode(f"Name=n&{text}" if not text.startswith("Name") else text)
    assert raised.value.message == message


@pytest.mark.parametrize(("text", "size"), [("Size=2147483647", 2**31 - 1), ("Size=-1", -1)])
def test_integers_have_32_bits(text: str, size: int) -> None:
    """The extremes are numbers, and reach the constraint."""
    with pytest.raises(ValidationFailure, match=f"Value '{size}' at 'size' failed to satisfy constraint"):
        decode(f"Name=n&{text}")


def test_a_spelling_is_checked_alone_and_first() -> None:
    """IAM has a sentence of its own for some patterns, and says only that."""
    with pytest.raises(ValidationFailure) as raised:
        decode("Name=&Size=0")
    assert raised.value.message == "The specified value for name is invalid. Letters only."
    with pytest.raises(ValidationFailure, match=r"^2 validation errors detected: "):
        decode("Name=nnnnnnnnn&Size=0")


def test_iam_does_not_repeat_values() -> None:
    """STS prints what was sent, IAM does not."""
    with pytest.raises(ValidationFailure) as raised:
        query.decode({"Name": "n", "Size": "0"}, Everything, service="iam")
    assert raised.value.message == (
        "1 validation error detected: Value at 'size' failed to satisfy constraint:"
        " Member must have value greater than or equal to 1"
    )


NAMES = st.sampled_from(
    ["Name", "Size", "Enabled", "Labels", "Nested", "member", "1", "2", "Key", "Value", "Names", ""]
)
PAIRS = st.builds(
    lambda steps, value: ".".join(steps).encode() + b"=" + value, st.lists(NAMES, max_size=16), st.binary(max_size=8)
)


def refusal(body: bytes) -> ServiceError | None:
    request = Request("POST", b"/", headers=[(b"content-type", b"application/x-www-form-urlencoded")], body=body)
    try:
        asked = query.action(request)
        query.decode(asked.parameters if asked else form.pairs(body), Everything, service="sts")
    except ServiceError as raised:
        return raised
    return None


@given(st.one_of(st.binary(), st.lists(PAIRS).map(b"&".join)))
def test_any_body_decodes_or_is_refused(body: bytes) -> None:
    """No bytes raise anything but a refusal AWS would print, and that prints."""
    refused = refusal(body)
    assert refused is None or query.error(refused, "sts", "id").status == 400


def test_sts_reads_no_more_parameters_than_it_could_use() -> None:
    """IAM's simulator may be given as many as a form holds."""
    parameters = {f"Unknown.{number}": "x" for number in range(1_000)} | {"Name": "n"}
    with pytest.raises(MalformedInput):
        query.decode(parameters, Everything, service="sts")
    assert query.decode(parameters, Everything, service="iam").name == "n"
