"""Pages of a listing: a marker names the last entry of the page before."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from gatepass.errors import ValidationFailure

T = TypeVar("T")


class Asked(Protocol):
    """What an operation takes that lists something."""

    @property
    def marker(self) -> str | None: ...
    @property
    def max_items(self) -> int: ...


class At(NamedTuple):
    """A page that is asked for."""

    marker: str | None
    max_items: int


class Page(NamedTuple, Generic[T]):
    """What is answered.

    Attributes:
        marker: of the page that follows; None if this is the last.
    """

    entries: tuple[T, ...]
    marker: str | None

    @property
    def is_truncated(self) -> bool:
        return self.marker is not None


def cut(found: Sequence[T], asked: Asked, key: Callable[[T], str]) -> Page[T]:
    """The page of what was found from its first entry on, of which one more is there if more follows."""
    page = tuple(found[: asked.max_items])
    return Page(page, marker(key(page[-1])) if len(found) > len(page) else None)


def page(entries: Iterable[T], asked: Asked, key: Callable[[T], str]) -> Page[T]:
    """The page that is asked for, of all entries, in the order of their keys.

    Raises:
        ValidationFailure: the marker is none of ours.
    """
    after = last_entry(asked.marker) or ""
    return cut(sorted((entry for entry in entries if key(entry) > after), key=key), asked, key)


def marker(last: str) -> str:
    """The marker of the page that follows an entry."""
    return urlsafe_b64encode(last.encode()).decode().rstrip("=")


def last_entry(marker: str | None) -> str | None:
    """The entry a page begins after; None for the first page.

    Raises:
        ValidationFailure: the marker is none of ours.
    """
    if marker is None:
        return None
    try:
        last = urlsafe_b64decode(marker.encode("ascii") + b"=" * (-len(marker) % 4)).decode()
    except ValueError:
        last = ""
    if not last or "\0" in last:  # no name holds one, nor can every store look for it
        raise ValidationFailure("Invalid Marker.")
    return last
