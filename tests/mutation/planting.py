"""Mistakes planted in the source, and a package imported anew with one of them in.

A mistake is a package with some lines replaced. Lines that do not stand exactly once in their file are an error, so
that no list can rot.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
SOURCE = ROOT / "src"


class Hunk(NamedTuple):
    """Some whole lines of one file of a package, and what stands there instead."""

    file: str
    old: tuple[str, ...]
    new: tuple[str, ...]


class Mutant(NamedTuple):
    """What the broken package does wrong, in words that go on from its name, and where."""

    name: str
    hunks: tuple[Hunk, ...]


def mutants(name: str) -> tuple[Mutant, ...]:
    """Those of `NAME.mutants`: blocks with an empty line between, each a name and then hunks as in a patch.

    `@file` begins a hunk; ` `, `-` and `+` lines are those that stay, go and come. `#` begins a comment.
    """
    text = (FOLDER / f"{name}.mutants").read_text()
    blocks = [[line for line in block.splitlines() if line[:1] != "#"] for block in text.split("\n\n")]
    return tuple(Mutant(block[0], tuple(_hunks(block[1:]))) for block in blocks if block)


def _hunks(lines: list[str]) -> Iterator[Hunk]:
    starts = [index for index, line in enumerate(lines) if line.startswith("@")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        body = lines[start + 1 : end]
        old = tuple(line[1:] for line in body if line[0] in " -")
        yield Hunk(lines[start][1:], old, tuple(line[1:] for line in body if line[0] in " +"))


def edited(package: str, mutant: Mutant) -> dict[str, str]:
    """The mutant's files, by the name of the module."""
    sources: dict[str, str] = {}
    for file, old_lines, new_lines in mutant.hunks:
        module = f"{package}.{file}"
        source = sources.get(module) or f"\n{_path(module).read_text()}"
        old, new = ("".join(f"\n{line}" for line in lines) for lines in (old_lines, new_lines))
        found = source.count(f"{old}\n")
        assert found == 1, f"{mutant.name}: {file}.py holds {found} times:{old}"
        sources[module] = source.replace(f"{old}\n", f"{new}\n")
    return sources


def _path(module: str) -> Path:
    root = SOURCE if module.split(".")[0] == "gatepass" else ROOT
    path = root.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


class Planted(MetaPathFinder, Loader):
    """Put first into `sys.meta_path`: modules with a mistake are read as it has them.

    The other modules beneath `names` are read as they are, and compiled once for all mistakes.
    """

    def __init__(self, package: str, mutant: Mutant, names: tuple[str, ...] = ()) -> None:
        self._names, self._beneath = names, tuple(f"{name}." for name in names)
        self._broken: Mapping[str, CodeType] = {
            module: compile(source, str(_path(module)), "exec") for module, source in edited(package, mutant).items()
        }

    def find_spec(self, fullname: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        ours = fullname in self._broken or fullname in self._names or fullname.startswith(self._beneath)
        file = _path(fullname)
        return spec_from_file_location(fullname, file, loader=self) if ours and file.exists() else None

    def is_package(self, fullname: str) -> bool:
        return _path(fullname).name == "__init__.py"

    def exec_module(self, module: ModuleType) -> None:
        exec(self._broken.get(module.__name__) or _compiled(module.__name__), module.__dict__)


@cache
def _compiled(module: str) -> CodeType:
    path = _path(module)
    return compile(path.read_text(), str(path), "exec")


@contextmanager
def planted(package: str, mutant: Mutant, again: tuple[str, ...]) -> Iterator[None]:
    """Within, the package is imported anew with the mistake in, and so are the modules `again`, which ask it.

    Both are names with all that lies beneath them. Afterwards everything is as it was.
    """
    names = (package, *again)
    before = _taken(names)
    finder = Planted(package, mutant, names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        _taken(names)
        sys.modules.update(before)
        for name, module in before.items():
            _parent(name)[_child(name)] = module


def _taken(names: tuple[str, ...]) -> dict[str, ModuleType]:
    """Forget these modules and all beneath them, and give them back.

    Their parents forget them too: `from package import module` asks the package first.
    """
    beneath = tuple(f"{name}." for name in names)
    found = {each: module for each, module in sys.modules.items() if each in names or each.startswith(beneath)}
    for name in found:
        _parent(name).pop(_child(name), None)
    for name in found:
        del sys.modules[name]
    return found


def _parent(name: str) -> dict[str, object]:
    """The names of the package that the module lies in."""
    parent = sys.modules.get(name.rpartition(".")[0])
    return {} if parent is None else vars(parent)


def _child(name: str) -> str:
    return name.rpartition(".")[2]
