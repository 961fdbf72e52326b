"""The app behind the gate: what it is called, where its data goes, and loading it.

What follows from the name (ids, and with them the environment) must be known before the app is imported, because apps
read their environment when they are. So a project is found first and loaded later.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import os
import re
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatepass.arn import ANY
from gatepass.errors import ConfigurationError
from gatepass.gateway.exchange import AsgiApp
from gatepass.gateway.integrations.asgi import AsgiIntegration
from gatepass.gateway.integrations.chalice import is_chalice, isolate, routes_of
from gatepass.gateway.integrations.function import FunctionIntegration
from gatepass.gateway.integrations.invocation import Function
from gatepass.gateway.integrations.threads import HandlerThreads
from gatepass.gateway.routes import Protection, Route
from gatepass.operation import Deployment
from gatepass.server.lifespan import Lifespan
from gatepass.server.settings import DATA, STAGE, Settings, check_stage

_CHALICE_STAGE = "dev"
_ATTRIBUTE = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)")


@dataclass(frozen=True, slots=True)
class Project:
    """An app that was found, not yet loaded.

    Attributes:
        name: what ids follow from.
        folder: of a Chalice project; None for `module:attribute`.
        target: `module:attribute`.
        environment: what its own configuration sets.
    """

    name: str
    stage: str
    folder: Path | None = None
    target: tuple[str, str] = ("app", "app")
    environment: dict[str, str] = field(default_factory=dict)
    memory: int = 128
    timeout: float = 60.0


@dataclass(frozen=True, slots=True)
class Hosted:
    """An app that was loaded."""

    routes: tuple[Route, ...]
    binary: tuple[str, ...] = ()
    lifespan: Lifespan = field(default_factory=Lifespan)


# --- finding


def find(settings: Settings) -> Project | None:
    """The app that was asked for; without one, the Chalice project of this folder, or None for the broker alone.

    Raises: ConfigurationError, if it is no app.
    """
    if settings.app is None:
        here = Path.cwd()
        return _chalice_project(here, settings) if _chalice_name(here / "app.py") is not None else None
    attribute = _ATTRIBUTE.fullmatch(settings.app)
    folder = Path(settings.app)
    if folder.is_dir():
        return _chalice_project(folder.resolve(), settings)
    if attribute is None:
        missing = "is a file" if folder.exists() else "is neither a folder nor `module:attribute`"
        raise ConfigurationError(
            f"`{settings.app}` {missing}", hint="give a Chalice project's folder, or an ASGI app as `module:attribute`"
        )
    name = attribute[1] if attribute[2] in ("app", "application") else f"{attribute[1]}.{attribute[2]}"
    return Project(name, settings.stage or STAGE, target=(attribute[1], attribute[2]))


def data_folder(settings: Settings, project: Project | None) -> Path:
    """`--data`, else `APP/.gatepass` for a project folder, else `./.gatepass`."""
    if settings.data is not None:
        return settings.data.resolve()
    return (project.folder if project is not None and project.folder is not None else Path.cwd()) / DATA


def _chalice_project(folder: Path, settings: Settings) -> Project:
    if not (folder / "app.py").is_file():
        raise ConfigurationError(
            f"`{folder}` is no Chalice project: it has no app.py",
            hint="give a Chalice project's folder, or an ASGI app as `module:attribute`",
        )
    if settings.open_routes:
        raise ConfigurationError(
            "--open is for ASGI apps", hint="in a Chalice app a route without an authorizer is open"
        )
    config = _chalice_config(folder, settings.stage)
    name = _chalice_name(folder / "app.py") or config.get("app_name") or folder.name
    try:
        environment = {str(key): str(value) for key, value in dict(config.get("environment_variables") or {}).items()}
        return Project(
            name=str(name),
            stage=check_stage(settings.stage or str(config.get("api_gateway_stage") or STAGE)),
            folder=folder,
            environment=environment,
            memory=int(config.get("lambda_memory_size") or 128),
            timeout=float(config.get("lambda_timeout") or 60),
        )
    except (TypeError, ValueError) as failure:
        raise ConfigurationError(f"`{folder / '.chalice' / 'config.json'}` cannot be used: {failure}") from None


def _chalice_config(folder: Path, stage: str | None) -> dict[str, Any]:
    """The configuration with that of one of Chalice's stages laid over it.

    The stage is the one that deploys to API Gateway's stage of this name, else `dev`, else the only one.
    """
    path = folder / ".chalice" / "config.json"
    if not path.exists():
        return {}
    try:
        config = json.loads(path.read_text())
        stages: dict[str, dict[str, Any]] = config.get("stages") or {}
        deploying = [
            name for name, its in stages.items() if stage is not None and its.get("api_gateway_stage") == stage
        ]
        only = list(stages) if len(stages) == 1 else []
        chosen = next(iter([*deploying, *([_CHALICE_STAGE] if _CHALICE_STAGE in stages else []), *only]), None)
        its = stages[chosen] if chosen is not None else {}
        environment = {**(config.get("environment_variables") or {}), **(its.get("environment_variables") or {})}
        return {**config, **its, "environment_variables": environment}
    except (OSError, ValueError, AttributeError, TypeError) as failure:
        raise ConfigurationError(f"`{path}` cannot be read: {failure}") from None


def _chalice_name(path: Path) -> str | None:
    """The name in `app = Chalice(app_name="…")`, without importing anything; empty if it is not a plain string.

    None if there is no such statement.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, ValueError, SyntaxError):
        return None
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        call = getattr(node, "value", None)
        if not isinstance(call, ast.Call) or not any(isinstance(it, ast.Name) and it.id == "app" for it in targets):
            continue
        if ast.unparse(call.func).rpartition(".")[2] != "Chalice":
            continue
        given = [keyword.value for keyword in call.keywords if keyword.arg == "app_name"] + call.args[:1]
        return (
            given[0].value if given and isinstance(given[0], ast.Constant) and isinstance(given[0].value, str) else ""
        )
    return None


