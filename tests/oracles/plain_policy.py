"""The plain evaluator: what a policy means, written to be read next to the specification, slow and independent.

It shares no code with `gatepass.policy`, takes documents as JSON members, and answers the outcome and nothing else.
Three-valued where AWS says nothing: a test gives True, False, or None (not known); a Deny takes None as a match, an
Allow does not.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Json = Mapping[str, Any]
Values = str | tuple[str, ...]
Maybe = bool | None


@dataclass(frozen=True)
class Asked:
    """One question; context names are in lower case.

    Attributes:
        arn: the caller's own ARN, provider or service name.
        role_arn: of a role session.
        account: empty for callers outside any account.
    """

    action: str
    resource: str
    kind: str
    arn: str
    role_arn: str | None
    account: str
    resource_account: str
    context: Mapping[str, Values]


@dataclass(frozen=True)
class Documents:
    """JSON documents by type; None: no such type."""

    identity: Sequence[Json] = ()
    session: Sequence[Json] | None = None
    boundary: Sequence[Json] | None = None
    resource: Sequence[Json] = ()
    trust: bool = False
    scp: Sequence[Sequence[Json]] = ()
    rcp: Sequence[Sequence[Json]] = ()
    vpce: Sequence[Json] | None = None


def any_of(answers: Sequence[Maybe]) -> Maybe:
    if any(answer is True for answer in answers):
        return True
    return None if any(answer is None for answer in answers) else False


def all_of(answers: Sequence[Maybe]) -> Maybe:
    if any(answer is False for answer in answers):
        return False
    return None if any(answer is None for answer in answers) else True


def negation(answer: Maybe) -> Maybe:
    return None if answer is None else not answer


def listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


# --- patterns: a list of one-character literals and the wildcards "STAR" and "ONE"


def _match(pattern: tuple[str, ...], text: str) -> bool:
    """Dynamic programming over positions: which prefixes of `text` the pattern so far can stand for."""
    reachable = {0}
    for piece in pattern:
        if piece == "STAR":
            reachable = set(range(min(reachable), len(text) + 1)) if reachable else set()
        elif piece == "ONE":
            reachable = {position + 1 for position in reachable if position < len(text)}
        else:
            reachable = {position + 1 for position in reachable if text[position : position + 1] == piece}
    return len(text) in reachable


def wild(text: str) -> list[str]:
    return ["STAR" if character == "*" else "ONE" if character == "?" else character for character in text]


VARIABLE = re.compile(r"\$\{([^{}]*)\}")
DEFAULTED = re.compile(r"^([^,' ]+), '([^']*)'$")


def expand(text: str, asked: Asked, *, wildcards: bool) -> list[str] | str:
    """The pattern after variables: `no value` or `malformed` if there is none."""
    pieces: list[str] = []
    position = 0
    outcome = ""
    while position < len(text):
        if not text.startswith("${", position):
            pieces += wild(text[position]) if wildcards else [text[position]]
            position += 1
            continue
        found = VARIABLE.match(text, position)
        if found is None:
            return "malformed"
        name, default = found[1], None
        if name in ("*", "?", "$"):
            pieces.append(name)
        else:
            if defaulted := DEFAULTED.match(name):
                name, default = defaulted[1], defaulted[2]
            if not name or any(character in name for character in " ,'$"):
                return "malformed"
            value = asked.context.get(name.lower())
            if not isinstance(value, str) or value == "":
                value = default
            if value is None:
                outcome = "no value"
            else:
                pieces += list(value)
        position = found.end()
    return outcome or pieces


# --- elements


def action_matches(pattern: str, action: str, *, generous: bool) -> bool:
    """A wildcard in the vendor is undocumented but for `*:*`: it counts only where it makes access less likely."""
    if pattern in ("*", "*:*"):
        return True
    vendor = pattern.split(":")[0]
    if ("*" in vendor or "?" in vendor) and not generous:
        return False
    return _match(tuple(wild(pattern.lower())), action.lower())


def split_pattern(pattern: list[str]) -> list[list[str]]:
    segments: list[list[str]] = [[]]
    for piece in pattern:
        if piece == ":":
            segments.append([])
        else:
            segments[-1].append(piece)
    return segments


def joined(segments: Sequence[Sequence[str]]) -> tuple[str, ...]:
    pieces: list[str] = []
    for segment in segments:
        pieces += [":", *segment]
    return tuple(pieces[1:])


def strict(pattern: list[list[str]], resource: list[str], fills: bool) -> bool:
    """Six segments one by one, the sixth taking the rest; of fewer, a `*` that ends one may take further whole ones."""
    if len(pattern) >= 6:
        patterns = [tuple(segment) for segment in pattern[:5]] + [joined(pattern[5:])]
        return all(_match(each, part) for each, part in zip(patterns, resource, strict=True))
    return short(pattern, resource, fills)


def short(pattern: list[list[str]], resource: list[str], fills: bool) -> bool:
    if not pattern:
        return fills
    ends_in_star = bool(pattern[0]) and pattern[0][-1] == "STAR"
    if len(pattern) == 1 and ends_in_star and _match(tuple(pattern[0]), ":".join(resource)):
        return True
    if len(resource) == 1:  # the resource part: callers write it, so no star of the head reaches it
        return len(pattern) == 1 and _match(tuple(pattern[0]), resource[0])
    reach = len(resource) - 1 if ends_in_star else 1
    return any(
        _match(tuple(pattern[0]), ":".join(resource[:taken])) and short(pattern[1:], resource[taken:], fills)
        for taken in range(1, reach + 1)
    )


def resource_matches(text: str, asked: Asked, *, variables: bool, generous: bool, fills: bool, negated: bool) -> bool:
    """One entry. `generous`: matching makes access less likely, so what is not known matches."""
    if not variables or "${" not in text:
        return pattern_matches(wild(text), asked.resource, generous=generous, fills=fills)
    head, tail = at_fifth_colon(text)
    if "${" in head:
        return generous and _match((*wild(head[: head.index("${")]), "STAR"), asked.resource)
    expanded = expand(tail, asked, wildcards=True)
    if expanded == "malformed":
        return generous
    if isinstance(expanded, str):
        return negated and generous
    return pattern_matches(wild(head) + expanded, asked.resource, generous=generous, fills=fills)


def pattern_matches(pattern: list[str], resource: str, *, generous: bool, fills: bool) -> bool:
    is_short = pattern.count(":") < 5
    if generous:
        return _match(tuple(pattern), resource) or (
            is_short and pattern != ["STAR"] and _match((*pattern, ":", "STAR"), resource)
        )
    if resource.count(":") < 5 or pattern == ["STAR"]:
        return _match(tuple(pattern), resource)
    fills = fills or "STAR" in pattern or "ONE" in pattern
    return strict(split_pattern(pattern), resource.split(":", 5), fills and is_short)


def at_fifth_colon(text: str) -> tuple[str, str]:
    """The text up to and with the fifth colon that is in no variable, and the rest."""
    colons, inside = 0, False
    for position, character in enumerate(text):
        if text.startswith("${", position):
            inside = True
        elif character == "}":
            inside = False
        elif character == ":" and not inside:
            colons += 1
            if colons == 5:
                return text[: position + 1], text[position + 1 :]
    return text, ""


# --- principals


def account_of(name: str) -> str | None:
    found = re.fullmatch(r"arn:[^:]*:iam::([^:]+):root|([0-9]{12})", name)
    return None if found is None else found[1] or found[2]


def grant(principal: Any, asked: Asked, *, generous: bool) -> str:
    """How a Principal names the caller: direct, limited, delegated, or an empty text."""
    if principal == "*":
        return "limited"
    aws = listed(principal.get("AWS", []))
    everyone = "*" in listed(principal.get("*", []))
    if asked.kind in ("federated", "service"):
        names = listed(principal.get("Federated" if asked.kind == "federated" else "Service", []))
        if asked.arn in names or (generous and "*" in names):
            return "direct"
        return "limited" if everyone or (generous and "*" in aws) else ""
    if asked.kind != "anonymous":
        if asked.kind != "root" and asked.arn in aws:
            return "limited" if asked.arn == asked.role_arn else "direct"
        if asked.role_arn in aws:
            return "limited"
        if any(account_of(name) == asked.account for name in aws):
            return "delegated"
        own = [arn for arn in (asked.arn, asked.role_arn) if arn]
        if generous and any("*" in name and _match(tuple(wild(name)), arn) for name in aws for arn in own):
            return "limited"
    return "limited" if everyone or "*" in aws else ""


def escapes(principal: Any, asked: Asked) -> bool:
    """Whether a Deny's NotPrincipal lets the caller off: session, role and account must all be listed."""
    if principal == "*" or "*" in listed(principal.get("*", [])) or "*" in listed(principal.get("AWS", [])):
        return True
    if asked.kind == "federated":
        return asked.arn in listed(principal.get("Federated", []))
    if asked.kind == "service":
        return asked.arn in listed(principal.get("Service", []))
    aws = listed(principal.get("AWS", []))
    if asked.kind == "anonymous" or not any(account_of(name) == asked.account for name in aws):
        return False
    if asked.kind == "root":
        return True
    return asked.arn in aws and (asked.role_arn is None or asked.role_arn in aws)


