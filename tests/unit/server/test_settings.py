"""What `gatepass serve` may be told."""

from pathlib import Path

import pytest

from gatepass.errors import ConfigurationError
from gatepass.server.hosting import data_folder, find
from gatepass.server.settings import Settings, open_route, region_of


def test_defaults() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.region) == ("127.0.0.1", 8080, "us-east-1")
    assert (settings.account, settings.stage, settings.open_routes) == ("123456789012", None, ())


@pytest.mark.parametrize(
    ("given", "environment", "region"),
    [
        ("eu-west-1", {"AWS_REGION": "a"}, "eu-west-1"),
        (None, {"AWS_REGION": "ap-northeast-1", "AWS_DEFAULT_REGION": "a"}, "ap-northeast-1"),
        (None, {"AWS_DEFAULT_REGION": "sa-east-1"}, "sa-east-1"),
        (None, {"AWS_REGION": ""}, "us-east-1"),
    ],
)
def test_the_region(given: str | None, environment: dict[str, str], region: str) -> None:
    assert region_of(given, environment) == region


@pytest.mark.parametrize(
    "wrong",
    [
        {"account": "12345"},
        {"account": "12345678901x"},
        {"region": "here"},
        {"region": "us-east-1\n"},
        {"stage": "a/b"},
        {"stage": "_apis"},
        {"stage": "x" * 129},
        {"stage": ""},
    ],
)
def test_what_cannot_be_is_named(wrong: dict[str, str]) -> None:
    """The setting and what it takes."""
    with pytest.raises(ConfigurationError) as raised:
        Settings(**wrong)  # type: ignore[arg-type]
    assert next(iter(wrong.values())) in str(raised.value)
    assert raised.value.hint


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("GET /x", ("GET", "/x")),
        (" post   /x/{id} ", ("POST", "/x/{id}")),
        ("ANY /", ("ANY", "/")),
        ("* /static/{proxy+}", ("ANY", "/static/{proxy+}")),
    ],
)
def test_open_routes(text: str, route: tuple[str, str]) -> None:
    assert open_route(text) == route


@pytest.mark.parametrize("text", ["/x", "GET", "GET x", "FETCH /x", "GET /x /y", ""])
def test_what_is_no_open_route(text: str) -> None:
    with pytest.raises(ConfigurationError, match="is not a route"):
        open_route(text)


def test_data_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the project's folder, else here; as given, if given."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "app.py").write_text("from chalice import Chalice\napp = Chalice(app_name='x')\n")
    monkeypatch.chdir(tmp_path)
    asked = Settings(app="project")
    assert data_folder(asked, find(asked)) == project / ".gatepass"
    asked = Settings(app="main:app")
    assert data_folder(asked, find(asked)) == tmp_path / ".gatepass"
    assert data_folder(Settings(), None) == tmp_path / ".gatepass"
    assert data_folder(Settings(data=Path("there")), None) == tmp_path / "there"