# --- loading


def load(project: Project, settings: Settings, arn: str, threads: HandlerThreads) -> Hosted:
    """Import the app.

    Args:
        arn: of the function that the app would be on AWS.

    Raises: ConfigurationError; if the app does not import, its traceback was printed.
    """
    app = _imported(project)
    function = Function(project.name, arn, memory=project.memory, timeout=project.timeout)
    if is_chalice(app):
        if settings.open_routes:
            raise ConfigurationError(
                "--open is for ASGI apps", hint="in a Chalice app a route without an authorizer is open"
            )
        isolate(app)
        integration = FunctionIntegration(app, function, threads)
        return Hosted(tuple(routes_of(app, integration)), tuple(app.api.binary_types))
    if project.folder is not None:
        raise ConfigurationError(
            f"`app` of `{project.folder / 'app.py'}` is {_article(type(app).__name__)}, not a Chalice app",
            hint="give an ASGI app as `module:attribute`",
        )
    lifespan = Lifespan(_asgi(project, app))
    return Hosted(_asgi_routes(app, function, lifespan, settings.open_routes), lifespan=lifespan)


def _imported(project: Project) -> Any:
    module_name, attribute = project.target
    folder = project.folder or Path.cwd()
    _add_to_path(folder)
    if project.folder is not None:
        os.chdir(project.folder)  # as in Lambda, where the project is the working folder
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as failure:  # noqa: BLE001 (whatever the app does when it is imported)
        raise _not_imported(f"{module_name}.py" if project.folder else module_name, folder, failure) from None
    found: Any = module
    for name in attribute.split("."):
        if not hasattr(found, name):
            where = f"`{module_name}.py` of `{folder}`" if project.folder else f"`{module_name}`"
            raise ConfigurationError(
                f"{where} defines no `{attribute}`", hint="name an ASGI app in it as `module:attribute`"
            )
        found = getattr(found, name)
    return found


def _add_to_path(folder: Path) -> None:
    sys.path.insert(0, str(folder))
    if (folder / "vendor").is_dir():
        sys.path.append(str(folder / "vendor"))


def _not_imported(name: str, folder: Path, failure: BaseException) -> ConfigurationError:
    """Prints the traceback, from where the app's own code begins."""
    own = failure.__traceback__
    while own is not None and not own.tb_frame.f_code.co_filename.startswith(str(folder)):
        own = own.tb_next
    traceback.print_exception(type(failure), failure, own)
    hint = ""
    if isinstance(failure, ModuleNotFoundError):
        hint = f"check the name; if `{failure.name}` is a library, install it where gatepass is"
    what = f"{type(failure).__name__}: {failure}".removesuffix(": ")
    return ConfigurationError(f"`{name}` of `{folder}` cannot be imported: {what}", hint=hint)


def _asgi(project: Project, app: Any) -> AsgiApp:
    name = ":".join(project.target)
    if not callable(app):
        raise ConfigurationError(f"`{name}` is {_article(type(app).__name__)}, not an ASGI app")
    try:
        parameters = len(inspect.signature(app).parameters)
    except (TypeError, ValueError):
        parameters = 3
    if parameters == 2 and not inspect.iscoroutinefunction(app):
        raise ConfigurationError(f"`{name}` looks like a WSGI app, which is not served", hint="give an ASGI app")
    checked: AsgiApp = app
    return checked


def _asgi_routes(
    app: AsgiApp, function: Function, lifespan: Lifespan, open_routes: Iterable[tuple[str, str]]
) -> tuple[Route, ...]:
    """Everything asks for a signature and a permission, but for the routes that were opened."""
    integration = AsgiIntegration(app, function, lifespan.state)
    opened = {path: {method for method, its in open_routes if its == path} for _, path in open_routes}
    routes = [
        Route(ANY, path, Protection.IAM, integration) for path in ("/", "/{proxy+}") if ANY not in opened.get(path, ())
    ]
    for path, methods in opened.items():
        routes += [Route(method, path, Protection.OPEN, integration, exact=True) for method in sorted(methods)]
        if ANY not in methods and path not in ("/", "/{proxy+}"):
            routes.append(Route(ANY, path, Protection.IAM, integration))
    return tuple(routes)


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def set_environment(
    deployment: Deployment, project: Project, *, endpoint: str, url: str, pool_id: str, administrator: str | None
) -> None:
    """Set what the app finds in its environment: its configuration's variables, then those that lead to this gate.

    Args:
        administrator: the access key id whose keys the app must not inherit.
    """
    if administrator is not None and os.environ.get("AWS_ACCESS_KEY_ID") == administrator:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            os.environ.pop(name, None)
    os.environ.update(project.environment)
    os.environ.update(
        IDENTITY_POOL_ID=pool_id,
        API_URL=url,
        AWS_ENDPOINT_URL_COGNITO_IDENTITY=endpoint,
        AWS_ENDPOINT_URL_STS=endpoint,
        AWS_ENDPOINT_URL_IAM=endpoint,
        AWS_REGION=deployment.region,
        AWS_DEFAULT_REGION=deployment.region,
    )
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
