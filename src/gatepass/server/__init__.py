"""The process around the gate: settings, the data folder, the app it hosts, the ASGI application and the HTTP server.

This room owns sockets, threads, files and what is printed at the start. It makes no decision about a request: it hands
each to the stages of `gatepass.gateway` and sends what comes of it.
"""

__all__ = ()
