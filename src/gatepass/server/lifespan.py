"""The lifespan of a hosted ASGI app: started before the first request, stopped after the last one."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from gatepass.errors import ConfigurationError
from gatepass.gateway.exchange import AsgiApp, Message, Receive, Send

logger = logging.getLogger("gatepass.app")


class Lifespan:
    """Drives an app's lifespan protocol. An app that does not know it has none.

    Attributes:
        state: what the app wants every request's scope to hold.
    """

    def __init__(self, app: AsgiApp | None = None) -> None:
        self.state: dict[str, Any] = {}
        self._app = app
        self._task: asyncio.Task[None] | None = None
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()

    async def start(self) -> None:
        """Raises: ConfigurationError, if the app says that it cannot start."""
        if self._app is None:
            return
        self._task = asyncio.create_task(self._run(self._app))
        answer = await self._say("lifespan.startup")
        if answer["type"] == "lifespan.startup.failed":
            raise ConfigurationError(f"the app did not start: {answer.get('message') or 'it does not say why'}")

    async def stop(self) -> None:
        """Let the app clean up; what goes wrong there is logged."""
        if self._task is None or self._task.done():
            return
        answer = await self._say("lifespan.shutdown")
        if answer["type"] == "lifespan.shutdown.failed":
            logger.error("the app did not stop cleanly: %s", answer.get("message") or "it does not say why")
        await asyncio.wait({self._task}, timeout=5)

    async def serve(self, receive: Receive, send: Send) -> None:
        """Pass on what a server says that runs the gate as an ASGI application of its own."""
        await receive()
        try:
            await self.start()
        except ConfigurationError as failure:
            await send({"type": "lifespan.startup.failed", "message": str(failure)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _say(self, what: str) -> Message:
        await self._to_app.put({"type": what})
        return await self._from_app.get()

    async def _run(self, app: AsgiApp) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        started = False

        async def send(message: Message) -> None:
            nonlocal started
            started = True
            await self._from_app.put(message)

        try:
            await app(scope, self._to_app.get, send)
        except Exception as failure:
            if started:
                logger.exception("the app's lifespan broke")
            else:
                logger.debug("the app has no lifespan: %s", failure)
        # Whoever waits for an answer gets one.
        await self._from_app.put({"type": "lifespan.complete"})
