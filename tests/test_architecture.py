"""The shape of the house: who may import whom, what the pure rooms may not touch, and how long a function may be.

A rule is a function from the source tree to its violations. Every rule runs over `src/gatepass`, where it must find
nothing, and over a small tree that breaks it, where it must find exactly what is broken there.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "gatepass"

# Lowest first. A room imports itself and rooms of the layers before its own, never a neighbour in its layer.
LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"errors"}),
    frozenset({"arn", "http", "mac", "principal"}),
    frozenset({"sigv4", "policy", "tokens", "wire"}),
    frozenset({"advice"}),
    frozenset({"signing"}),  # what every client that signs needs beside the signature
    frozenset({"credentials"}),
    frozenset({"requests", "httpx", "aiohttp", "boto3"}),
    frozenset({"gatepass"}),  # the front door: `from gatepass import …`, for those who call an API
    frozenset({"store", "issuers"}),
    frozenset({"operation"}),
    frozenset({"cognito", "sts", "iam"}),
    frozenset({"gateway"}),
    frozenset({"server"}),
    frozenset({"cli"}),
    frozenset({"__main__"}),
)
PURE = frozenset({"sigv4", "policy", "tokens", "wire", "advice", "signing"})

# What `pip install gatepass` without extras must be able to import: these import each other and the standard library.
CLIENT = frozenset({"gatepass", "errors", "arn", "http", "mac", "principal", "sigv4", "signing", "credentials"})
# One file a client library; it may import the library of its own name.
ADAPTERS = frozenset({"requests", "httpx", "aiohttp", "boto3"})

# Modules whose import would let the outside world into a pure room.
IMPURE_IMPORTS = frozenset(
    {"os", "io", "glob", "pathlib", "shutil", "tempfile", "fcntl", "subprocess", "signal", "sqlite3"}
    | {"socket", "socketserver", "ssl", "select", "selectors", "http.client", "http.server", "urllib.request"}
    | {"asyncio", "threading", "_thread", "concurrent", "multiprocessing", "queue"}
    | {"sched", "random", "secrets", "uuid", "logging", "structlog"}
)
# Of `time`, a pure room may use what only computes: how many arguments make a call independent of the clock.
COMPUTING_TIME = {"gmtime": 1, "strftime": 2}
IMPURE_CALLS = frozenset({"open", "print", "input", "breakpoint", "exec", "eval", "__import__"})
IMPURE_METHODS = frozenset(
    {"now", "utcnow", "today", "urandom", "token_bytes", "token_hex", "generate_key", "generate_private_key"}
    | {"read_text", "read_bytes", "write_text", "write_bytes"}
)

FORBIDDEN_NAMES = frozenset({"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc"})
LONGEST_FUNCTION = 60

# Slow to import, and not needed to begin serving: imported in the functions that use them.
HEAVY = frozenset({"alembic", "rich", "httpx", "jwt", "yaml", "jinja2", "prometheus_client"})
# Alembic itself runs the migrations; the httpx adapter is imported by users of httpx.
HEAVY_HOMES = ("store/migrations/", "httpx.py")


@dataclass(frozen=True)
class Module:
    """One source file."""

    path: Path
    root: Path

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(), filename=str(self.path))

    @property
    def relative(self) -> str:
        return self.path.relative_to(self.root).as_posix()

    @property
    def room(self) -> str:
        first = self.path.relative_to(self.root).parts[0].removesuffix(".py")
        return "gatepass" if first == "__init__" else first

    def imports(self, nodes: Iterator[ast.AST] | None = None) -> Iterator[tuple[int, str]]:
        """(line, dotted name) of everything imported, at whatever depth; relative imports made absolute."""
        for node in nodes if nodes is not None else ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                package = ["gatepass", *self.path.relative_to(self.root).parts[:-1]]
                start = package[: len(package) - node.level + 1] if node.level else []
                origin = ".".join([*start, *([node.module] if node.module else [])])
                yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)

    def imported_rooms(self) -> Iterator[tuple[int, str]]:
        """(line, room) of every import of ours; `from gatepass import IdentityPool` is of the front door."""
        for line, name in self.imports():
            parts = name.split(".")
            if parts[0] == "gatepass":
                inner = parts[1] if len(parts) > 1 else ""
                yield line, inner if any(inner in layer for layer in LAYERS) else "gatepass"

    def module_level(self) -> Iterator[ast.AST]:
        """The nodes that run when the module is imported: no function bodies, no `if TYPE_CHECKING`."""
        waiting: list[ast.AST] = list(self.tree.body)
        while waiting:
            node = waiting.pop()
            yield node
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                waiting.extend(node.orelse)
                continue
            waiting.extend(ast.iter_child_nodes(node))


Rule = Callable[[list[Module]], Iterator[str]]


def layer(room: str) -> int:
    return next((number for number, rooms in enumerate(LAYERS) if room in rooms), -1)


def imports_point_down(modules: list[Module]) -> Iterator[str]:
    for module in modules:
        if layer(module.room) < 0:
            yield f"{module.relative}: the room `{module.room}` is in no layer"
            continue
        for line, room in module.imported_rooms():
            if room != module.room and layer(room) >= layer(module.room):
                yield f"{module.relative}:{line}: `{module.room}` imports `{room}`, which is not below it"


def clients_need_nothing(modules: list[Module]) -> Iterator[str]:
    for module in modules:
        if module.room not in CLIENT | ADAPTERS:
            continue
        for line, room in module.imported_rooms():
            if room not in CLIENT | {module.room}:
                yield f"{module.relative}:{line}: the client room `{module.room}` imports `{room}`"
        own = {module.room} if module.room in ADAPTERS else set()
        for line, name in module.imports():
            package = name.split(".")[0]
            if package not in sys.stdlib_module_names | {"gatepass"} | own:
                yield f"{module.relative}:{line}: the client room `{module.room}` imports `{package}`"


def looks_at_the_clock(node: ast.AST) -> bool:
    """`time.time`, `from time import monotonic`, or `gmtime()` without the moment."""
    if isinstance(node, ast.ImportFrom) and node.module == "time":
        return any(alias.name not in COMPUTING_TIME for alias in node.names)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "time":
        return node.attr not in COMPUTING_TIME
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func).removeprefix("time.")
        return len(node.args) < COMPUTING_TIME.get(name, 0)
    return False


def impure_call(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Name):
        return node.func.id if node.func.id in IMPURE_CALLS else ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr if node.func.attr in IMPURE_METHODS else ""
    return ""


def pure_rooms_are_pure(modules: list[Module]) -> Iterator[str]:
    for module in modules:
        if module.room not in PURE:
            continue
        for line, name in module.imports():
            parts = name.split(".")
            if any(".".join(parts[:length]) in IMPURE_IMPORTS for length in range(1, len(parts) + 1)):
                yield f"{module.relative}:{line}: the pure room `{module.room}` imports `{name}`"
        for node in ast.walk(module.tree):
            where = f"{module.relative}:{getattr(node, 'lineno', 0)}: the pure room `{module.room}`"
            if name := impure_call(node):
                yield f"{where} calls `{name}`"
            if looks_at_the_clock(node):
                yield f"{where} looks at the clock"


def names_say_something(modules: list[Module]) -> Iterator[str]:
    for module in modules:
        for part in module.path.relative_to(module.root).with_suffix("").parts:
            if part in FORBIDDEN_NAMES:
                yield f"{module.relative}: `{part}` says nothing"


def rooms_introduce_themselves(modules: list[Module]) -> Iterator[str]:
    for module in modules:
        if module.path.name != "__init__.py":
            continue
        if not ast.get_docstring(module.tree):
            yield f"{module.relative}: no docstring"
        targets = (node.targets if isinstance(node, ast.Assign) else [] for node in module.tree.body)
        names = {target.id for group in targets for target in group if isinstance(target, ast.Name)}
        if "__all__" not in names and "migrations" not in module.relative:
            yield f"{module.relative}: no `__all__`"


def functions_are_short(modules: list[Module]) -> Iterator[str]:
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    yield f"{module.relative}:{node.lineno}: `{node.name}` is {lines} lines long"


def heavy_imports_wait(modules: list[Module]) -> Iterator[str]:
    for module in modules:
        if module.relative.startswith(HEAVY_HOMES):
            continue
        for line, name in module.imports(module.module_level()):
            if name.split(".")[0] in HEAVY:
                yield f"{module.relative}:{line}: imports `{name}` when it is itself imported"


def suppressions_name_their_rule(modules: list[Module]) -> Iterator[str]:
    for module in modules:
        for number, line in enumerate(module.path.read_text().splitlines(), 1):
            if line.rstrip().endswith(("# noqa", "# type: ignore")):
                yield f"{module.relative}:{number}: suppresses everything"


RULES: tuple[Rule, ...] = (
    imports_point_down,
    clients_need_nothing,
    pure_rooms_are_pure,
    names_say_something,
    rooms_introduce_themselves,
    functions_are_short,
    heavy_imports_wait,
    suppressions_name_their_rule,
)

# A tree that breaks each rule, and what the rule must say about it.
BROKEN: dict[str, tuple[dict[str, str], list[str]]] = {
    "imports_point_down": (
        {
            "errors.py": "",
            "store/__init__.py": "def f():\n    from ..gateway import authorize\n",
            "wire/query.py": "from gatepass import sigv4\nfrom gatepass.errors import X\n",
            "cellar/wine.py": "",
        },
        [
            "cellar/wine.py: the room `cellar` is in no layer",
            "store/__init__.py:2: `store` imports `gateway`, which is not below it",
            "wire/query.py:1: `wire` imports `sigv4`, which is not below it",
        ],
    ),
    "clients_need_nothing": (
        {
            "credentials/refresh.py": "import botocore.session\nfrom gatepass.tokens import mint\nimport json\n",
            "requests.py": "import requests\nimport httpx\n",
            "store/database.py": "import sqlalchemy\n",
        },
        [
            "credentials/refresh.py:1: the client room `credentials` imports `botocore`",
            "credentials/refresh.py:2: the client room `credentials` imports `tokens`",
            "requests.py:2: the client room `requests` imports `httpx`",
        ],
    ),
    "pure_rooms_are_pure": (
        {
            "sigv4/sign.py": "def f():\n    import secrets\n    from urllib.request import urlopen\n"
            "from urllib.parse import quote\nfrom datetime import datetime\n",
            "tokens/session.py": "import time\ntime.strftime('%Y', time.gmtime(0))\ntime.gmtime()\ntime.time()\n",
            "policy/document.py": "from os.path import join\nx = open('y')\nz = datetime.now()\n",
            "gateway/asgi.py": "import os\n",
        },
        [
            "policy/document.py:1: the pure room `policy` imports `os.path.join`",
            "policy/document.py:2: the pure room `policy` calls `open`",
            "policy/document.py:3: the pure room `policy` calls `now`",
            "sigv4/sign.py:2: the pure room `sigv4` imports `secrets`",
            "sigv4/sign.py:3: the pure room `sigv4` imports `urllib.request.urlopen`",
            "tokens/session.py:3: the pure room `tokens` looks at the clock",
            "tokens/session.py:4: the pure room `tokens` looks at the clock",
        ],
    ),
    "names_say_something": ({"wire/utils.py": ""}, ["wire/utils.py: `utils` says nothing"]),
    "rooms_introduce_themselves": (
        {"sts/__init__.py": "x = 1\n", "iam/__init__.py": '"""What it owns."""\n__all__ = []\n'},
        ["sts/__init__.py: no `__all__`", "sts/__init__.py: no docstring"],
    ),
    "functions_are_short": (
        {"arn.py": "def long():\n" + "    x = 1\n" * 60 + "def short():\n" + "    x = 1\n" * 59},
        ["arn.py:1: `long` is 61 lines long"],
    ),
    "heavy_imports_wait": (
        {
            "cli/serve.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import rich\n"
            "def f():\n    import alembic\ntry:\n    import jwt\nexcept ImportError:\n    jwt = None\n",
            "store/migrations/env.py": "import alembic\n",
            "httpx.py": "import httpx\n",
        },
        ["cli/serve.py:7: imports `jwt` when it is itself imported"],
    ),
    "suppressions_name_their_rule": (
        {"arn.py": "import x  # type: ignore\nimport y  # noqa: F401\nimport z  # noqa\n"},
        ["arn.py:1: suppresses everything", "arn.py:3: suppresses everything"],
    ),
}


@cache
def read(root: Path) -> list[Module]:
    return [Module(path, root) for path in sorted(root.rglob("*.py"))]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule: Rule) -> None:
    """A new violation names its file and line."""
    assert sorted(rule(read(SOURCE))) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_finds_what_breaks_it(rule: Rule, tmp_path: Path) -> None:
    """A rule that can find nothing would prove nothing."""
    files, expected = BROKEN[rule.__name__]
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert sorted(rule(read(tmp_path))) == expected


def test_every_room_is_in_one_layer() -> None:
    """A room in two layers would be allowed what neither allows."""
    rooms = [room for rooms in LAYERS for room in rooms]
    assert len(rooms) == len(set(rooms))
    assert set(rooms) >= PURE | CLIENT | ADAPTERS
