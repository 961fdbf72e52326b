"""Finding an app before it is imported, and loading it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gatepass.errors import ConfigurationError
from gatepass.gateway import Protection, RouteTable
from gatepass.gateway.integrations.threads import HandlerThreads
from gatepass.operation import Deployment
from gatepass.server import hosting
from gatepass.server.settings import Settings

CHALICE = "from chalice import Chalice, IAMAuthorizer\n{app}\n\n\n@app.route('/')\ndef index():\n    return {{}}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Chalice project named `pets`."""
    folder = tmp_path / "some-folder"
    folder.mkdir()
    (folder / "app.py").write_text(CHALICE.format(app="app = Chalice(app_name='pets')"))
    return folder


def configure(folder: Path, **config: Any) -> None:
    (folder / ".chalice").mkdir()
    (folder / ".chalice" / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("app = Chalice(app_name='pets')", "pets"),
        ("app = Chalice('pets')", "pets"),
        ("import chalice\napp: object = chalice.Chalice(debug=True, app_name='pets')", "pets"),
        ("NAME = 'pets'\napp = Chalice(app_name=NAME)", "some-folder"),
        ("app = make()", "some-folder"),
        ("app = other = Chalice('pets')", "pets"),
        ("def broken(", "some-folder"),
    ],
)
def test_the_name_is_known_before_the_import(project: Path, statement: str, name: str) -> None:
    """Ids follow from it, and apps read them when they are imported."""
    (project / "app.py").write_text(statement)
    found = hosting.find(Settings(app=str(project)))
    assert found is not None
    assert (found.name, found.stage, found.folder) == (name, "api", project)


def test_a_name_from_the_configuration(project: Path) -> None:
    (project / "app.py").write_text("app = Chalice(app_name=NAME)")
    configure(project, app_name="configured")
    found = hosting.find(Settings(app=str(project)))
    assert found is not None
    assert found.name == "configured"


@pytest.mark.parametrize(
    ("config", "given", "stage", "environment"),
    [
        ({}, None, "api", {}),
        ({"api_gateway_stage": "v1", "environment_variables": {"A": "1"}}, None, "v1", {"A": "1"}),
        ({"api_gateway_stage": "v1"}, "mine", "mine", {}),
        (
            {
                "api_gateway_stage": "v1",
                "environment_variables": {"A": "1", "B": "1"},
                "stages": {
                    "dev": {"environment_variables": {"B": "2"}},
                    "prod": {"api_gateway_stage": "live", "environment_variables": {"B": "3"}},
                },
            },
            None,
            "v1",
            {"A": "1", "B": "2"},
        ),
        (
            {"stages": {"dev": {}, "prod": {"api_gateway_stage": "live", "environment_variables": {"B": "3"}}}},
            "live",
            "live",
            {"B": "3"},
        ),
        (
            {"stages": {"only": {"api_gateway_stage": "one", "environment_variables": {"C": 4}}}},
            None,
            "one",
            {"C": "4"},
        ),
        ({"stages": {"a": {"api_gateway_stage": "x"}, "b": {}}}, None, "api", {}),
    ],
)
def test_the_configuration(
    project: Path, config: dict[str, Any], given: str | None, stage: str, environment: dict[str, str]
) -> None:
    """API Gateway's stage and the variables of Chalice's stage; `--stage` before all."""
    configure(project, **config)
    found = hosting.find(Settings(app=str(project), stage=given))
    assert found is not None
    assert (found.stage, found.environment) == (stage, environment)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"stages": 1}', '{"environment_variables": 5}', '{"lambda_timeout": "x"}']
)
def test_a_configuration_that_cannot_be_read(project: Path, text: str) -> None:
    configure(project)
    (project / ".chalice" / "config.json").write_text(text)
    with pytest.raises(ConfigurationError, match=r"config\.json` cannot be"):
        hosting.find(Settings(app=str(project)))


def test_a_stage_that_cannot_be(project: Path) -> None:
    configure(project, api_gateway_stage="a b")
    with pytest.raises(ConfigurationError, match="`a b` is not a stage name"):
        hosting.find(Settings(app=str(project)))


