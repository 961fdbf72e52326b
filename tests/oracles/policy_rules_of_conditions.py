"""Rules of conditions: operators, missing keys, sets, variables, and what nobody can read."""

from __future__ import annotations

from typing import Any

from tests.oracles.policy_rule import (
    ALLOWED,
    EXPLICIT,
    IMPLICIT,
    allow,
    rule,
    unless,
    when,
)


def conditions() -> None:
    both = allow(Condition={"StringEquals": {"test:k": "a", "test:l": "b"}, "Bool": {"test:m": "true"}})
    met = {"test:k": "a", "test:l": "b", "test:m": "true"}
    rule("every operator and every key must hold", ALLOWED, both, context=met)
    for key in met:
        rule(f"one that does not hold is enough: {key}", IMPLICIT, both, context={**met, key: "c"})
    rule(
        "of several values one that compares suffices",
        ALLOWED,
        when("StringEquals", ["x", "a"]),
        context={"test:k": "a"},
    )
    rule(
        "under a negated operator none may compare",
        IMPLICIT,
        when("StringNotEquals", ["x", "a"]),
        context={"test:k": "a"},
    )
    rule("key names ignore case", ALLOWED, when("StringEquals", "a", "TEST:K"), context={"test:k": "a"})
    for operator, value, yes, no in (
        ("StringEquals", "a*", "a*", "ab"),
        ("StringNotEquals", "a*", "ab", "a*"),
        ("StringEqualsIgnoreCase", "Ab", "aB", "b"),
        ("StringNotEqualsIgnoreCase", "Ab", "b", "aB"),
        ("StringLike", "a?c*", "abcd", "ac"),
        ("StringNotLike", "a?c*", "ac", "abcd"),
        ("StringLike", "authenticated", "authenticated", "unauthenticated"),
        ("NumericEquals", "10", "10.0", "10.1"),
        ("NumericNotEquals", "10", "9", "10.0"),
        ("NumericLessThan", "10", "9.99", "10"),
        ("NumericLessThanEquals", "10", "10", "10.01"),
        ("NumericGreaterThan", "10", "10.5", "10"),
        ("NumericGreaterThanEquals", "10", "10", "9"),
        ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", "1767225601"),
        ("DateNotEquals", "1767225600", "2026-01-02", "2026-01-01T00:00:00Z"),
        ("DateLessThan", "2026-01-01T00:00:00Z", "1767225599", "2026-01-01T01:00:00+01:00"),
        ("DateLessThanEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2026-01-02"),
        ("DateGreaterThan", "1767225600", "2026-01-01T00:00:01Z", "2026-01-01"),
        ("DateGreaterThanEquals", "1767225600", "2026-01-01", "2025-12-31T23:59:59Z"),
        ("Bool", "true", "true", "false"),
        ("Bool", "false", "false", "no"),
        ("BinaryEquals", "QUJD", "QUJD", "QUJE"),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", "203.0.114.9"),
        ("IpAddress", "203.0.113.9", "203.0.113.9", "203.0.113.10"),
        ("IpAddress", "0.0.0.0/0", "8.8.8.8", "2001:db8::1"),
        ("IpAddress", "2001:db8::/32", "2001:DB8:1::", "2001:db9::"),
        ("IpAddress", "2001:db8::1", "2001:0db8:0:0::1", "2001:db8::2"),
        ("NotIpAddress", "203.0.113.0/24", "2001:db8::1", "203.0.113.9"),
        ("NotIpAddress", "203.0.113.9", "2001:db8::1", "203.0.113.9"),
        ("ArnEquals", "arn:aws:sns:*:1:t*", "arn:aws:sns:us-east-1:1:topic", "arn:aws:sns:a:b:1:topic"),
        ("ArnLike", "arn:aws:sns:*:1:t?pic", "arn:aws:sns:us-east-1:1:topic", "arn:aws:SNS:us-east-1:1:topic"),
        ("ArnNotEquals", "arn:aws:sns:*:1:t*", "arn:aws:sqs:us-east-1:1:topic", "arn:aws:sns:us-east-1:1:topic"),
        ("ArnNotLike", "arn:aws:s3:::b*", "arn:aws:s3:::a", "arn:aws:s3:::b/x"),
        ("ArnLike", "arn:aws:s3:::*", "arn:aws:s3:::b", "arn:aws:s3"),
    ):
        rule(f"{operator} {value} holds of {yes}", ALLOWED, when(operator, value), context={"test:k": yes})
        rule(f"{operator} {value} does not hold of {no}", IMPLICIT, when(operator, value), context={"test:k": no})
    for operator, value in MISSING.items():
        negated = "Not" in operator
        rule(f"{operator} on a missing key", ALLOWED if negated else IMPLICIT, when(operator, value))
        rule(f"{operator}IfExists on a missing key holds", ALLOWED, when(f"{operator}IfExists", value))
        rule(
            f"a Deny under {operator}IfExists on a missing key denies", EXPLICIT, *unless(f"{operator}IfExists", value)
        )
        rule(f"ForAllValues:{operator} on a missing key holds", ALLOWED, when(f"ForAllValues:{operator}", value))
        rule(f"ForAnyValue:{operator} on a missing key does not", IMPLICIT, when(f"ForAnyValue:{operator}", value))
        rule(
            f"a Deny under ForAnyValue:{operator} on a missing key does nothing",
            ALLOWED,
            *unless(f"ForAnyValue:{operator}", value),
        )
        rule(
            f"ForAnyValue:{operator}IfExists on a missing key does not hold",
            IMPLICIT,
            when(f"ForAnyValue:{operator}IfExists", value),
        )
    rule("IfExists looks at a key that is there", IMPLICIT, when("StringEqualsIfExists", "a"), context={"test:k": "b"})
    rule(
        "a Deny without a second factor denies long-lived keys",
        EXPLICIT,
        *unless("BoolIfExists", "false", "aws:MultiFactorAuthPresent"),
    )


