"""The tests of a module run without pytest: each with every row of its tables, up to the first that fails.

This is what makes some hundreds of mistakes bearable in one run: it takes plain functions, `parametrize` and fixtures
that need no others. Tests out of strategies and those marked slow are left to pytest.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from itertools import product
from types import ModuleType
from typing import Any

import pytest
from _pytest.fixtures import FixtureFunctionDefinition

Fixtures = Mapping[str, Callable[[], Any]]


def first_failure(modules: tuple[str, ...]) -> str | None:
    """The first test of these modules that fails, as `module::test`; None if all hold."""
    for name in modules:
        test = "the import"
        try:
            module = import_module(name)
            fixtures = _fixtures(name)
            for test, call in calls(module, fixtures):  # noqa: B007 (named where it fails)
                call()
        except (Exception, pytest.fail.Exception):  # noqa: BLE001 (a broken package may break in any way)
            return f"{name.rpartition('.')[2]}::{test}"
    return None


def calls(module: ModuleType, fixtures: Fixtures) -> Iterator[tuple[str, Callable[[], object]]]:
    """Every test with every row of its tables."""
    for name, function in vars(module).items():
        marks = getattr(function, "pytestmark", ())
        if (
            not name.startswith("test_")
            or hasattr(function, "hypothesis")
            or any(each.name == "slow" for each in marks)
        ):
            continue
        tables = [_rows(mark) for mark in marks if mark.name == "parametrize"]
        wanted = inspect.signature(function).parameters
        for rows in product(*tables):
            given = {parameter: value for row in rows for parameter, value in row.items()}
            missing = [parameter for parameter in wanted if parameter not in given]
            if all(parameter in fixtures for parameter in missing):
                yield name, partial(function, **given, **{each: fixtures[each]() for each in missing})


def _rows(mark: pytest.Mark) -> list[dict[str, Any]]:
    """The rows of one `parametrize`, as keyword arguments."""
    names, values = mark.args
    parameters = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    rows = []
    for given in values:
        row = given.values if isinstance(given, type(pytest.param())) else given
        several = len(parameters) > 1 or row is not given
        rows.append(dict(zip(parameters, row if several else (row,), strict=True)))
    return rows


def _fixtures(module: str) -> Fixtures:
    """The fixtures of the folder's `conftest.py` that need no others."""
    try:
        conftest = import_module(f"{module.rpartition('.')[0]}.conftest")
    except ModuleNotFoundError:
        return {}
    found = {
        name: each._get_wrapped_function()
        for name, each in vars(conftest).items()
        if isinstance(each, FixtureFunctionDefinition)
    }
    return {name: function for name, function in found.items() if not inspect.signature(function).parameters}
