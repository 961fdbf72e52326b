"""No path is judged as one resource and served as another, whichever way the app behind reads paths."""

import dataclasses
import itertools
import json
import posixpath
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

ADMIN = "/admin"
PREFIXES = ["", "/", "/.", "/./", "/x/..", "/x/../", "/x/../../", "/%2e/", "/x/%2e%2e/", "/x/..;/", "/x/..;a=b/", "/;/"]
PREFIXES += [
    "/x/%2e%2e%2f",
    "/x%2f..%2f",
    "/x/%252e%252e/",
    "/\\",
    "/x/..\\",
    "/%5c",
    "/x/%5c..%5c",
    "//",
    "///",
    "/%2f",
]
PREFIXES += [
    "/x/y/../..",
    "/x/./../",
    "/.;/",
    "/%2E%2E/",
    "/x/%2E%2E/",
    "/./x/..",
    "/%2e;/",
    "/x/..%3b/",
    "/.//",
    "/x//..//",
]
NAMES = ["admin", "Admin", "%61dmin", "adm%69n", "a%64min", "%2561dmin", "admi%6E", "admin%00", "admin%20", "admin."]
NAMES += ["admin%2e", "ad;x/min", "%c1%a1dmin", "%EF%BD%81dmin", "a%dmin"]
SUFFIXES = ["", "/", "//", "/.", "/..", "/x/..", ";", ";a=b", "%3b", "%3B/x", "%2f", "%2F..", "%00", "#", "\\", "%5c"]
SUFFIXES += ["/%2e", "/x/%2e%2e", "%0a", "%20"]


def forms() -> Iterator[str]:
    for prefix, name, suffix in itertools.product(PREFIXES, NAMES, SUFFIXES):
        yield (prefix if prefix.endswith(("/", "\\", "%2f", "%5c")) or not prefix else prefix + "/") + name + suffix


# How servers and frameworks make a resource of a path.
READERS: dict[str, Callable[[str], str]] = {
    "decodes once": unquote,
    "decodes twice": lambda path: unquote(unquote(path)),
    "resolves dots, then decodes": lambda path: unquote(posixpath.normpath(path)),
    "decodes, then resolves dots": lambda path: posixpath.normpath(unquote(path)),
    "decodes twice, then resolves dots": lambda path: posixpath.normpath(unquote(unquote(path))),
    "drops path parameters": lambda path: posixpath.normpath(
        unquote("/".join(part.partition(";")[0] for part in path.split("/")))
    ),
    "drops decoded path parameters": lambda path: posixpath.normpath(
        "/".join(part.partition(";")[0] for part in unquote(path).split("/"))
    ),
    "takes backslashes for slashes": lambda path: posixpath.normpath(unquote(path).replace("\\", "/")),
    "merges slashes": lambda path: "/" + "/".join(part for part in unquote(path).split("/") if part),
    "ends at NUL": lambda path: posixpath.normpath(unquote(path).partition("\0")[0]),
    "ends at a fragment": lambda path: unquote(path.partition("#")[0]),
}


def serves_admin(path: str) -> list[str]:
    """The readers that serve `/admin` for a path."""
    return [
        name
        for name, read in READERS.items()
        if "/" + "/".join(part for part in read(path).split("/") if part) == ADMIN
    ]


def test_no_spelling_of_a_forbidden_path_gets_through(house: Any) -> None:
    """`*` is allowed, `/admin` denied: of thousands of spellings none is let through to an app that serves it."""
    role = house.store.directory.roles["pets-guests"]
    document = json.loads(role.inline_policies["invoke-iam-routes"])
    denied = house.api.method_arn("GET", "admin")
    document["Statement"].append({"Effect": "Deny", "Action": "execute-api:Invoke", "Resource": denied})
    changed = dataclasses.replace(role, inline_policies={"invoke-iam-routes": json.dumps(document)})
    house.run(
        house.store.roles.change(role.name, lambda stored: dataclasses.replace(changed, revision=stored.revision))
    )
    keys = house.guest()
    passed, dangerous = [], 0
    for form in dict.fromkeys(forms()):
        path = b"/api" + (form if form.startswith("/") else "/" + form).encode()
        dangerous += bool(serves_admin(path.decode().removeprefix("/api")))
        calls = len(house.app.scopes)
        answer = house.send(house.signed("GET", path, keys))
        if len(house.app.scopes) > calls:
            assert answer.status == 200
            passed.append(path.decode().removeprefix("/api"))
    assert [(path, serves_admin(path)) for path in passed if serves_admin(path)] == []
    assert dangerous > 2000, "the forms are worth trying"
    assert "/Admin" in passed, "what is another resource gets through"


def test_no_spelling_of_an_open_path_opens_another(house: Any) -> None:
    """`GET /open` is open: nobody gets anything else for nothing."""
    for form in list(dict.fromkeys(forms()))[::7]:
        for path in (f"/api/open{form}", f"/api/open/..{form}", f"/api{form}/../open", f"/api{form}/%2e%2e/open"):
            house.send(_anonymous(path))
    assert [scope["raw_path"] for scope in house.app.scopes if scope["raw_path"] != b"/api/open"] == []
    house.send(_anonymous("/api/open"))
    assert house.app.scopes


def _anonymous(path: str) -> Any:
    from gatepass.http import Request

    return Request("GET", path.encode(), b"", [(b"host", b"gate.test")])
