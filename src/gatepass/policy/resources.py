"""The Resource and NotResource elements: which of a statement's patterns the resource of a request meets.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter

from gatepass.policy.arns import SEGMENTS, Reading, arn_globs
from gatepass.policy.globs import STAR, Glob, glob, tokens
from gatepass.policy.query import Context
from gatepass.policy.variables import MalformedVariable, Template, keys, resolve, template

_MOST_REMEMBERED = 64
_EVERYTHING = Glob("", False, None)
ResourceTest = Callable[[str, Context], bool]


class Resources:
    """One statement's Resource or NotResource, compiled.

    Attributes:
        prefixes: no resource meets the element that begins with none of them.
        test: the whole check; None where a prefix is enough.
        keys: the context keys its variables read.
    """

    __slots__ = ("_globs", "_negated", "_reading", "_templates", "keys", "prefixes", "test")

    def __init__(
        self, globs: tuple[Glob, ...], templates: tuple[Template, ...], reading: Reading, *, negated: bool
    ) -> None:
        self._globs, self._templates, self._reading, self._negated = globs, templates, reading, negated
        self.keys = frozenset(key for each in templates for key in keys(each)) if templates else _NO_KEYS
        self.prefixes: tuple[str, ...] = (*[each.prefix for each in globs], *map(_literal_prefix, templates))
        if negated or "" in self.prefixes:
            self.prefixes = ("",)
        listed = _listed(globs, templates, reading)
        self.test: ResourceTest | None = listed
        if negated:
            self.test = (lambda resource, context: not listed(resource, context)) if listed else _never_or(globs)

    @classmethod
    def of(cls, given: Sequence[str], *, negated: bool, deny: bool, fills: bool, has_variables: bool) -> Resources:
        """Compile the element of a Deny or an Allow; `fills` as in `Reading`."""
        reading = Reading(generous=deny is not negated, fills=fills, without_value=negated and not deny)
        globs: list[Glob] = []
        templates: list[Template] = []
        for text in given:
            if has_variables and "${" in text:
                made, instead = _template(text, reading)
                templates.extend(made)
                globs.extend(instead)
            else:
                globs.extend(arn_globs(tokens(text), reading, text))
        return cls(tuple(globs), tuple(templates), reading, negated=negated)

    def bind(self, constants: Context, known: frozenset[str]) -> Resources:
        """The element as it stands for one credential, whose context keys `known` never change."""
        if self.keys.isdisjoint(known):
            return self
        resolvable: tuple[Template, ...] = self._templates
        remaining: tuple[Template, ...] = ()
        if not self.keys <= known:
            resolvable = tuple(each for each in self._templates if known.issuperset(keys(each)))
            remaining = tuple(each for each in self._templates if each not in resolvable)
        globs = (*self._globs, *_resolved(resolvable, constants, self._reading))
        return Resources(globs, remaining, self._reading, negated=self._negated)

    def met_by(self, resource: str, context: Context) -> bool:
        """Whether the element holds of the resource."""
        return resource.startswith(self.prefixes) and (self.test is None or self.test(resource, context))


_NO_KEYS: frozenset[str] = frozenset()


def _never_or(globs: tuple[Glob, ...]) -> ResourceTest:
    """The negation of entries for which a prefix is all there is to check."""
    starts = tuple(each.prefix for each in globs)
    return lambda resource, context: not resource.startswith(starts)


def _listed(globs: tuple[Glob, ...], templates: tuple[Template, ...], reading: Reading) -> ResourceTest | None:
    """Whether one of the entries is met; None where its prefix decides that."""
    starting: list[str] = []
    exact: set[str] = set()
    tests: list[Callable[[str], bool]] = []
    for prefix, is_exact, test_of_glob in globs:
        if test_of_glob is not None:
            tests.append(test_of_glob)
        elif is_exact:
            exact.add(prefix)
        else:
            starting.append(prefix)
    if "" in starting or not (exact or tests or templates):
        return None
    starts = tuple(starting)
    resolved = _resolver(templates, reading) if templates else None

    def test(resource: str, context: Context) -> bool:
        if resource in exact or resource.startswith(starts):
            return True
        for each in tests:
            if each(resource):
                return True
        if resolved is None:
            return False
        others = resolved(context)
        return resource.startswith(others.prefixes) and (others.test is None or others.test(resource, context))

    return test


def _resolver(templates: tuple[Template, ...], reading: Reading) -> Callable[[Context], Resources]:
    """The entries with variables, resolved, and remembered by the values."""
    names = sorted({key for each in templates for key in keys(each)})
    values_of: Callable[[Context], object] = itemgetter(*names) if names else (lambda context: None)
    remembered: dict[object, Resources] = {}

    def resolved(context: Context) -> Resources:
        values = values_of(context)
        found = remembered.get(values)
        if found is None:
            found = Resources(tuple(_resolved(templates, context, reading)), (), reading, negated=False)
            if len(remembered) >= _MOST_REMEMBERED:
                remembered.clear()
            remembered[values] = found
        return found

    return resolved


def _resolved(templates: Sequence[Template], context: Context, reading: Reading) -> Iterator[Glob]:
    for each in templates:
        pattern = resolve(each, context)
        if pattern is not None:
            yield from arn_globs(pattern, reading)
        elif reading.without_value:
            yield _EVERYTHING


def _template(text: str, reading: Reading) -> tuple[tuple[Template, ...], tuple[Glob, ...]]:
    """An entry with variables, or, where it cannot be one, what is put in its place: a generous glob or nothing."""
    variable = text.find("${")
    if text.count(":", 0, variable) < SEGMENTS - 1:  # AWS has no variables before the resource part
        return (), (glob((*tokens(text[:variable]), STAR)),) if reading.generous else ()
    try:
        return (template(text, wildcards=True),), ()
    except MalformedVariable:
        return (), (_EVERYTHING,) if reading.generous else ()


def _literal_prefix(given: Template) -> str:
    first = given[0]
    return first if isinstance(first, str) else ""