MISSING = {
    "StringEquals": "a", "StringNotEquals": "a", "StringEqualsIgnoreCase": "a", "StringNotEqualsIgnoreCase": "a",
    "StringLike": "a", "StringNotLike": "a", "NumericEquals": "1", "NumericNotEquals": "1", "NumericLessThan": "1",
    "NumericLessThanEquals": "1", "NumericGreaterThan": "1", "NumericGreaterThanEquals": "1",
    "DateEquals": "2026-01-01", "DateNotEquals": "2026-01-01", "DateLessThan": "2026-01-01",
    "DateLessThanEquals": "2026-01-01", "DateGreaterThan": "2026-01-01", "DateGreaterThanEquals": "2026-01-01",
    "Bool": "true", "BinaryEquals": "QQ==", "IpAddress": "10.0.0.0/8", "NotIpAddress": "10.0.0.0/8",
    "ArnEquals": "arn:aws:s3:::b", "ArnNotEquals": "arn:aws:s3:::b", "ArnLike": "arn:aws:s3:::b",
    "ArnNotLike": "arn:aws:s3:::b",
}  # fmt: skip


def sets() -> None:
    for operator, values, expected in (
        ("ForAllValues:StringEquals", ("a", "b"), ALLOWED),
        ("ForAllValues:StringEquals", ("a", "c"), IMPLICIT),
        ("ForAllValues:StringEquals", (), ALLOWED),
        ("ForAllValues:StringNotEquals", ("c", "d"), ALLOWED),
        ("ForAllValues:StringNotEquals", ("a", "c"), IMPLICIT),
        ("ForAnyValue:StringEquals", ("c", "a"), ALLOWED),
        ("ForAnyValue:StringEquals", ("c", "d"), IMPLICIT),
        ("ForAnyValue:StringEquals", (), IMPLICIT),
        ("ForAnyValue:StringNotEquals", ("a", "c"), ALLOWED),
        ("ForAnyValue:StringNotEquals", ("a", "b"), IMPLICIT),
        ("ForAllValues:StringLike", ("a", "b"), ALLOWED),
        ("StringEquals", ("a", "b"), IMPLICIT),
        ("StringEquals", ("a",), IMPLICIT),
        ("StringNotEquals", ("c", "d"), IMPLICIT),
    ):
        rule(f"{operator} [a, b] of {list(values)}", expected, when(operator, ["a", "b"]), context={"test:k": values})
    rule(
        "ForAllValues takes a single value for a set of one",
        ALLOWED,
        when("ForAllValues:StringEquals", "a"),
        context={"test:k": "a"},
    )
    rule(
        "ForAnyValue takes a single value for a set of one",
        IMPLICIT,
        when("ForAnyValue:StringEquals", "a"),
        context={"test:k": "b"},
    )
    for value, missing in (("true", ALLOWED), ("false", IMPLICIT)):
        present = IMPLICIT if missing == ALLOWED else ALLOWED
        rule(f"Null {value} on a missing key", missing, when("Null", value))
        rule(f"Null {value} on a key that is there", present, when("Null", value), context={"test:k": "a"})
        rule(f"Null {value} on a key without values", missing, when("Null", value), context={"test:k": ()})
        for context in ({}, {"test:k": "a"}):
            rule(
                f"ForAllValues:Null {value} holds of {context}",
                ALLOWED,
                when("ForAllValues:Null", value),
                context=context,
            )
            rule(
                f"ForAnyValue:Null {value} does not hold of {context}",
                IMPLICIT,
                when("ForAnyValue:Null", value),
                context=context,
            )
    for operator, missing, present in (
        ("ForAllValues:StringEquals", ALLOWED, IMPLICIT),
        ("StringEqualsIfExists", ALLOWED, IMPLICIT),
        ("ForAnyValue:StringEquals", IMPLICIT, IMPLICIT),
        ("StringEquals", IMPLICIT, IMPLICIT),
    ):
        rule(f"{operator} with no policy value, the key missing", missing, when(operator, []))
        rule(f"{operator} with no policy value, the key there", present, when(operator, []), context={"test:k": "a"})