def statement_grant(statement: Json, asked: Asked, bounded: bool, policy_type: str) -> str:
    deny = statement["Effect"] == "Deny"
    if "Principal" not in statement and "NotPrincipal" not in statement:
        return "limited" if deny or policy_type == "vpce" else ""
    grants = policy_type in ("resource", "trust")
    if not deny and grants and asked.arn == "cognito-identity.amazonaws.com" and not names_pool(statement):
        return ""
    if "Principal" in statement:
        return grant(statement["Principal"], asked, generous=deny)
    if deny:
        return "limited" if bounded or not escapes(statement["NotPrincipal"], asked) else ""
    return "" if grant(statement["NotPrincipal"], asked, generous=True) else "limited"


def names_pool(statement: Json) -> bool:
    for operator, block in statement.get("Condition", {}).items():
        name = operator.split(":")[-1].removesuffix("IfExists")
        for key, given in block.items():
            if name in ("StringEquals", "StringEqualsIgnoreCase", "StringLike") and (
                key.lower() == "cognito-identity.amazonaws.com:aud"
                and listed(given)
                and all(re.search(r"[^*?]", value) for value in listed(given))
            ):
                return True
    return False


# --- conditions

UNREADABLE = object()


def read_number(text: str) -> Any:
    return Fraction(text) if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text) and len(text) <= 64 else UNREADABLE


