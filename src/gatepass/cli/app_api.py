"""The API of an app that a command names: its routes, and where they are.

An app is imported as `gatepass serve` imports it. Of a document nothing is imported.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatepass.advice.app_routes import AppRoute, routes_in, stage_in
from gatepass.advice.reading import read
from gatepass.arn import method_arn
from gatepass.cli.policy_files import about_file, parted, text_of
from gatepass.errors import ConfigurationError

if TYPE_CHECKING:
    from gatepass.cli.pool_plan import Api as ApiStage
    from gatepass.server.settings import Settings

region_option = click.option(
    "--region",
    metavar="REGION",
    help="Where the API is. Default: AWS_REGION, else AWS_DEFAULT_REGION, else us-east-1.",
)
account_option = click.option(
    "--account-id", "--account", "account_id", metavar="ID", help="Whose the API is. Default: 123456789012."
)
_SUFFIXES = (".json", ".yaml", ".yml", ".template")
_STAGE = re.compile(r"[A-Za-z0-9_-]{1,128}|\$default")


@dataclass(frozen=True, slots=True)
class AppApi:
    """An app's API at one stage.

    Attributes:
        is_guess: nobody said which API on AWS it is: the id is the one that `gatepass serve` would give it.
    """

    name: str
    api_id: str
    stage: str
    region: str
    account: str
    routes: tuple[AppRoute, ...]
    is_guess: bool = False

    @property
    def arn_prefix(self) -> str:
        """Of its method ARNs, with the slash after the stage."""
        return method_arn(self.region, self.account, self.api_id, self.stage, "", "").removesuffix("/")

    def method_arn(self, verb: str, path: str) -> str:
        """`path` without the leading slash."""
        return f"{self.arn_prefix}{verb}/{path}"

    @property
    def iam_routes(self) -> tuple[AppRoute, ...]:
        return tuple(route for route in self.routes if route.iam)


def api_of_app(app: str | None, stage: ApiStage | None, *, region: str | None, account: str | None) -> AppApi:
    """The API of an app: routes, stage and id. Raises: ConfigurationError.

    Args:
        app: a Chalice project's folder, `module:attribute`, a template or an OpenAPI document, `FILE#NAME` for one of
            several APIs in a file; None for the project of this folder.
        stage: the API on AWS, if it was named.
    """
    from gatepass.gateway.ids import api_id
    from gatepass.server.settings import Settings, region_of

    file, wanted = _file_of(app)
    settings = Settings(app=app, stage=stage.stage if stage is not None and file is None else None)
    settings = replace(settings, region=region_of(region, os.environ), account=account or settings.account)
    if file is not None:
        name, routes, stage_name = _described(file, wanted)
    else:
        name, routes, stage_name = _imported(settings)
    return AppApi(
        name,
        stage.api_id if stage is not None else api_id(settings.account, settings.region, name),
        stage.stage if stage is not None else stage_name,
        settings.region,
        settings.account,
        routes,
        is_guess=stage is None and file is not None,
    )


def _file_of(app: str | None) -> tuple[Path | None, str]:
    """The file that `app` names, if it is one that describes an API, and the name of the API in it."""
    if app is None:
        return None, ""
    name, wanted = parted(app)
    path = Path(name)
    is_document = path.suffix.lower() in _SUFFIXES or (path.is_file() and path.suffix != ".py")
    return (path, wanted) if is_document else (None, "")


def _described(file: Path, wanted: str) -> tuple[str, tuple[AppRoute, ...], str]:
    from gatepass.server.settings import STAGE

    text = text_of(file)
    with about_file(file):
        reading = read(text)
        routes = routes_in(reading)
        api = _chosen(routes, wanted)
        stage = stage_in(reading, api) or STAGE
        if not _STAGE.fullmatch(stage):
            raise ConfigurationError(f"`{stage}` is not a stage name", hint="name API and stage with --api")
    return file.stem, tuple(each for each in routes if each.api == api), stage


def _chosen(routes: list[AppRoute], wanted: str) -> str:
    """The API that is meant: the one that was named, else the only one with IAM routes, else the only one."""
    apis = sorted({each.api for each in routes})
    signed = sorted({each.api for each in routes if each.iam})
    found = [wanted] if wanted in apis else [] if wanted else signed or apis
    if len(found) > 1 or (wanted and not found):
        names = ", ".join(f"`{api}`" for api in apis if api)
        if not names:
            raise ConfigurationError(f"it describes one API, which is not called `{wanted}`", hint="name the file only")
        what = f"it describes no API `{wanted}`, but {names}" if wanted else f"it describes several APIs: {names}"
        raise ConfigurationError(what, hint=f"name one as FILE#{(signed or apis)[0]}")
    return found[0] if found else wanted


def _imported(settings: Settings) -> tuple[str, tuple[AppRoute, ...], str]:
    from gatepass.gateway.integrations.threads import HandlerThreads
    from gatepass.gateway.routes import Protection, RouteTable
    from gatepass.server import hosting

    try:
        project = hosting.find(settings)
    except ConfigurationError as error:  # what may be served is not all that may be read
        raise ConfigurationError(
            str(error), hint=error.hint and f"{error.hint}, a template or an OpenAPI document"
        ) from None
    if project is None:
        raise ConfigurationError(
            "no app was named, and there is none here", hint="name a Chalice project's folder, or a template"
        )
    deployment = settings.deployment
    hosting.set_environment(deployment, project, endpoint="", url="", pool_id="", administrator=None)
    arn = f"arn:aws:lambda:{deployment.region}:{deployment.account}:function:{project.name}"
    # Loading a project makes its folder the current one; what the command was given may be relative to this one.
    with contextlib.chdir(Path.cwd()), contextlib.redirect_stdout(sys.stderr):
        hosted = hosting.load(project, settings, arn, HandlerThreads())
    routes = tuple(
        AppRoute(route.method, route.resource, route.protection is Protection.IAM, 0)
        for route in RouteTable(hosted.routes)
    )
    return project.name, routes, project.stage
