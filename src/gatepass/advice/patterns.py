"""Whether everything that one wildcard pattern matches, another matches too. Exact: `*` is any run, `?` one character.

A character that neither pattern writes is met by wildcards only. So of what a pattern matches it is enough to look at
the texts in which such characters stand for its wildcards: who matches those matches all.
"""

from __future__ import annotations

from functools import lru_cache

STAR, ONE = "*", "?"
_OTHER = ""  # a character that neither pattern writes


@lru_cache(maxsize=4096)
def contains(wider: str, narrower: str) -> bool:
    """Whether `wider` matches all that `narrower` does."""
    if wider == narrower or not wider.strip(STAR):
        return bool(wider) or not narrower
    pattern = _Pattern(wider)
    seen: set[tuple[int, int]] = set()
    waiting = [(0, pattern.start)]
    while waiting:
        position, places = waiting.pop()
        if not places:
            return False
        if (position, places) in seen:
            continue
        seen.add((position, places))
        if position == len(narrower):
            if not places & pattern.end:
                return False
            continue
        character = narrower[position]
        if character == STAR:
            waiting.append((position + 1, places))
            waiting.append((position, pattern.after(places, _OTHER)))
        else:
            waiting.append((position + 1, pattern.after(places, _OTHER if character == ONE else character)))
    return True


class _Pattern:
    """A pattern that is followed character by character; a set of places in it is the bits of a number."""

    def __init__(self, text: str) -> None:
        self._stars = 0
        self._masks: dict[str, int] = {}
        self._ones = 0
        place = 0
        for character in text:
            if character == STAR:
                self._stars |= 1 << place
                continue
            if character == ONE:
                self._ones |= 1 << place
            else:
                self._masks[character] = self._masks.get(character, 0) | 1 << place
            place += 1
        self.start = 1
        self.end = 1 << place

    def after(self, places: int, character: str) -> int:
        """The places after one more character: a star keeps its place, what fits goes on."""
        fits = self._ones | self._masks.get(character, 0)
        return places & self._stars | (places & fits) << 1