def read_bool(text: str) -> Any:
    return {"true": True, "false": False}.get(text.lower(), UNREADABLE)


def read_date(text: str) -> Any:
    """Seconds since the epoch."""
    if len(text) > 64:
        return UNREADABLE
    if re.fullmatch(r"-?[0-9]+", text) and not re.fullmatch(r"[0-9]{4}", text):
        return Fraction(int(text))
    found = re.fullmatch(
        r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
        r"(?:[Tt]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]{1,9})?)?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?)?)?",
        text,
    )
    if found is None:
        return UNREADABLE
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    offset = 0
    if zone and zone not in "Zz":
        digits = zone[1:].replace(":", "")
        hours, minutes = int(digits[:2]), int(digits[2:] or 0)
        if hours > 23 or minutes > 59:
            return UNREADABLE
        offset = (hours * 3600 + minutes * 60) * (1 if zone[0] == "+" else -1)
    try:
        clock = datetime.datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0)
        )
    except ValueError:
        return UNREADABLE
    seconds = (clock - datetime.datetime(1970, 1, 1)).total_seconds()
    return Fraction(int(seconds)) + Fraction(fraction or "0") - offset


def read_bytes(text: str) -> Any:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return UNREADABLE


def read_address(text: str) -> Any:
    if "%" in text or "/" in text:
        return UNREADABLE
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return UNREADABLE
    return getattr(found, "ipv4_mapped", None) or found


def read_network(text: str) -> Any:
    host, slash, length = text.partition("/")
    address = read_address(host)
    if address is UNREADABLE or not slash:
        return UNREADABLE if address is UNREADABLE else ipaddress.ip_network(str(address))
    if not re.fullmatch("[0-9]{1,3}", length):
        return UNREADABLE
    try:
        return ipaddress.ip_network(f"{address}/{int(length)}", strict=False)
    except ValueError:
        return UNREADABLE


def arn_like(value: str, pattern: Sequence[str]) -> bool:
    """Segment by segment."""
    segments = split_pattern(list(pattern))
    segments = [*segments[:5], list(joined(segments[5:]))] if len(segments) > 5 else segments
    parts = value.split(":", 5)
    return all(_match(tuple(each), part) for each, part in zip(segments, parts, strict=True))


