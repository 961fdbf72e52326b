"""`serve --learn`: what was asked of the app's IAM routes, written to a file now and then.

Nothing is allowed that would not be without it. Counting is all that a request waits for.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

from gatepass.advice.learned import Asked, Learned, learned_in
from gatepass.errors import ConfigurationError, ServiceError
from gatepass.gateway.authorizer import PolicyDenied
from gatepass.gateway.exchange import Exchange
from gatepass.gateway.routes import Protection
from gatepass.gateway.routing import ToApi
from gatepass.gateway.snapshot import Api
from gatepass.server.files import write_private

logger = logging.getLogger("gatepass.server")

EVERY_SECONDS = 2.0


class Learning:
    """A record and its file."""

    def __init__(self, path: Path, learned: Learned) -> None:
        self.learned = learned
        self._path = path
        self._changed = False
        self._full = False
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def begin(cls, path: Path, api: Api) -> Learning:
        """Go on with the record in the file, or begin one. Raises: ConfigurationError, if it cannot be written."""
        routes = tuple(str(route) for route in api.routes if route.protection is Protection.IAM)
        of = {
            "api_id": api.api_id,
            "name": api.name,
            "stage": api.stage,
            "region": api.deployment.region,
            "account_id": api.deployment.account,
        }
        learned = Learned(of, routes)
        earlier = _earlier(path)
        if earlier is not None:
            try:
                learned = learned.continued(learned_in(earlier))
            except ConfigurationError as error:
                raise ConfigurationError(f"`{path}`: {error}", hint=error.hint) from None
        write_private(path, learned.to_json())
        return cls(path, learned)

    def see(self, exchange: Exchange, failure: ServiceError | None) -> None:
        """Count a request that was signed and decided by policies."""
        routed, principal = exchange.routed, exchange.principal
        if not isinstance(routed, ToApi) or routed.match is None or principal is None:
            return
        route = routed.match.route
        denied = isinstance(failure, PolicyDenied)
        if route.protection is not Protection.IAM or (exchange.decision is None and not denied):
            return
        # A slash at the end makes another ARN, which a policy has to name.
        slash = "/" if routed.path[-1:] == b"/" and route.resource != "/" else ""
        asked = Asked(principal.kind, principal.role_name or "", exchange.scope["method"], route.resource + slash)
        self._changed = True
        if not self.learned.add(asked, allowed=not denied) and not self._full:
            self._full = True
            logger.error("`%s` is full: more kinds of requests are not recorded", self._path)

    def start(self) -> None:
        """Write now and then, until `stop`."""
        self._task = asyncio.create_task(self._write_again())

    async def stop(self) -> None:
        """Write what is not written yet. One write follows the other: none overtakes a newer one."""
        self._stop.set()
        if self._task is not None:
            await self._task
        await self.write()

    async def write(self) -> None:
        """Write, if there is something new; what goes wrong is logged, and the next time tried again."""
        if not self._changed:
            return
        self._changed = False
        try:
            await asyncio.to_thread(write_private, self._path, self.learned.to_json())
        except ConfigurationError as error:
            self._changed = True
            logger.error("what was learned is not written: %s", error)

    async def _write_again(self) -> None:
        while not self._stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), EVERY_SECONDS)
            await self.write()


def _earlier(path: Path) -> Any:
    """What the file holds; None if there is none. Raises: ConfigurationError."""
    if path.exists() and not path.is_file():
        raise ConfigurationError(f"`{path}` is not a file", hint="--learn takes a file that may be written")
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"`{path}` cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise ConfigurationError(
            f"`{path}` is not a record of requests, and is left as it is", hint="give --learn another file"
        ) from None
