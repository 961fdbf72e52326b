"""JSON as IAM reads it, but strict: no member name twice, bounded size and depth, checked before anything is built."""

import json
from typing import Any

from gatepass.errors import MalformedPolicyDocument

MAX_DOCUMENT_CHARACTERS = 131_072
MAX_DEPTH = 32
SYNTAX = "Syntax errors in policy."


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedPolicyDocument(SYNTAX, detail="a member name stands twice in one object")
    return members


def _no_constant(name: str) -> Any:
    raise MalformedPolicyDocument(SYNTAX, detail=f"`{name}` is not JSON")


def depth(text: str) -> int:
    """How deep arrays and objects nest; brackets inside strings do not count."""
    if "\\" in text:
        text = text.replace("\\\\", "").replace('\\"', "")
    deepest = current = 0
    for outside in text.split('"')[::2]:
        for character in outside:
            if character in "{[":
                current += 1
                deepest = max(deepest, current)
            elif character in "}]":
                current -= 1
    return deepest


def read(text: str, *, not_json: str = SYNTAX) -> dict[str, Any]:
    """The document's members. Raises: MalformedPolicyDocument, with why in `detail`.

    `not_json` is the message for a text that is no JSON: AWS words it differently for trust policies.
    """
    if len(text) > MAX_DOCUMENT_CHARACTERS:
        raise MalformedPolicyDocument(SYNTAX, detail=f"more than {MAX_DOCUMENT_CHARACTERS} characters")
    if depth(text) > MAX_DEPTH:
        raise MalformedPolicyDocument(SYNTAX, detail=f"nested deeper than {MAX_DEPTH}")
    try:
        document = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except ValueError as error:
        raise MalformedPolicyDocument(not_json, detail=f"not JSON: {error}") from None
    if not isinstance(document, dict):
        raise MalformedPolicyDocument(SYNTAX, detail="not a JSON object")
    if "\\u" in text and not _is_text(document):
        raise MalformedPolicyDocument(SYNTAX, detail="half of a surrogate pair is no character")
    return document


def _is_text(document: Any) -> bool:
    """Whether every string can be written out: escapes can spell halves of characters."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