def test_what_is_no_app(tmp_path: Path) -> None:
    """A folder without app.py, a file, a word."""
    (tmp_path / "file.py").write_text("")
    for app, said in (
        (str(tmp_path), "it has no app.py"),
        (str(tmp_path / "file.py"), "is a file"),
        ("word", "is neither a folder nor"),
    ):
        with pytest.raises(ConfigurationError, match=said) as raised:
            hosting.find(Settings(app=app))
        assert "module:attribute" in raised.value.hint


def test_without_an_app(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Chalice project of this folder; where there is none, none: another `app.py` is not taken for one."""
    monkeypatch.chdir(tmp_path)
    assert hosting.find(Settings()) is None
    (tmp_path / "app.py").write_text("app = Flask(__name__)\n")
    assert hosting.find(Settings()) is None
    monkeypatch.chdir(project)
    found = hosting.find(Settings())
    assert found is not None
    assert found.name == "pets"


@pytest.mark.parametrize(
    ("app", "name", "target"),
    [
        ("main:app", "main", ("main", "app")),
        ("pkg.api:application", "pkg.api", ("pkg.api", "application")),
        ("main:other", "main.other", ("main", "other")),
        ("main:made.app", "main.made.app", ("main", "made.app")),
    ],
)
def test_an_attribute(app: str, name: str, target: tuple[str, str]) -> None:
    found = hosting.find(Settings(app=app))
    assert found is not None
    assert (found.name, found.target, found.folder) == (name, target, None)


# --- loading, each in a process of its own: it imports, changes folders and sets the environment

LOAD = """\
import json, os, sys
from gatepass.errors import ConfigurationError
from gatepass.gateway.integrations.threads import HandlerThreads
from gatepass.server import hosting
from gatepass.server.settings import Settings
settings = Settings(app=sys.argv[1], open_routes=tuple(tuple(each) for each in json.loads(sys.argv[2])))
try:
    project = hosting.find(settings)
    hosted = hosting.load(project, settings, "arn", HandlerThreads())
    routes = {str(route): route.protection.value for route in hosted.routes}
    print(json.dumps({"routes": routes, "binary": len(hosted.binary), "cwd": os.getcwd()}))
except ConfigurationError as error:
    print(json.dumps({"error": str(error), "hint": error.hint}))
"""


def load(app: str, cwd: Path, *opened: tuple[str, str]) -> tuple[dict[str, Any], str]:
    """What came of it, and what was said on stderr."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, app, json.dumps(opened)], cwd=cwd, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer, done.stderr


def test_a_chalice_project_is_loaded(project: Path) -> None:
    """With its own modules and its `vendor` folder; the project is the working folder, as in Lambda."""
    (project / "chalicelib").mkdir()
    (project / "chalicelib" / "__init__.py").write_text("NAME = open('name.txt').read()\n")
    (project / "name.txt").write_text("x")
    (project / "vendor").mkdir()
    (project / "vendor" / "vendored.py").write_text("")
    source = (project / "app.py").read_text()
    (project / "app.py").write_text("import vendored\nfrom chalicelib import NAME\n" + source)
    answer, _ = load(str(project), project.parent)
    assert answer["routes"] == {"GET /": "NONE"}
    assert answer["binary"] > 10
    assert answer["cwd"] == str(project)


@pytest.mark.parametrize(
    ("source", "said", "hint"),
    [
        ("import nix_there\n", "ModuleNotFoundError: No module named 'nix_there'", "if `nix_there` is a library"),
        ("1 / 0\n", "ZeroDivisionError: division by zero", ""),
        ("def (\n", "SyntaxError", ""),
        ("raise SystemExit(3)\n", "SystemExit: 3", ""),
    ],
)
def test_an_app_that_does_not_import(project: Path, source: str, said: str, hint: str) -> None:
    """Its traceback is shown once, from its own first line on."""
    (project / "app.py").write_text(source)
    answer, stderr = load(str(project), project)
    assert said in answer["error"]
    assert hint in answer["hint"]
    assert stderr.count(f"\n{said.partition(':')[0]}") == 1
    assert "importlib" not in stderr


@pytest.mark.parametrize(
    ("source", "said"),
    [("x = 1\n", "defines no `app`"), ("app = 5\n", "is an int, not a Chalice app")],
)
def test_a_project_without_a_chalice_app(project: Path, source: str, said: str) -> None:
    (project / "app.py").write_text(source)
    assert said in load(str(project), project)[0]["error"]


ASGI = "async def app(scope, receive, send):\n    pass\n\n\ndef wsgi(environ, start_response):\n    pass\n\n\nx = 5\n"


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "main.py").write_text(ASGI)
    return tmp_path


