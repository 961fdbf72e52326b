"""A Chalice app behind the gate: its routes, and what makes its handlers run at the same time.

Chalice keeps the request at work on the app object, where handlers that run at the same time would see each other's.
Here both attributes follow the context they were set in, which every handler has for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from gatepass.arn import METHODS
from gatepass.errors import ConfigurationError
from gatepass.gateway.integrations import Integration
from gatepass.gateway.integrations.preflight import PreflightIntegration
from gatepass.gateway.routes import Protection, Route

_IAM = "aws_iam"
_LATER = "serve the app without this route for now: only open and IAM routes are served"


def is_chalice(app: object) -> bool:
    """Whether this is a Chalice app, of whichever Chalice is installed."""
    return any(kind.__module__ == "chalice.app" and kind.__name__ == "Chalice" for kind in type(app).__mro__)


def isolate(app: Any) -> None:
    """Let `current_request` and `lambda_context` be what the running handler's are; blueprints read them too."""
    bound = {name: _bound_to_context(name) for name in ("current_request", "lambda_context")}
    app.__class__ = type(type(app).__name__, (type(app),), bound)


def _bound_to_context(name: str) -> property:
    value: ContextVar[Any] = ContextVar(f"chalice.{name}", default=None)

    def get(app: Any) -> Any:
        return value.get()

    def set_(app: Any, given: Any) -> None:
        value.set(given)

    return property(get, set_)


def routes_of(app: Any, integration: Integration) -> Iterator[Route]:
    """The app's routes, and an open `OPTIONS` for each path with CORS.

    Raises: ConfigurationError, for a route that asks for what the gate cannot check.
    """
    for path, methods in app.routes.items():
        for method, entry in methods.items():
            yield Route(
                method, path, _protection(method, path, entry), integration, careful=entry.authorizer is not None
            )
        cors = next((entry.cors for entry in methods.values() if entry.cors is not None), None)
        if cors is not None and "OPTIONS" not in methods:
            preflight = PreflightIntegration(_preflight_headers(methods, cors))
            yield Route("OPTIONS", path, Protection.OPEN, preflight, careful=False)


def _protection(method: str, path: str, entry: Any) -> Protection:
    if method not in METHODS:
        raise ConfigurationError(f"the route `{method} {path}`: API Gateway has no such method")
    if entry.api_key_required:
        raise ConfigurationError(f"the route `{method} {path}` requires an API key, which is not served", hint=_LATER)
    authorizer = entry.authorizer
    if authorizer is None:
        return Protection.OPEN
    if getattr(authorizer, "_AUTH_TYPE", None) != _IAM:
        raise ConfigurationError(
            f"the route `{method} {path}` has the authorizer `{authorizer.name}`"
            f" ({type(authorizer).__name__}), which is not served",
            hint=_LATER,
        )
    return Protection.IAM


def _preflight_headers(methods: Mapping[str, Any], cors: Any) -> dict[str, str]:
    with_cors = [method for method, entry in methods.items() if entry.cors is not None]
    headers: dict[str, str] = cors.get_access_control_headers()
    return {"Access-Control-Allow-Methods": ",".join([*with_cors, "OPTIONS"]), **headers}
