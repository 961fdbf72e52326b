"""Tags: which keys and values are allowed, and no key twice.

Keys of roles and users are not told apart by case, those of everything else are.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, Protocol

from gatepass.errors import InvalidInput, LimitExceeded
from gatepass.iam.limits import TAGS
from gatepass.principal import Principal
from gatepass.wire.constraints import Pattern


def _is_tag_text(text: str) -> bool:
    """Letters, separators and numbers of any script, and `_.:/=+-@`."""
    return all(character in "_.:/=+-@" or unicodedata.category(character)[0] in "LZN" for character in text)


TAG_KEY = Pattern(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", lambda text: text and _is_tag_text(text))
TAG_VALUE = Pattern(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", _is_tag_text)


class Given(Protocol):
    """A tag as it comes in."""

    @property
    def key(self) -> str: ...
    @property
    def value(self) -> str: ...


class Keys(NamedTuple):
    """How the keys of an entity's tags are told apart."""

    folded: Callable[[str], str]
    duplicate: str

    def tags(self, given: Iterable[Given]) -> Mapping[str, str]:
        """Keys and values, in their order.

        Raises:
            InvalidInput: a key comes twice, or is reserved.
        """
        pairs = tuple((tag.key, tag.value) for tag in given)
        if len({self.folded(key) for key, _ in pairs}) < len(pairs):
            raise InvalidInput(self.duplicate)
        if any(key.casefold().startswith("aws:") for key, _ in pairs):
            raise InvalidInput("Tag keys beginning with aws: are reserved for system use.")
        return dict(pairs)

    def added(self, tags: Mapping[str, str], more: Mapping[str, str]) -> Mapping[str, str]:
        """The tags of an entity after more were put on it; one of the same key is replaced.

        Raises:
            LimitExceeded: there would be too many.
        """
        merged = {**self.removed(tags, more), **more}
        if len(merged) > TAGS:
            raise LimitExceeded("The number of tags has reached the maximum limit.")
        return merged

    def removed(self, tags: Mapping[str, str], keys: Iterable[str]) -> Mapping[str, str]:
        """The tags of an entity after some were taken off; keys it does not have do not matter."""
        gone = {self.folded(key) for key in keys}
        return {key: value for key, value in tags.items() if self.folded(key) not in gone}


ANY_CASE: Final = Keys(str.casefold, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
BY_CASE: Final = Keys(str, "Duplicate tag keys found.")


def check_case(tags: Mapping[str, str], caller: Principal | None) -> None:
    """Whether policies see all of these tags of an entity: the names of condition keys ignore case.

    Whoever policies bind could else hide the tag they ask for behind another one that is spelled differently.

    Raises: InvalidInput, if keys differ in their case only; not for the root, whom no policy binds.
    """
    bound = caller is not None and caller.kind != "root"
    if bound and len({ANY_CASE.folded(key) for key in tags}) < len(tags):
        raise InvalidInput(ANY_CASE.duplicate)
