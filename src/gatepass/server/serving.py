"""`gatepass serve` from beginning to end: everything is put together here, and taken apart again."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatepass.cognito.throttle import Throttle
from gatepass.errors import ConfigurationError
from gatepass.gateway.exchange import Exchange
from gatepass.gateway.ids import api_id, identity_pool_id
from gatepass.gateway.integrations.threads import HandlerThreads
from gatepass.gateway.routes import RouteTable
from gatepass.gateway.snapshot import Api, Snapshot
from gatepass.issuers import Issuers
from gatepass.operation import Call, Deployment, Judge
from gatepass.server import default_pool, files, hosting
from gatepass.server.asgi import Application
from gatepass.server.entropy import Entropy
from gatepass.server.hosting import Hosted, Project
from gatepass.server.operations import OPERATIONS
from gatepass.server.running import GateServer, endpoint, listen
from gatepass.server.settings import Settings
from gatepass.server.upkeep import Upkeep
from gatepass.store import AccessKey, Directory, Store

if TYPE_CHECKING:
    from gatepass.server.learning import Learning

_COLLECT_EVERY = (20_000, 20, 50)


@dataclass(frozen=True, slots=True)
class Ready:
    """What a gate that answers can be reached by."""

    endpoint: str
    deployment: Deployment
    administrator: AccessKey
    apis: tuple[dict[str, str], ...]
    identity_pools: tuple[dict[str, Any], ...]
    folder: Path

    def to_json(self) -> dict[str, Any]:
        """The ready line."""
        return {
            "endpoint": self.endpoint,
            "region": self.deployment.region,
            "account_id": self.deployment.account,
            "admin": {
                "access_key_id": self.administrator.id,
                "secret_access_key": self.administrator.secret_access_key,
            },
            "apis": list(self.apis),
            "identity_pools": list(self.identity_pools),
        }

    def to_file(self) -> dict[str, Any]:
        """What `serve.json` says: the ready line without the keys, and the process."""
        content = self.to_json()
        del content["admin"]
        return {**content, "pid": os.getpid()}


Announce = Callable[[Ready, Hosted | None], None]


def serve(settings: Settings, announce: Announce) -> None:
    """Serve until a signal says to stop.

    Args:
        announce: called once the port answers.

    Raises: ConfigurationError, for whatever keeps the gate from serving.
    """
    project = hosting.find(settings)
    folder = hosting.data_folder(settings, project)
    listener = listen(settings.host, settings.port)
    with contextlib.closing(listener):
        threads = HandlerThreads()
        here = endpoint(listener)
        api, hosted = None, None
        if project is not None:
            api, hosted = _load(settings, project, here, folder, threads)
        gate = Gate(settings, folder, here, api, hosted, threads, _learning(settings, api))
        _run_to_the_end(_run(gate, listener, announce))


def _learning(settings: Settings, api: Api | None) -> Learning | None:
    """Raises: ConfigurationError."""
    if settings.learn is None:
        return None
    from gatepass.server.learning import Learning

    if api is None:
        raise ConfigurationError("--learn records requests to an app, and there is none", hint="name the app")
    return Learning.begin(settings.learn, api)


def _load(settings: Settings, project: Project, here: str, folder: Path, threads: HandlerThreads) -> tuple[Api, Hosted]:
    """The app and its API. What the app prints while it is imported goes to stderr: stdout is for the ready line."""
    deployment = settings.deployment
    id_ = api_id(deployment.account, deployment.region, project.name)
    hosting.set_environment(
        deployment,
        project,
        endpoint=here,
        url=f"{here}/{project.stage}/",
        pool_id=identity_pool_id(deployment.account, deployment.region, project.name),
        administrator=files.administrator_id(folder),
    )
    arn = f"arn:aws:lambda:{deployment.region}:{deployment.account}:function:{project.name}"
    with contextlib.redirect_stdout(sys.stderr):
        hosted = hosting.load(project, settings, arn, threads)
    api = Api(id_, project.name, project.stage, RouteTable(hosted.routes), deployment, hosted.binary)
    return api, hosted


@dataclass(slots=True)
class Gate:
    """What is known before the store is open."""

    settings: Settings
    folder: Path
    endpoint: str
    api: Api | None
    hosted: Hosted | None
    threads: HandlerThreads
    learning: Learning | None = None
    issuers: Issuers = field(init=False)
    throttle: Throttle = field(init=False)

    def __post_init__(self) -> None:
        self.issuers = Issuers(self.settings.login_keys)
        self.throttle = Throttle(self.settings.getid_rate, self.settings.getid_burst)


async def _run(gate: Gate, listener: Any, announce: Announce) -> None:
    settings, deployment = gate.settings, gate.settings.deployment
    store = await Store.open(
        gate.folder,
        account=deployment.account,
        region=deployment.region,
        url=settings.store,
        max_stale=settings.max_stale,
        guests_limit=settings.guests_limit,
    )
    try:
        administrator = await files.agreed_administrator(store, gate.folder, deployment.account)
        if gate.api is not None:
            await default_pool.ensure(store, deployment, gate.api, time.time())
        application = application_of(gate, store, administrator)

        def ready() -> None:
            now_serving = _ready(gate, store, administrator)
            files.write_private(gate.folder / files.RUNNING, now_serving.to_file())
            announce(now_serving, gate.hosted)
            settle()

        lifespan = gate.hosted.lifespan if gate.hosted is not None else None
        if lifespan is not None:
            await lifespan.start()
        if gate.learning is not None:
            gate.learning.start()
        upkeep = Upkeep(store, application.uses, settings.guests_ttl)
        upkeep.start()
        try:
            await GateServer(application, ready).serve(listener)
        finally:
            files.remove_running(gate.folder)
            if gate.learning is not None:
                await gate.learning.stop()
            await upkeep.stop()
            if lifespan is not None:
                await lifespan.stop()
    finally:
        await gate.issuers.close()
        await store.close()


def application_of(gate: Gate, store: Store, administrator: AccessKey) -> Application:
    """The gate as an ASGI application on an open store, whose changes it follows."""
    apis = () if gate.api is None else (gate.api,)
    deployment = gate.settings.deployment
    snapshot = Snapshot(
        deployment,
        apis,
        store.directory,
        store.key_ring,
        administrator,
        is_current=store.freshness.is_good,
    )

    entropy = Entropy()

    def call(exchange: Exchange, judge: Judge) -> Call:
        return Call(
            store=store,
            key_ring=store.key_ring,
            deployment=deployment,
            principal=exchange.principal,
            now=exchange.now,
            entropy=entropy,
            request_id=exchange.request_id,
            source_ip=exchange.request.source_ip if exchange.request is not None else "",
            note=exchange.note,
            issuers=gate.issuers,
            judge=judge,
            admits=gate.throttle.admits,
        )

    async def key_set(now: float) -> bytes:
        return (await store.signing_keys.get(now)).jwks()

    def gauges() -> dict[str, tuple[str, float]]:
        return {
            "gatepass_handlers_active": ("Handlers at work.", gate.threads.active),
            "gatepass_decisions_kept": ("Decisions that can be explained.", len(application.decisions)),
            "gatepass_directory_revision": ("Changes of what decides.", application.snapshot.directory.revision),
            "gatepass_directory_age_seconds": (
                "Since what decides was last compared with the store.",
                store.freshness.age,
            ),
        }

    application = Application(
        snapshot,
        OPERATIONS,
        call,
        key_set,
        lifespan=gate.hosted.lifespan if gate.hosted is not None else None,
        gauges=gauges,
        learning=gate.learning,
    )

    def change(directory: Directory) -> None:
        application.snapshot = application.snapshot.after(directory)

    store.on_change(change)
    return application


def _ready(gate: Gate, store: Store, administrator: AccessKey) -> Ready:
    api = gate.api
    apis = () if api is None else ({"api_id": api.api_id, "name": api.name, "stage": api.stage},)
    return Ready(
        endpoint=gate.endpoint,
        deployment=gate.settings.deployment,
        administrator=administrator,
        apis=tuple({**its, "url": f"{gate.endpoint}/{its['stage']}/"} for its in apis),
        identity_pools=tuple(
            {"identity_pool_id": pool.id, "name": pool.name, "allow_unauthenticated": pool.allow_unauthenticated}
            for pool in sorted(store.directory.pools.values(), key=lambda pool: pool.created)
        ),
        folder=gate.folder,
    )


def settle() -> None:
    """What was made until now stays: the garbage collector need not look at it again, nor at every few requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_EVERY)


def _run_to_the_end(main: Coroutine[Any, Any, None]) -> None:
    """In uvloop's event loop where there is one."""
    try:
        import uvloop
    except ImportError:
        factory = None
    else:
        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main)