def test_an_asgi_app_is_behind_iam(module: Path) -> None:
    """All of it, but for what was opened: that method of that path."""
    answer, _ = load("main:app", module, ("GET", "/x"), ("POST", "/x"), ("ANY", "/pub/{proxy+}"), ("GET", "/"))
    assert answer["routes"] == {
        "ANY /": "AWS_IAM",
        "ANY /{proxy+}": "AWS_IAM",
        "GET /x": "NONE",
        "POST /x": "NONE",
        "ANY /x": "AWS_IAM",
        "ANY /pub/{proxy+}": "NONE",
        "GET /": "NONE",
    }


@pytest.mark.parametrize(
    ("app", "said"),
    [
        ("main:nix", "defines no `nix`"),
        ("nix:app", "No module named 'nix'"),
        ("main:x", "is an int, not an ASGI app"),
        ("main:wsgi", "looks like a WSGI app"),
    ],
)
def test_what_is_no_asgi_app(module: Path, app: str, said: str) -> None:
    assert said in load(app, module)[0]["error"]


def test_open_is_for_asgi_apps(project: Path) -> None:
    assert "--open is for ASGI apps" in load(str(project), project, ("GET", "/"))[0]["error"]
    assert "--open is for ASGI apps" in load("app:app", project, ("GET", "/"))[0]["error"]


def test_a_chalice_app_by_attribute(project: Path) -> None:
    assert load("app:app", project)[0]["routes"] == {"GET /": "NONE"}


def test_routes_are_a_table(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What opens one path opens no other."""
    monkeypatch.chdir(module)
    monkeypatch.syspath_prepend(str(module))
    settings = Settings(app="main:app", open_routes=(("GET", "/x"),))
    found = hosting.find(settings)
    assert found is not None
    table = RouteTable(hosting.load(found, settings, "arn", HandlerThreads()).routes)
    protections = {
        (verb, path): match.route.protection if (match := table.match(verb, path.encode())) else None
        for verb, path in [("GET", "/x"), ("POST", "/x"), ("HEAD", "/x"), ("GET", "/x/"), ("GET", "/x/y"), ("GET", "/")]
    }
    assert [key for key, protection in protections.items() if protection is Protection.OPEN] == [("GET", "/x")]
    assert None not in protections.values()


# --- the environment


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    kept: dict[str, str] = {}
    monkeypatch.setattr(os, "environ", kept)
    return kept


def set_environment(environment: dict[str, str], administrator: str | None = None) -> dict[str, str]:
    project = hosting.Project("pets", "api", environment={"A": "1", "API_URL": "https://aws"})
    hosting.set_environment(
        Deployment("123456789012", "eu-west-1"),
        project,
        endpoint="http://127.0.0.1:1",
        url="http://127.0.0.1:1/api/",
        pool_id="eu-west-1:x",
        administrator=administrator,
    )
    return {name: value for name, value in environment.items() if not name.startswith("PYTEST_")}


def test_what_the_app_finds(environment: dict[str, str]) -> None:
    """Its own variables, and the way to this gate, which goes before."""
    assert set_environment(environment) == {
        "A": "1",
        "IDENTITY_POOL_ID": "eu-west-1:x",
        "API_URL": "http://127.0.0.1:1/api/",
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_IAM": "http://127.0.0.1:1",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_what_is_set_already(environment: dict[str, str]) -> None:
    """The metadata service stays as it was; other keys too, but never the administrator's."""
    environment.update(AWS_EC2_METADATA_DISABLED="false", AWS_ACCESS_KEY_ID="AKIAMINE", AWS_SECRET_ACCESS_KEY="s")
    assert set_environment(environment, "AKIAADMIN")["AWS_ACCESS_KEY_ID"] == "AKIAMINE"
    assert environment["AWS_EC2_METADATA_DISABLED"] == "false"
    environment.update(AWS_ACCESS_KEY_ID="AKIAADMIN")
    assert not {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} & set(set_environment(environment, "AKIAADMIN"))
