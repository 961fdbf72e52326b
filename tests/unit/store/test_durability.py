"""What was acknowledged is there, after a kill and after a full disk; what was not, is not."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path

from gatepass.store import Store

# Adds identities and roles from many callers for ever, and prints the name of each once it is acknowledged.
WRITER = """
import asyncio, itertools, os, sys
from gatepass.store import Identity, IdentityPool, Role, Store

async def run():
    store = await Store.open(sys.argv[1], account="123456789012", region="us-east-1")
    await store.identity_pools.add(IdentityPool("us-east-1:1", "pool"))

    async def identities(caller):
        for number in itertools.count():
            id_ = f"us-east-1:{os.getpid()}-{caller}-{number}"
            if await store.identities.add(Identity(id_, "us-east-1:1")):
                os.write(1, f"identity {id_}\\n".encode())

    async def roles():
        for number in itertools.count():
            name = f"role-{os.getpid()}-{number}"
            role = Role(name, "/", f"AROA{name}", "arn", "{}", inline_policies={"a": "{}", "b": "{}"})
            if await store.roles.add(role):
                os.write(1, f"role {name}\\n".encode())

    await asyncio.gather(roles(), *(identities(caller) for caller in range(16)))

asyncio.run(run())
"""


async def missing(folder: Path, acknowledged: set[str]) -> set[str]:
    store = await Store.open(folder, account="123456789012", region="us-east-1")
    there = {f"role {name}" for name, role in store.directory.roles.items() if len(role.inline_policies) == 2}
    after = None
    while page := await store.identities.list("us-east-1:1", after=after, limit=5000):
        there |= {f"identity {identity.id}" for identity in page}
        after = page[-1].id
    await store.close()
    return acknowledged - there


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    chance = random.Random(9)
    acknowledged: set[str] = set()
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, tmp_path / "data"], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            for _ in range(chance.randrange(1, 2000)):
                acknowledged.add(writer.stdout.readline().strip())
            writer.kill()
            acknowledged |= {line.strip() for line in writer.stdout if line.endswith("\n")}
        assert asyncio.run(missing(tmp_path / "data", acknowledged)) == set()
    assert len(acknowledged) > 1000
    assert any(name.startswith("role") for name in acknowledged)


# Fills a disk of limited size, then gets a larger one.
FULL_DISK = """
import asyncio, os, resource, sys
from gatepass.errors import StoreUnavailable
from gatepass.store import Identity, IdentityPool, Store

async def run():
    store = await Store.open(sys.argv[1], account="123456789012", region="us-east-1")
    await store.identity_pools.add(IdentityPool("us-east-1:1", "pool"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))

    async def add(number):
        try:
            return await store.identities.add(Identity(f"us-east-1:{number}", "us-east-1:1"))
        except StoreUnavailable:
            return None

    async def numbers(first, last):
        results = []
        for begin in range(first, last, 50):
            results += await asyncio.gather(*(add(number) for number in range(begin, min(begin + 50, last))))
        return dict(zip(range(first, last), results))

    full = await numbers(0, 20_000)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    more = await numbers(20_000, 20_500)
    refused = [number for number, result in full.items() if result is None]
    there = [n for n in refused if await store.identities.get(f"us-east-1:{n}")]
    lost = [n for n, result in (full | more).items() if result and not await store.identities.get(f"us-east-1:{n}")]
    print(len(refused) > 0, list(full.values()).count(True) > 0, set(more.values()), there, lost)
    await store.close()

asyncio.run(run())
"""


def test_a_full_disk_is_an_error_while_it_is_full_and_no_longer(tmp_path: Path) -> None:
    """Who could not be served is told so, and nothing of theirs is there; everyone else's is."""
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, tmp_path / "data"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "True True {True} [] []\n", done.stderr
