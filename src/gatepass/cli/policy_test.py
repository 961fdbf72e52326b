"""`gatepass policy test`: policy tests that people keep beside their policies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

from gatepass.advice.cases import Result, cases_of, judge
from gatepass.advice.reading import plain
from gatepass.cli.policy_explained import lines
from gatepass.cli.policy_files import Names, Roles, as_json, text_of
from gatepass.cli.saying import say
from gatepass.errors import ConfigurationError

_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Tested(NamedTuple):
    """A file and how its cases came out."""

    file: str
    results: list[Result]


@click.command(epilog="Example: gatepass policy test policies/cases.yaml")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--json", "json_wanted", is_flag=True, help="Print the results as one JSON object.")
@click.option("--junit", metavar="FILE", type=click.Path(path_type=Path), help="Write the results as JUnit XML, too.")
def test(files: tuple[Path, ...], json_wanted: bool, junit: Path | None) -> int:
    """Judge the cases in FILEs, and explain those that come out otherwise than expected.

    A file is JSON or YAML: a list of cases, or an object with the member `cases`. A case has `policies` (identity,
    session, resource, boundary, scp, rcp), a `request` (principal, action, resource, resourceAccount, context) and
    `expected`: allowed, implicitDeny or explicitDeny. Where a policy stands there may be a document, the name of a file
    beside the cases, the name of a role, or a list of them. A case that cannot be judged has failed.
    """
    roles = Roles()
    tested = [_test(path, roles) for path in files]
    if junit is not None:
        _write_junit(junit, tested)
    passed = sum(result.passed for each in tested for result in each.results)
    failed = sum(len(each.results) for each in tested) - passed
    if json_wanted:
        results = [_json(each.file, result) for each in tested for result in each.results]
        click.echo(as_json({"passed": passed, "failed": failed, "cases": results}))
    else:
        for each in tested:
            for result in each.results:
                if not result.passed:
                    for line in (*_told(each.file, result), ""):
                        say(line)
        click.echo(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def _test(path: Path, roles: Roles) -> _Tested:
    """A file that holds no cases is one that failed."""
    try:
        cases = cases_of(plain(text_of(path)))
        if cases is None:
            raise ConfigurationError("it holds no cases: neither a list nor an object with the member `cases`")
    except ConfigurationError as error:
        return _Tested(str(path), [Result("the file", "", "", str(error))])
    names = Names(path.parent, roles)
    return _Tested(str(path), [judge(case, number, names) for number, case in enumerate(cases, 1)])


def _headline(result: Result) -> str:
    if result.why:
        return f"cannot be judged: {result.why}"
    return f"expected {result.expected}, got {result.outcome}"


def _told(file: str, result: Result) -> Iterator[str]:
    yield f"FAILED {file}: {result.name}"
    yield f"  {_headline(result)}"
    if result.explanation is not None:
        yield from (f"  {line}" for line in lines(result.explanation))


def _json(file: str, result: Result) -> dict[str, Any]:
    told: dict[str, Any] = {"file": file, "name": result.name, "passed": result.passed}
    told |= {"expected": result.expected or None, "outcome": result.outcome or None}
    if result.why:
        told["why"] = result.why
    if result.explanation is not None:
        told["explanation"] = result.explanation.to_json()
    return told


def _write_junit(path: Path, tested: Sequence[_Tested]) -> None:
    from xml.etree import ElementTree

    root = ElementTree.Element("testsuites")
    for file, results in tested:
        failed = sum(not result.passed and not result.why for result in results)
        errors = sum(bool(result.why) for result in results)
        counts = {"tests": str(len(results)), "failures": str(failed), "errors": str(errors)}
        suite = ElementTree.SubElement(root, "testsuite", {"name": _clean(file), **counts})
        for result in results:
            names = {"classname": _clean(file), "name": _clean(result.name)}
            case = ElementTree.SubElement(suite, "testcase", names)
            if not result.passed:
                kind = "error" if result.why else "failure"
                said = ElementTree.SubElement(case, kind, {"message": _clean(_headline(result))})
                said.text = _clean("\n".join(_told(file, result)))
    ElementTree.indent(root)
    try:
        ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise ConfigurationError(
            f"`{path}` cannot be written: {error.strerror or error}", hint=f"see that `{path.parent}` can be written to"
        ) from None


def _clean(text: str) -> str:
    """Without what no XML can hold."""
    return _NOT_IN_XML.sub("�", text)
