"""ARN patterns: one resource pattern against the ARN of a request.

Where AWS's pages contradict each other or are silent, a pattern is read *generously* if matching makes access less
likely (Resource of a Deny, NotResource of an Allow) and *strictly* otherwise:

- generous: a plain glob over the whole text;
- strict: segment by segment. Of a pattern with fewer than six segments, a `*` that ends a segment may take further
  whole segments of the ARN's head, as AWS documents; into the resource part, which callers write, only the pattern's
  last segment reaches. So `arn:aws:execute-api:*:*:api/GET/x` cannot be met by a path of another API that happens to
  end in `:api/GET/x`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gatepass.policy.globs import STAR, Glob, Token, compiled, glob

SEGMENTS = 6


class Reading(NamedTuple):
    """How patterns are to be read.

    Attributes:
        generous: see the module.
        fills: the segments that a short ARN without wildcards does not have stand for anything.
        without_value: what a pattern matches whose variable has no value: everything or nothing.
    """

    generous: bool
    fills: bool
    without_value: bool


def arn_globs(pattern: tuple[Token, ...], reading: Reading, text: str | None = None) -> Iterator[Glob]:
    """What the pattern comes to: one glob, or two where a short ARN also stands for all beneath it.

    `text` is the pattern as written, where it is known, so that its glob can be remembered.
    """
    whole = glob(pattern) if text is None else compiled(text)
    first = pattern[0] if pattern else ""
    if isinstance(first, str) and first.count(":") >= SEGMENTS - 1:
        yield whole
        return
    if pattern == (STAR,):
        yield whole
        return
    short = sum(token.count(":") for token in pattern if isinstance(token, str)) < SEGMENTS - 1
    if reading.generous:
        yield whole
        if short:
            yield glob((*pattern, ":", STAR))
        return
    fills = reading.fills or not all(isinstance(token, str) for token in pattern)
    yield Glob(whole.prefix, False, _Segments(pattern, whole, fills and short))


class _Segments:
    """The strict reading of a pattern whose head holds wildcards, or is short."""

    __slots__ = ("_aligned", "_fills", "_globs", "_greedy", "_whole")

    def __init__(self, pattern: tuple[Token, ...], whole: Glob, fills: bool) -> None:
        self._whole, self._fills = whole, fills
        segments = _split(pattern)
        if len(segments) > SEGMENTS:
            segments[SEGMENTS - 1 :] = [_joined(segments[SEGMENTS - 1 :])]
        self._globs = [glob(segment) for segment in segments]
        self._greedy = [segment[-1:] == [STAR] for segment in segments]
        self._aligned = [(index, each) for index, each in enumerate(self._globs) if segments[index] != [STAR]]

    def __call__(self, resource: str) -> bool:
        parts = resource.split(":", SEGMENTS - 1)
        if len(parts) < SEGMENTS:
            return self._whole.matches(resource)
        if len(self._globs) == SEGMENTS:
            return all(each.matches(parts[index]) for index, each in self._aligned)
        return self._walk(0, 0, parts)

    def _walk(self, index: int, position: int, parts: list[str]) -> bool:
        """Whether a short pattern from segment `index` on stands for the ARN from segment `position` on.

        The pattern's last segment alone may meet the resource part: a star of the head never gets there.
        """
        if index == len(self._globs):
            return self._fills
        each, last = self._globs[index], index == len(self._globs) - 1
        if last and self._greedy[index] and each.matches(":".join(parts[position:])):
            return True
        if position == SEGMENTS - 1:
            return last and each.matches(parts[-1])
        reach = SEGMENTS - 1 if self._greedy[index] else position + 1
        return any(
            each.matches(":".join(parts[position:end])) and self._walk(index + 1, end, parts)
            for end in range(position + 1, reach + 1)
        )


def _joined(segments: list[list[Token]]) -> list[Token]:
    joined: list[Token] = []
    for segment in segments:
        joined += [":", *segment]
    return joined[1:]


def _split(pattern: tuple[Token, ...]) -> list[list[Token]]:
    segments: list[list[Token]] = [[]]
    for token in pattern:
        if not isinstance(token, str):
            segments[-1].append(token)
            continue
        for index, part in enumerate(token.split(":")):
            if index:
                segments.append([])
            if part:
                segments[-1].append(part)
    return segments
