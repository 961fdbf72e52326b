"""Tags: which keys and values are allowed, and no key twice."""

import unicodedata
from collections.abc import Iterable, Mapping

from gatepass.errors import InvalidInput, LimitExceeded
from gatepass.wire.constraints import Pattern

MOST_TAGS = 50


def _is_tag_text(text: str) -> bool:
    """Letters, separators and numbers of any script, and `_.:/=+-@`."""
    return all(character in "_.:/=+-@" or unicodedata.category(character)[0] in "LZN" for character in text)


TAG_KEY = Pattern(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", lambda text: text and _is_tag_text(text))
TAG_VALUE = Pattern(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", _is_tag_text)


def tags(given: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Keys and values, in their order.

    Raises:
        InvalidInput: a key comes twice, in whatever case, or is reserved.
    """
    pairs = tuple(given)
    if len({key.casefold() for key, _ in pairs}) < len(pairs):
        raise InvalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.casefold().startswith("aws:") for key, _ in pairs):
        raise InvalidInput("Tag keys beginning with aws: are reserved for system use.")
    return dict(pairs)


def with_tags(tags: Mapping[str, str], added: Mapping[str, str]) -> Mapping[str, str]:
    """The tags of an entity after more were put on it; one of the same key, in whatever case, is replaced.

    Raises:
        LimitExceeded: there would be too many.
    """
    merged = {**without_tags(tags, added), **added}
    if len(merged) > MOST_TAGS:
        raise LimitExceeded("The number of tags has reached the maximum limit.")
    return merged


def without_tags(tags: Mapping[str, str], keys: Iterable[str]) -> Mapping[str, str]:
    """The tags of an entity after some were taken off; keys it does not have do not matter."""
    gone = {key.casefold() for key in keys}
    return {key: value for key, value in tags.items() if key.casefold() not in gone}
