"""The routes of an app, as a document describes them: a CloudFormation or SAM template, OpenAPI, or Terraform in JSON.

Nothing of the app is imported, and no other file is read: a document that leaves its routes to another one is refused,
never read as one with fewer routes.
"""

from __future__ import annotations

from gatepass.advice.app_routes import cloudformation, serverless, terraform
from gatepass.advice.app_routes.openapi import is_openapi, of_openapi
from gatepass.advice.app_routes.route import AppRoute, told_once
from gatepass.advice.app_routes.template import Template
from gatepass.advice.reading import Reading
from gatepass.errors import ConfigurationError

__all__ = ["AppRoute", "routes_in", "stage_in"]

_NO_API = "it describes no API"
_HINT = "a CloudFormation or SAM template with an API, an OpenAPI document, or Terraform in JSON"


def routes_in(reading: Reading) -> list[AppRoute]:
    """The routes of the APIs in a document, in its order. Raises: ConfigurationError, if it describes no API."""
    value = reading.value
    if is_openapi(value):
        return told_once(of_openapi(reading, (), value))
    if _is_terraform(value) and terraform.has_api(reading):
        return told_once(terraform.of_terraform(reading))
    if _is_template(value):
        template = Template(reading)
        kinds = {each.type for each in template.resources.values()}
        found = told_once([*cloudformation.of_cloudformation(template), *serverless.of_serverless(template)])
        if found or not kinds.isdisjoint(cloudformation.KINDS.union(serverless.APIS)):
            return found
    raise ConfigurationError(_NO_API, hint=_HINT)


def stage_in(reading: Reading, api: str = "") -> str | None:
    """The stage that the document names, of this API if it says which; None if it names none, or several."""
    value = reading.value
    if _is_terraform(value):
        found = list(terraform.stages(reading))
    elif _is_template(value):
        template = Template(reading)
        found = [*cloudformation.stages(template), *serverless.stages(template)]
    else:
        return None
    names = {stage for of, stage in found if not api or not of or of == api}
    return names.pop() if len(names) == 1 else None


def _is_template(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("Resources"), dict)


def _is_terraform(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("resource"), dict)
