"""The least an app can do, so that what is measured is the server and the gate."""

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

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


def main() -> None:
    """Serve `hello` bare, with the server and the settings the gate uses: `python -m bench.apps PORT`."""
    import uvicorn

    uvicorn.run(
        hello, port=int(sys.argv[1]), loop="uvloop", http="httptools", ws="none", lifespan="off", log_level="error",
        access_log=False, proxy_headers=False, server_header=False, date_header=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