def compare(family: str, ending: str, value: str, pattern: Sequence[str]) -> Maybe:
    """One request value and one policy value, without the operator's negation."""
    text = "".join({"STAR": "*", "ONE": "?"}.get(piece, piece) for piece in pattern)
    match family:
        case "String":
            if "IgnoreCase" in ending:
                return value.lower() == text.lower()
            return _match(tuple(pattern), value) if ending == "Like" else value == text
        case "Arn":
            if value.count(":") < 5 or pattern.count(":") < 5:
                return None
            return arn_like(value, pattern)
        case "Ip":
            host, block = read_address(value), read_network(text)
            if host is UNREADABLE or block is UNREADABLE:
                return None
            return bool(host.version == block.version and host in block)
    readers: dict[str, Callable[[str], Any]] = {
        "Numeric": read_number, "Date": read_date, "Bool": read_bool, "Binary": read_bytes
    }  # fmt: skip
    mine, theirs = readers[family](value), readers[family](text)
    if mine is UNREADABLE or theirs is UNREADABLE:
        return None
    if ending == "Equals":
        return bool(mine == theirs)
    return bool(theirs > mine if ending == "LessThan" else theirs >= mine if ending == "LessThanEquals" else
                mine > theirs if ending == "GreaterThan" else mine >= theirs)  # fmt: skip


OPERATOR = re.compile(
    r"(?:(ForAllValues|ForAnyValue):)?"
    r"(?:(String)(Not)?(Equals|EqualsIgnoreCase|Like)|(Arn)(Not)?(Equals|Like)|(Numeric|Date)(Not)?(Equals)"
    r"|(Numeric|Date)()(LessThan|LessThanEquals|GreaterThan|GreaterThanEquals)"
    r"|(Bool)()()|(Binary)()(Equals)|(?:(Not)?(Ip)Address))(IfExists)?"
)


def operator_parts(operator: str) -> tuple[str, str, bool, str, bool] | None:
    """Set prefix, family, negated, ending, IfExists."""
    found = OPERATOR.fullmatch(operator)
    if found is None:
        return None
    groups = found.groups()
    prefix, if_exists = groups[0] or "", bool(groups[-1])
    if groups[-2] == "Ip":
        return prefix, "Ip", bool(groups[-3]), "", if_exists
    triple = next(groups[start : start + 3] for start in range(1, len(groups) - 3, 3) if groups[start])
    family, negated, ending = triple
    return prefix, str(family), bool(negated), str(ending or "Equals"), if_exists


def condition_holds(operator: str, key: str, given: Any, asked: Asked, *, variables: bool) -> Maybe:
    request = asked.context.get(key.lower())
    if request == ():
        request = None
    policy = [str(each).lower() if isinstance(each, bool) else str(each) for each in listed(given)]
    prefix, colon, name = operator.rpartition(":")
    if name == "Null" and prefix in ("", "ForAllValues", "ForAnyValue") and (prefix or not colon):
        if prefix:
            return prefix == "ForAllValues"
        wanted = [read_bool(value) for value in policy]
        return any_of([None if each is UNREADABLE else each == (request is None) for each in wanted])
    parts = operator_parts(operator)
    if parts is None:
        return None
    prefix, family, negated, ending, if_exists = parts
    if not policy:
        if prefix == "ForAnyValue":
            return False
        if prefix == "ForAllValues" or if_exists:
            return request is None
        return False if not negated else True if request is None else None
    if request is None:
        return True if prefix == "ForAllValues" else False if prefix else negated or if_exists
    if not prefix and isinstance(request, tuple):
        return False

    def one(value: str) -> Maybe:
        answers: list[Maybe] = [
            compare_value(family, ending, negated, value, text, asked, variables) for text in policy
        ]
        answer = any_of(answers)
        return negation(answer) if negated else answer

    each = [one(value) for value in ([request] if isinstance(request, str) else request)]
    return any_of(each) if prefix == "ForAnyValue" else all_of(each)


