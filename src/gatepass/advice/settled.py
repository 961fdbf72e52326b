"""What templates leave open: CloudFormation's functions and Terraform's references, as texts and as what they are of.

What nobody knows before it is deployed stands as a placeholder in the texts that are judged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from zlib import crc32

from gatepass.errors import ConfigurationError

PLACEHOLDER = "Unknown"
# Between tildes stands whose value it is, so that two that differ are not taken for one.
_OPEN = re.compile(rf"{PLACEHOLDER}~([^~]*)~")
#: What CloudFormation's pseudo parameters come to, unless a deployment says otherwise.
KNOWN: Mapping[str, str] = MappingProxyType(
    {
        "AWS::Partition": "aws",
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::AccountId": "123456789012",
        "AWS::Region": "us-east-1",
    }
)
_INTRINSIC = re.compile(r"\$\{(!?)([^}]{0,256})\}")
# Characters that the functions of one value may come to: more than any policy has that AWS takes.
_LONGEST = 32_768
# Terraform's references have dots where a policy's variables have a colon; `$${` and `&{` are its ways to write those.
# What else may stand in them is bounded: it is looked for again at each `${`.
_REFERENCE = re.compile(
    r"(?<!\$)\$\{\s*((?:data\.)?[A-Za-z_][\w-]*\.[\w-]+)(?:\[[^\]}]{0,256}\])?\.?(\w*)[^}:]{0,256}\}"
)
# What Terraform's providers know of where they are.
_PROVIDED = {
    "data.aws_caller_identity": "AWS::AccountId",
    "data.aws_region": "AWS::Region",
    "data.aws_partition": "AWS::Partition",
}
_PRINCIPAL = "arn:aws:iam::123456789012:role/"
_RESOURCE = "arn:aws:unknown:us-east-1:123456789012:"
_ROLE_ARN = re.compile(r"arn:[^:]*:iam::[^:]*:(?:role|policy)/(?:.*/)?([^/]+)")


def settled(value: Any, known: Mapping[str, str] = KNOWN) -> Any:
    """The value with functions and references replaced by what they give, as far as it is known.

    Raises: ConfigurationError, if that is longer than any policy: a few that repeat a text could fill any memory.
    """
    return _settled(value, known, _Room(_LONGEST))


class _Room:
    """Characters that functions may still come to."""

    __slots__ = ("_left",)

    def __init__(self, left: int) -> None:
        self._left = left

    def taken(self, text: str) -> str:
        """The text. Raises: ConfigurationError, if there is no room for it."""
        self._left -= len(text)
        if self._left < 0:
            raise ConfigurationError(
                f"functions of one policy come to more than {_LONGEST:,} characters", hint="AWS takes no such policy"
            )
        return text


def _settled(value: Any, known: Mapping[str, str], room: _Room) -> Any:
    if isinstance(value, list):
        return [_settled(each, known, room) for each in value]
    if not isinstance(value, dict):
        return _terraform(value, known, room) if isinstance(value, str) else value
    if (referred := _referred(value)) is not None:
        return room.taken(_known(known, referred))
    if len(value) == 1:
        ((name, given),) = value.items()
        if name == "Fn::Sub":
            return _sub(given, known, room)
        if name == "Fn::Join" and isinstance(given, list) and len(given) == 2 and isinstance(given[1], list):
            return _join(str(given[0]), given[1], known, room)
        if name.startswith("Fn::"):
            return placeholder(f"{name[4:]} {crc32(json.dumps(given, sort_keys=True).encode()):08x}")
    return {key: _settled(each, known, room) for key, each in value.items()}


def _join(separator: str, given: list[Any], known: Mapping[str, str], room: _Room) -> str:
    parts = []
    for each in given:
        parts.append(room.taken(str(_settled(each, known, room))))
        room.taken(separator)
    return separator.join(parts)


def placeholder(name: str) -> str:
    """What stands for the value of this name."""
    return f"{PLACEHOLDER}~{name.replace('~', '')}~"


def opened(text: str) -> str:
    """The text with a star for each value that is not known."""
    return _OPEN.sub("*", text)


def is_open(text: str) -> bool:
    """Whether a part of it is not known."""
    return _OPEN.search(text) is not None


def shown(text: str) -> str:
    """The text for people, who know such values by name."""
    return _OPEN.sub(lambda match: f"${{{match[1]}}}", text)


def _known(known: Mapping[str, str], name: str) -> str:
    return known[name] if name in known else placeholder(name)


def settled_policy(value: Any, known: Mapping[str, str] = KNOWN) -> Any:
    """A policy, settled; what stands for a whole ARN that nobody knows is given the form of one."""
    document = settled(value, known)
    if not isinstance(document, dict):
        return document
    given = document.get("Statement")
    statements = [_formed(each) for each in (given if isinstance(given, list) else [given])]
    return {**document, "Statement": statements if isinstance(given, list) else statements[0]} if given else document


def _formed(statement: Any) -> Any:
    if not isinstance(statement, dict):
        return statement
    formed = dict(statement)
    for name in ("Resource", "NotResource"):
        if name in formed:
            formed[name] = _prefixed(formed[name], _RESOURCE)
    for name in ("Principal", "NotPrincipal"):
        if isinstance(formed.get(name), dict):
            ends = {
                kind: _prefixed(names, _PRINCIPAL) if kind == "AWS" else names for kind, names in formed[name].items()
            }
            formed[name] = ends
    return formed


def _prefixed(given: Any, prefix: str) -> Any:
    if isinstance(given, list):
        return [_prefixed(each, prefix) for each in given]
    return f"{prefix}{given}" if isinstance(given, str) and given.startswith(PLACEHOLDER) else given


def target(value: Any) -> tuple[str, str]:
    """The resource that `Ref` or `Fn::GetAtt` names, and which attribute of it; empty texts for any other value."""
    name, _, attribute = (_referred(value) or "").partition(".")
    return name, attribute


def terraform_target(value: Any) -> tuple[str, str]:
    """The same of a text that is one reference: `aws_iam_role.guests`, and its attribute."""
    found = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return (found[1], found[2]) if found else ("", "")


def _referred(value: Any) -> str | None:
    """`Api`, or `Api.RootResourceId`; None if the value is neither `Ref` nor `Fn::GetAtt`."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    ((function, given),) = value.items()
    if function == "Ref":
        return str(given)
    if function != "Fn::GetAtt":
        return None
    return ".".join(str(part) for part in given) if isinstance(given, list) else str(given)