def variables() -> None:
    bucket, tag = "arn:aws:s3:::b", "aws:PrincipalTag/t"

    def on(
        says: str, expected: str, pattern: str, path: str, element: str = "Resource", effect: str = "Allow", **more: Any
    ) -> None:
        statement = {"Effect": effect, "Action": "s3:*", element: f"{bucket}/{pattern}"}
        others = [allow(action="s3:*")] if effect == "Deny" else []
        rule(says, expected, *others, statement, action="s3:GetObject", target=f"{bucket}/{path}", **more)

    alice, star = {"aws:username": "alice"}, {"aws:username": "*"}
    on("a variable is its value", ALLOWED, "${aws:username}/f", "alice/f", context=alice)
    on("and nobody else's", IMPLICIT, "${aws:username}/f", "bob/f", context=alice)
    on("a variable's name ignores case", ALLOWED, "${AWS:UserName}/f", "alice/f", context=alice)
    on("a wildcard in a value is a character", IMPLICIT, "${aws:username}/f", "bob/f", context=star)
    on("and matches itself", ALLOWED, "${aws:username}/f", "*/f", context=star)
    on(
        "in a version before 2012 it is plain text",
        IMPLICIT,
        "${aws:username}/f",
        "alice/f",
        context=alice,
        version="2008-10-17",
    )
    on(
        "without a version it is plain text",
        ALLOWED,
        "${aws:username}/f",
        "${aws:username}/f",
        context=alice,
        version=None,
    )
    on("without a value it matches nothing", IMPLICIT, "${aws:username}/f", "/f")
    on("an empty value is none", IMPLICIT, "${aws:username}/f", "/f", context={"aws:username": ""})
    on("a set of values is none", IMPLICIT, "${aws:username}/f", "alice/f", context={"aws:username": ("alice",)})
    on("a default stands in", ALLOWED, "${aws:username, 'guest'}/f", "guest/f")
    on("a value wins over the default", IMPLICIT, "${aws:username, 'guest'}/f", "guest/f", context=alice)
    on("`${*}` is a star", ALLOWED, "a${*}b", "a*b")
    on("and no wildcard", IMPLICIT, "a${*}b", "axb")
    on("`${?}` is a question mark", IMPLICIT, "a${?}b", "axb")
    on("`${$}` is a dollar sign", ALLOWED, "${$}{x}", "${x}")
    on(
        "an Allow but for a variable without value does not apply (ours)",
        IMPLICIT,
        "${aws:username}",
        "x",
        "NotResource",
    )
    on(
        "a Deny but for a variable without value applies (ours)",
        EXPLICIT,
        "${aws:username}",
        "x",
        "NotResource",
        "Deny",
    )
    rule(
        "a variable before the resource part grants nothing",
        IMPLICIT,
        allow("arn:aws:execute-api:${aws:RequestedRegion}:*:*"),
        context={"aws:RequestedRegion": "us-east-1"},
    )
    for says, operator, context, expected in (
        ("a condition's variable is its value", "StringEquals", {"test:k": "x", tag: "x"}, ALLOWED),
        ("and nothing else", "StringEquals", {"test:k": "y", tag: "x"}, IMPLICIT),
        ("a wildcard in it is a character", "StringLike", {"test:k": "y", tag: "*"}, IMPLICIT),
        ("without a value no positive operator holds", "StringEquals", {"test:k": "x"}, IMPLICIT),
        ("without a value a negated operator holds", "StringNotEquals", {"test:k": "x"}, ALLOWED),
        ("Numeric operators have no variables", "NumericEquals", {"test:k": "1", tag: "1"}, IMPLICIT),
        ("Bool has", "Bool", {"test:k": "true", tag: "true"}, ALLOWED),
    ):
        rule(says, expected, when(operator, f"${{{tag}}}"), context=context)
    rule(
        "the request's tag is not the caller's of the same name",
        IMPLICIT,
        when("StringEquals", f"${{{tag}}}", "aws:RequestTag/t"),
        context={"aws:RequestTag/t": "x", tag: "y"},
    )
    rule(
        "the same tag in both",
        ALLOWED,
        when("StringEquals", f"${{{tag}}}", "aws:RequestTag/t"),
        context={"aws:RequestTag/t": "x", tag: "x"},
    )


def unreadable() -> None:
    for operator, good, bad in (
        ("NumericEquals", "1", "one"), ("NumericNotEquals", "1", "one"), ("NumericLessThan", "1", "10abc"),
        ("DateGreaterThan", "2026-01-01", "soon"), ("DateNotEquals", "2026-01-01", "soon"),
        ("IpAddress", "10.0.0.0/8", "unknown"), ("NotIpAddress", "10.0.0.0/8", "unknown"),
    ):  # fmt: skip
        rule(
            f"an Allow under {operator} does not hold of {bad} (ours)",
            IMPLICIT,
            when(operator, good),
            context={"test:k": bad},
        )
        rule(
            f"a Deny under {operator} holds of {bad} (ours)", EXPLICIT, *unless(operator, good), context={"test:k": bad}
        )
    rule("Bool does not hold of what is no Boolean", IMPLICIT, when("Bool", "false"), context={"test:k": "0"})
    rule("ArnLike does not hold of what is no ARN", IMPLICIT, when("ArnLike", "*"), context={"test:k": "topic"})
