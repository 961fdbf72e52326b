"""What an OpenID Connect provider may say of a session in its token: tags, who began a chain, and for which roles.

Tags come in two spellings, nested and flat; both mean the same.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gatepass.errors import ValidationFailure
from gatepass.sts.session_tags import MOST_TAGS
from gatepass.sts.shapes import NAME, SOURCE_IDENTITY_LENGTH, Tag
from gatepass.wire.constraints import broken, build

_TAGS = "https://aws.amazon.com/tags"
_FLAT_TAG = f"{_TAGS}/principal_tags/"
_FLAT_TRANSITIVE = f"{_TAGS}/transitive_tag_keys"
_SOURCE_IDENTITY = "https://aws.amazon.com/source_identity"
_ROLES = "https://aws.amazon.com/roles"


class Unusable(Exception):
    """A claim is there and is not what it must be; the text says which."""


def principal_tags(claims: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Keys and values of the session tags. Raises: Unusable."""
    found = tuple(_tag(key, value) for key, value in _said_tags(claims))
    if len(found) > MOST_TAGS:
        raise Unusable(f"it has more than {MOST_TAGS} tags")
    return found


def transitive(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys of the tags that a chain of roles hands on. Raises: Unusable."""
    nested = _nested(claims).get("transitive_tag_keys", [])
    return (*_texts(nested, "transitive tags"), *_texts(claims.get(_FLAT_TRANSITIVE, []), "transitive tags"))


def source(claims: Mapping[str, Any]) -> str | None:
    """The source identity. Raises: Unusable."""
    value = claims.get(_SOURCE_IDENTITY)
    if value is None:
        return None
    if not isinstance(value, str) or broken((SOURCE_IDENTITY_LENGTH, NAME), value):
        raise Unusable("its source identity is none")
    return value


def roles(claims: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The ARNs of the roles that the token may be used for; None if it does not say. Raises: Unusable."""
    return _texts(claims[_ROLES], "roles") if _ROLES in claims else None


def _said_tags(claims: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    nested = _nested(claims).get("principal_tags", {})
    if not isinstance(nested, dict):
        raise Unusable("its tags are no object")
    yield from nested.items()
    for name, value in claims.items():
        if name.startswith(_FLAT_TAG):
            yield name.removeprefix(_FLAT_TAG), value


def _nested(claims: Mapping[str, Any]) -> dict[str, Any]:
    nested = claims.get(_TAGS, {})
    if not isinstance(nested, dict):
        raise Unusable("its tags are no object")
    return nested


def _tag(key: str, value: Any) -> tuple[str, str]:
    """A value, or a list of one."""
    values = value if isinstance(value, list) else [value]
    if len(values) != 1 or not isinstance(values[0], str):
        raise Unusable("a tag does not have one value")
    try:
        tag = build(Tag, {"Key": key, "Value": values[0]})
    except ValidationFailure as failure:
        raise Unusable(f"a tag is none: {failure.message}") from None
    return tag.key, tag.value


def _texts(value: Any, name: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in values):
        raise Unusable(f"its {name} are no list of texts")
    return tuple(values)