def _sub(given: Any, known: Mapping[str, str], room: _Room) -> str:
    text, own = (given[0], given[1:]) if isinstance(given, list) and given else (given, [])
    if own and isinstance(own[0], dict):
        known = {**known, **{name: str(_settled(each, known, room)) for name, each in own[0].items()}}

    def put(match: re.Match[str]) -> str:
        return room.taken(f"${{{match[2]}}}" if match[1] else _known(known, match[2]))

    return _INTRINSIC.sub(put, str(text))


def _terraform(text: str, known: Mapping[str, str], room: _Room) -> str:
    if "{" not in text:
        return text

    def given(match: re.Match[str]) -> str:
        name, attribute = match.groups()
        found = known.get(f"{name}.{attribute}") or known.get(_PROVIDED.get(name.rpartition(".")[0], name))
        if found is None and attribute == "execution_arn":
            head = (known.get(part, KNOWN[part]) for part in ("AWS::Partition", "AWS::Region", "AWS::AccountId"))
            return "arn:{}:execute-api:{}:{}:".format(*head) + placeholder(name)
        return room.taken(placeholder(f"{name}.{attribute}" if attribute else name) if found is None else found)

    put = _REFERENCE.sub(given, text)
    return re.sub(r"(?:\$\$|&)\{", "${", put)


def reference(value: Any) -> str:
    """What a value is of, to be compared: a logical id, `aws_iam_role.guests`, the name in an ARN; else its text."""
    found = set(_references(value))
    if len(found) == 1:
        return found.pop()
    if isinstance(value, str):
        arn = _ROLE_ARN.fullmatch(value)
        return arn[1] if arn and not value.startswith("arn:aws:iam::aws:") else value
    return "" if value is None else json.dumps(value, sort_keys=True)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from (match[1] for match in _REFERENCE.finditer(value))
    elif (referred := _referred(value)) is not None:
        yield from _named(referred)
    elif isinstance(value, dict) and len(value) == 1:
        ((name, given),) = value.items()
        if name == "Fn::Sub":
            text = given[0] if isinstance(given, list) and given else given
            for match in _INTRINSIC.finditer(str(text)):
                if not match[1]:
                    yield from _named(match[2])
        elif name == "Fn::Join" and isinstance(given, list) and len(given) == 2 and isinstance(given[1], list):
            for each in given[1]:
                yield from _references(each)


def _named(text: str) -> Iterator[str]:
    """A pseudo parameter is the same for everything and names nothing."""
    name = text.strip().partition(".")[0]
    if not name.startswith("AWS::"):
        yield name
