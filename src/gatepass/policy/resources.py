"""The Resource and NotResource elements: ARN patterns against the ARN of a request.

Where AWS's pages contradict each other or are silent, a pattern is read *generously* if matching makes access less
likely (Resource of a Deny, NotResource of an Allow) and *strictly* otherwise:

- generous: a plain glob over the whole text;
- strict: segment by segment. A `*` that ends a segment may take further whole segments of the ARN's head, as AWS
  documents, but never reaches into the resource part, which callers write. So `arn:aws:execute-api:*:*:api/GET/x`
  cannot be met by a path of another API that happens to end in `:api/GET/x`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from gatepass.policy.globs import STAR, Glob, Test, Token, compiled, glob, tokens
from gatepass.policy.query import Constants, Context
from gatepass.policy.variables import MalformedVariable, Template, keys, resolve, template

_SEGMENTS = 6
ResourceTest = Callable[[str, Context], bool]


class Resources:
    """One statement's Resource or NotResource, compiled.

    Attributes:
        prefixes: no resource matches that begins with none of them.
        test: the whole check; None where a prefix is enough.
        keys: the context keys its variables read.
    """

    __slots__ = (
        "_dynamic",
        "_exact",
        "_fills",
        "_generous",
        "_negated",
        "_starts",
        "_tests",
        "keys",
        "prefixes",
        "test",
    )

    prefixes: tuple[str, ...]
    test: ResourceTest | None
    keys: frozenset[str]

    def __init__(
        self, given: Sequence[str], *, negated: bool, generous: bool, fills: bool, has_variables: bool
    ) -> None:
        """`fills`: the segments that a short ARN without wildcards does not have stand for anything."""
        self._negated, self._generous, self._fills = negated, generous, fills
        self._exact: set[str] = set()
        self._starts: list[str] = []
        self._tests: list[tuple[str, Test]] = []
        self._dynamic: list[Template] = []
        for text in given:
            if has_variables and "${" in text:
                self._add_template(text)
            else:
                self._add(tokens(text), text)
        self._finish()

    def bind(self, constants: Constants) -> Resources:
        """The element as it stands for one credential."""
        if not any(constants.knows(key) for key in self.keys):
            return self
        bound: Resources = Resources.__new__(Resources)
        bound._negated, bound._generous, bound._fills = self._negated, self._generous, self._fills
        bound._exact, bound._starts, bound._tests = set(self._exact), list(self._starts), list(self._tests)
        bound._dynamic = []
        for each in self._dynamic:
            if not all(constants.knows(key) for key in keys(each)):
                bound._dynamic.append(each)
            elif (resolved := resolve(each, constants)) is not None:
                bound._add(resolved)
            elif self._without_value:
                bound._starts.append("")
        bound._finish()
        return bound

    @property
    def _without_value(self) -> bool:
        """What an entry whose variable has no value matches: nothing, or in a NotResource read generously all."""
        return self._negated and self._generous

    def _add_template(self, text: str) -> None:
        head = _end_of_head(text)
        variable = text.find("${")
        if variable < head:  # AWS has no variables before the resource part
            if self._generous:
                self._add((*tokens(text[:variable]), STAR))
            return
        try:
            self._dynamic.append(template(text, wildcards=True))
        except MalformedVariable:
            if self._generous:
                self._starts.append("")

    def _add(self, pattern: tuple[Token, ...], text: str | None = None) -> None:
        for each in arn_globs(pattern, text, generous=self._generous, fills=self._fills):
            if each.test is not None:
                self._tests.append((each.prefix, each.test))
            elif each.exact:
                self._exact.add(each.prefix)
            else:
                self._starts.append(each.prefix)

    def _finish(self) -> None:
        self.keys = frozenset(key for each in self._dynamic for key in keys(each))
        dynamic = [each[0] if each and isinstance(each[0], str) else "" for each in self._dynamic]
        self.prefixes = (*self._exact, *self._starts, *(prefix for prefix, _ in self._tests), *dynamic)
        inner = self._inner()
        if self._negated:
            self.prefixes = ("",)
            self.test = (lambda resource, context: not inner(resource, context)) if inner else None
            if inner is None:
                starts = tuple(self._starts)
                self.test = lambda resource, context: not resource.startswith(starts)
        else:
            self.test = inner
            if "" in self.prefixes:
                self.prefixes = ("",)
                self.test = None if "" in self._starts else inner

    def _inner(self) -> ResourceTest | None:
        if not (self._exact or self._tests or self._dynamic):
            return None
        exact, starts = frozenset(self._exact), tuple(self._starts)
        tests, dynamic = tuple(test for _, test in self._tests), tuple(self._dynamic)

        def test(resource: str, context: Context) -> bool:
            if resource in exact or resource.startswith(starts):
                return True
            for each in tests:
                if each(resource):
                    return True
            return any(self._dynamic_holds(each, resource, context) for each in dynamic)

        return test

    def _dynamic_holds(self, given: Template, resource: str, context: Context) -> bool:
        first = given[0]
        if isinstance(first, str) and not resource.startswith(first) and not self._without_value:
            return False
        resolved = resolve(given, context)
        if resolved is None:
            return self._without_value
        return any(each.matches(resource) for each in arn_globs(resolved, generous=self._generous, fills=self._fills))


def _end_of_head(text: str) -> int:
    """Where the resource part begins: after the fifth colon outside variables; the length if there is none."""
    colons, position = 0, 0
    while position < len(text):
        if text.startswith("${", position):
            end = text.find("}", position)
            position = len(text) if end < 0 else end
        elif text[position] == ":":
            colons += 1
            if colons == _SEGMENTS - 1:
                return position + 1
        position += 1
    return len(text)


def arn_globs(pattern: tuple[Token, ...], text: str | None = None, *, generous: bool, fills: bool) -> Iterator[Glob]:
    """What the pattern comes to: one glob, or two where a short ARN also stands for all beneath it.

    `text` is the pattern as written, where it is known, so that its glob can be remembered.
    """
    whole = glob(pattern) if text is None else compiled(text)
    first = pattern[0] if pattern else ""
    if isinstance(first, str) and first.count(":") >= _SEGMENTS - 1:
        yield whole
        return
    if pattern == (STAR,):
        yield whole
        return
    short = sum(token.count(":") for token in pattern if isinstance(token, str)) < _SEGMENTS - 1
    if generous:
        yield whole
        if short:
            yield glob((*pattern, ":", STAR))
        return
    fills = fills or not all(isinstance(token, str) for token in pattern)
    yield Glob(whole.prefix, False, _Segments(pattern, whole, fills and short))


class _Segments:
    """The strict reading of a pattern whose head holds wildcards, or is short."""

    __slots__ = ("_absorbs", "_aligned", "_fills", "_globs", "_heads", "_segments", "_tails", "_whole")

    def __init__(self, pattern: tuple[Token, ...], whole: Glob, fills: bool) -> None:
        self._whole, self._fills = whole, fills
        self._segments = _split(pattern)
        self._heads = self._segments[: _SEGMENTS - 1]
        self._globs = [glob(segment) for segment in self._heads]
        self._aligned = [(index, each) for index, each in enumerate(self._globs) if self._heads[index] != [STAR]]
        self._absorbs = any(segment[-1:] == [STAR] for segment in self._heads)
        self._tails: dict[int, Glob] = {}

    def __call__(self, resource: str) -> bool:
        parts = resource.split(":", _SEGMENTS - 1)
        if len(parts) < _SEGMENTS:
            return self._whole.matches(resource)
        if len(self._segments) >= _SEGMENTS:
            if all(each.matches(parts[index]) for index, each in self._aligned) and self._tail(
                _SEGMENTS - 1, parts[-1]
            ):
                return True
            # A star that takes more than one segment leaves a colon of the pattern to the resource part.
            if not self._absorbs or ":" not in parts[-1]:
                return False
        return self._walk(0, 0, parts)

    def _tail(self, index: int, text: str) -> bool:
        """Pattern segments from `index` on against the resource part, in which colons are plain characters."""
        tail = self._tails.get(index)
        if tail is None:
            joined: list[Token] = []
            for segment in self._segments[index:]:
                joined += [":", *segment]
            tail = self._tails[index] = glob(joined[1:])
        return tail.matches(text)

    def _walk(self, index: int, position: int, parts: list[str]) -> bool:
        """Whether the pattern from segment `index` on stands for the ARN from segment `position` on."""
        if index == len(self._segments):
            return self._fills
        if position == _SEGMENTS - 1:
            return self._tail(index, parts[-1])
        each, ends_in_star = self._globs[index], self._heads[index][-1:] == [STAR]
        if ends_in_star and index == len(self._segments) - 1 and each.matches(":".join(parts[position:])):
            return True
        last = _SEGMENTS - 1 if ends_in_star else position + 1
        return any(
            each.matches(":".join(parts[position:end])) and self._walk(index + 1, end, parts)
            for end in range(position + 1, last + 1)
        )


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
