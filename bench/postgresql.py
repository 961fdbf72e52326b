"""The store on PostgreSQL: acknowledged writes against psycopg alone, and reads of identities.

Everything that is compared is on disk when it is acknowledged (`fsync` and `synchronous_commit` are on).
"""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from bench.harness import Row, at_least, interleave, main, ratio
from bench.store import CALLERS, EACH, POOL, new_id
from tests.postgresql import own_server

from gatepass.store import Identity, Store
from gatepass.store.dialing import Address, Raw
from gatepass.store.postgresql import WRITERS

_INSERT = "INSERT INTO alone VALUES ($1, $2, true, 0, 0, 1)"


def measured(runner: asyncio.Runner, folder: Path, url: str, rounds: int) -> Sequence[Row]:
    """Identities added and read, one after the other and by many callers at once."""
    store = runner.run(Store.open(folder, account="123456789012", region="us-east-1", url=url))
    runner.run(store.identity_pools.add(POOL))
    connections = [Address(url).dial() for _ in range(WRITERS)]
    connections[0].execute("CREATE TABLE alone (LIKE identities INCLUDING ALL)")
    threads = ThreadPoolExecutor(WRITERS)
    ids = [new_id() for _ in range(CALLERS)]

    async def add(times: int) -> None:
        for _ in range(times):
            await store.identities.add(Identity(new_id(), POOL.id))

    async def at_once(work: Callable[[int], object]) -> None:
        await asyncio.gather(*(work(each) for each in range(CALLERS)))  # type: ignore[call-overload]

    async def fill() -> None:
        for id_ in ids:
            await store.identities.add(Identity(id_, POOL.id))

    async def get(caller: int) -> None:
        for _ in range(EACH):
            await store.identities.get(ids[caller])

    def alone(raw: Raw, times: int) -> None:
        for _ in range(times):
            raw.execute("BEGIN")
            raw.execute(_INSERT, [new_id(), POOL.id])
            raw.execute("COMMIT")

    def alone_at_once() -> None:
        list(threads.map(lambda raw: alone(raw, CALLERS * EACH // WRITERS), connections))

    runner.run(fill())
    timings = interleave(
        {
            "store 1": lambda: runner.run(add(EACH)),
            "alone 1": lambda: alone(connections[0], EACH),
            "store many": lambda: runner.run(at_once(lambda _: add(EACH))),
            "alone many": alone_at_once,
            "get 1": lambda: runner.run(get(0)),
            "get many": lambda: runner.run(at_once(get)),
        },
        rounds=rounds,
        slice_seconds=0.05,
    )
    runner.run(store.close())
    threads.shutdown()
    for raw in connections:
        raw.close()
    many = CALLERS * EACH
    return [
        Row("add an identity, 1 caller", EACH / median(timings["store 1"]), "rows/s"),
        Row("psycopg alone, 1 connection", EACH / median(timings["alone 1"]), "rows/s"),
        Row(f"add an identity, {CALLERS} callers", many / median(timings["store many"]), "rows/s"),
        Row(f"psycopg alone, {WRITERS} connections", many / median(timings["alone many"]), "rows/s"),
        at_least(f"adding against psycopg alone, {CALLERS} callers", ratio(timings, "alone many", "store many"), 0.4),
        Row("get an identity, 1 caller", EACH / median(timings["get 1"]), "rows/s"),
        Row(f"get an identity, {CALLERS} callers", many / median(timings["get many"]), "rows/s"),
    ]


def run(rounds: int) -> Sequence[Row]:
    with (
        tempfile.TemporaryDirectory(prefix="gatepass-bench-") as name,
        asyncio.Runner() as runner,
        own_server() as server,
    ):
        server.databases.run("ALTER SYSTEM SET fsync = on")
        server.databases.run("SELECT pg_reload_conf()")
        return measured(runner, Path(name), server.databases.copy(), rounds)


if __name__ == "__main__":
    raise SystemExit(main(run, description=__doc__))
