"""The least an app can do, so that what is measured is the server and the gate."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY = b'{"hello":"world"}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


async def hello(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """Read the body and answer `{"hello":"world"}`, whatever was asked."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


def on_uvicorn(port: int) -> None:
    """As fast as uvicorn goes: httptools, uvloop, and nothing that is not asked for."""
    import uvicorn

    quiet: dict[str, Any] = {
        "ws": "none",
        "lifespan": "off",
        "log_level": "error",
        "access_log": False,
        "server_header": False,
    }
    uvicorn.run(hello, port=port, loop="uvloop", http="httptools", proxy_headers=False, **quiet)


def on_our_server(port: int) -> None:
    """The gate's own server, without the gate."""
    import uvloop

    from gatepass.server.running import GateServer, listen

    async def serve() -> None:
        await GateServer(cast(Any, hello)).serve(listen("127.0.0.1", port))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())


def main() -> None:
    """Serve `hello` bare: `python -m bench.apps PORT uvicorn|ours`."""
    {"uvicorn": on_uvicorn, "ours": on_our_server}[sys.argv[2]](int(sys.argv[1]))


if __name__ == "__main__":
    main()
