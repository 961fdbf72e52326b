"""Conditions that do not say what they seem to: names, types, set prefixes, wildcards, addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import NamedTuple

from gatepass.advice.findings.subject import Finding, Subject
from gatepass.advice.known import Key, key_of, meant_key
from gatepass.policy import values
from gatepass.policy.document import Condition, Statement
from gatepass.policy.legacy import is_date
from gatepass.policy.operators import OperatorName, operator_name

#: What operators of each family may compare, beside what they are named after.
_FITS = {
    "String": ("String", "Arn", "Bool"),
    "Arn": ("Arn", "String"),
    "Bool": ("Bool",),
    "Date": ("Date",),
    "Numeric": ("Numeric",),
    "IpAddress": ("IpAddress",),
    "Binary": (),
}
_BETTER = {
    "Arn": "ArnLike",
    "Bool": "Bool",
    "Date": "DateLessThan",
    "Numeric": "NumericLessThan",
    "IpAddress": "IpAddress",
}
# Steps that it takes to find what a name may have meant.
_GUESS = 500
_EQUALS = ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase")
_LIKE = ("StringLike", "ArnLike", "ArnEquals")


class _Asked(NamedTuple):
    """One condition of a statement, and what is known of its key and operator."""

    subject: Subject
    place: int
    statement: Statement
    condition: Condition
    name: OperatorName
    key: Key | None

    def finding(self, rule: str, message: str, fix: str = "") -> Finding:
        path = ("Condition", self.condition.operator, self.condition.key)
        return self.subject.finding(
            rule, f"`{self.condition.operator}` on `{self.condition.key}`: {message}", self.place, *path, fix=fix
        )


def about_conditions(subject: Subject) -> Iterator[Finding]:
    for index, statement in subject.statements:
        for condition in statement.conditions:
            name = operator_name(condition.operator)
            if name is not None:
                asked = _Asked(subject, index, statement, condition, name, key_of(condition.key))
                for check in _CHECKS:
                    yield from check(asked)


def family(name: str) -> str:
    """`DateLessThan` is of Date; empty for Null."""
    return next((each for each in _FITS if name.removeprefix("Not").startswith(each)), "")


def _about_key(asked: _Asked) -> Iterator[Finding]:
    meant = meant_key(asked.condition.key, guess=asked.key is None and asked.subject.effort.spend(_GUESS))
    if meant is not None:
        yield asked.finding("unknown-key", "no request has such a key", f"write `{meant}`" if meant else "")


def _about_type(asked: _Asked) -> Iterator[Finding]:
    key, of = asked.key, family(asked.name.name)
    # The time since 1970 is a number as well as a date.
    if key is None or not of or key.type in _FITS[of] or (key.name == "aws:EpochTime" and of == "Numeric"):
        return
    message = f"the key holds {'an address' if key.type == 'IpAddress' else f'a value of type {key.type}'}"
    better = _BETTER.get(key.type, "StringEquals")
    yield asked.finding("operator-of-another-type", message, f"use `{better}` or another operator of its family")


def _about_sets(asked: _Asked) -> Iterator[Finding]:
    key, name, statement = asked.key, asked.name, asked.statement
    if name.name == "Null":
        if name.set_mode:
            outcome = "always" if name.set_mode == "ForAllValues" else "never"
            yield asked.finding("null-in-set", f"it {outcome} holds")
        return
    if key is not None and key.several and not name.set_mode:
        yield asked.finding(
            "set-operator-missing", "the key has a set of values", f"write `ForAnyValue:{asked.condition.operator}`"
        )
    if key is not None and not key.several and name.set_mode:
        yield asked.finding(
            "set-operator-on-one-value",
            "the key has one value",
            f"write `{asked.condition.operator.rpartition(':')[2]}`",
        )
    if (
        name.set_mode == "ForAllValues"
        and statement.effect == "Allow"
        and not _asks_presence(statement, asked.condition.key)
    ):
        fix = f'add "Null": {{"{asked.condition.key}": "false"}} to the condition'
        yield asked.finding("for-all-values-without-key", "it holds where the request has no such key", fix)


def _asks_presence(statement: Statement, key: str) -> bool:
    """Whether another condition keeps requests away that do not have the key."""
    for condition in statement.conditions:
        name = operator_name(condition.operator)
        if condition.key.lower() != key.lower() or name is None:
            continue
        if name.name == "Null" and not name.set_mode and set(condition.values) == {"false"}:
            return True
        if name.set_mode == "ForAnyValue":
            return True
    return False


def _about_values(asked: _Asked) -> Iterator[Finding]:
    of, given = family(asked.name.name), asked.condition.values
    if of == "Bool":
        if len(given) > 1:
            yield asked.finding("several-booleans", f"it has {len(given)} values")
        for value in given:
            if "${" not in value and values.boolean(value) is None:
                yield asked.finding(
                    "value-of-another-type", f"`{value}` is neither true nor false", 'write "true" or "false"'
                )
    if asked.key is not None and of == "String" and asked.key.type == "Bool":
        for value in given:
            if value not in ("true", "false") and values.boolean(value) is not None:
                yield asked.finding(
                    "value-of-another-type", f"the key is `true` or `false`, and never `{value}`", "use `Bool`"
                )
    if of == "Date":
        for value in given:
            if is_date(value) and values.moment(value) is None:
                yield asked.finding(
                    "value-of-another-type", f"`{value}` is no date", "write the date as 2026-11-23T00:00:00Z"
                )
    if asked.name.name.startswith("Arn"):
        for value in given:
            if value != "*" and value.count(":") < 5 and "${" not in value:
                yield asked.finding("value-of-another-type", f"`{value}` is no ARN", "write all six parts of the ARN")


def _about_wildcards(asked: _Asked) -> Iterator[Finding]:
    if asked.name.name not in _EQUALS:
        return
    for value in asked.condition.values:
        bare = value.replace("${*}", "").replace("${?}", "")
        if "*" in bare or "?" in bare:
            like = asked.condition.operator.replace("EqualsIgnoreCase", "Like").replace("Equals", "Like")
            yield asked.finding(
                "wildcard-in-equals",
                f"`{value}` is taken as it stands",
                f"write `{like}`, or ${{*}} and ${{?}} if they are meant",
            )


def _about_addresses(asked: _Asked) -> Iterator[Finding]:
    if asked.condition.key.lower() != "aws:sourceip" or family(asked.name.name) != "IpAddress":
        return
    for value in asked.condition.values:
        try:
            network = ipaddress.ip_network(value, strict=False)
        except ValueError:
            continue
        if network.prefixlen and any(network.version == each.version and network.subnet_of(each) for each in _PRIVATE):  # type: ignore[arg-type]  # of one version
            yield asked.finding("private-address", f"`{value}` is private")


_PRIVATE = [
    ipaddress.ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7")
]


def _about_nothing(asked: _Asked) -> Iterator[Finding]:
    """Comparisons that hold whatever the request is."""
    name, given = asked.name, asked.condition.values
    sure = name.if_exists or (asked.key is not None and asked.key.always)
    everything = name.name in _LIKE and any(value.strip("*") == "" and value for value in given)
    if name.name == "IpAddress" and any(value.endswith("/0") for value in given):
        yield asked.finding("condition-does-nothing", "every address of the family is in it")
    elif everything and (sure or name.set_mode == "ForAllValues"):
        yield asked.finding("condition-does-nothing", "every value is like it")


_CHECKS = (_about_key, _about_type, _about_sets, _about_values, _about_wildcards, _about_addresses, _about_nothing)