def compare_value(
    family: str, ending: str, negated: bool, value: str, text: str, asked: Asked, variables: bool
) -> Maybe:
    wildcards = ending == "Like" or family == "Arn"
    # What is no ARN, or no Boolean, compares with nothing; what a negated operator makes of that is not known.
    if family == "Arn" and value.count(":") < 5:
        return None if negated else False
    if family == "Bool" and read_bool(value) is UNREADABLE:
        return False
    pattern: Sequence[str] | str = wild(text) if wildcards else list(text)
    if variables and family in ("String", "Arn", "Bool") and "${" in text:
        pattern = expand(text, asked, wildcards=wildcards)
        if pattern == "malformed":
            return None
        if pattern == "no value":
            return False
    answer = compare(family, ending, value, list(pattern))
    return False if answer is None and (family == "Bool" or (family == "Arn" and not negated)) else answer


# --- statements and policies


def applies(statement: Json, asked: Asked, *, variables: bool, policy_type: str, bounded: bool) -> bool:
    deny = statement["Effect"] == "Deny"
    if not action_applies(statement, asked, deny) or not resource_applies(statement, asked, variables, policy_type):
        return False
    if policy_type in ("resource", "trust", "rcp", "vpce") and not statement_grant(
        statement, asked, bounded, policy_type
    ):
        return False
    answers = [
        condition_holds(operator, key, given, asked, variables=variables)
        for operator, block in statement.get("Condition", {}).items()
        for key, given in block.items()
    ]
    return all(deny if answer is None else answer for answer in answers)


def action_applies(statement: Json, asked: Asked, deny: bool) -> bool:
    negated = "NotAction" in statement
    patterns = listed(statement.get("NotAction", statement.get("Action", [])))
    if not patterns:
        return deny
    named = any(action_matches(each, asked.action, generous=deny is not negated) for each in patterns)
    return named is not negated


def resource_applies(statement: Json, asked: Asked, variables: bool, policy_type: str) -> bool:
    deny, negated = statement["Effect"] == "Deny", "NotResource" in statement
    patterns = [
        each for each in listed(statement.get("NotResource", statement.get("Resource", []))) if each is not None
    ]
    if not patterns:
        return deny or policy_type == "trust"
    named = any(
        resource_matches(
            each,
            asked,
            variables=variables,
            generous=deny is not negated,
            fills=policy_type in ("identity", "session", "boundary"),
            negated=negated,
        )
        for each in patterns
    )
    return named is not negated


def applying(documents: Sequence[Json], effect: str, policy_type: str, asked: Asked, bounded: bool) -> list[Json]:
    return [
        statement
        for document in documents
        for statement in listed(document.get("Statement", []))
        if statement["Effect"] == effect
        and applies(
            statement,
            asked,
            variables=document.get("Version") == "2012-10-17",
            policy_type=policy_type,
            bounded=bounded,
        )
    ]


def outcome(given: Documents, asked: Asked) -> str:
    """allowed, implicitDeny or explicitDeny."""
    if asked.action.lower() == "sts:getcalleridentity":
        return "allowed"
    bounded = given.boundary is not None
    resource_type = "trust" if given.trust else "resource"
    by_type: list[tuple[str, Sequence[Json]]] = [
        ("identity", given.identity),
        ("session", given.session or ()),
        ("boundary", given.boundary or ()),
        (resource_type, given.resource),
        *(("scp", level) for level in given.scp),
        *(("rcp", level) for level in given.rcp),
        ("vpce", given.vpce or ()),
    ]
    if any(applying(documents, "Deny", policy_type, asked, bounded) for policy_type, documents in by_type):
        return "explicitDeny"

    def allows(policy_type: str, documents: Sequence[Json] | None) -> bool:
        return documents is None or bool(applying(documents, "Allow", policy_type, asked, bounded))

    if not all(allows("scp", level) for level in given.scp) or not allows("vpce", given.vpce):
        return "implicitDeny"
    grants = {
        statement_grant(statement, asked, bounded, resource_type)
        for statement in applying(given.resource, "Allow", resource_type, asked, bounded)
    }
    same = not asked.account or asked.resource_account in ("", asked.account)
    if same and "direct" in grants:
        return "allowed"
    limits = allows("session", given.session) and allows("boundary", given.boundary)
    own = (asked.account != "" and allows("identity", given.identity)) or (same and "limited" in grants)
    named = bool(grants) or (same and not given.trust)
    return "allowed" if own and limits and named else "implicitDeny"


def matches(pattern: str, text: str) -> bool:
    """A plain glob."""
    return _match(tuple(wild(pattern)), text)
