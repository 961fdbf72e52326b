"""Issuing credentials: GetId and GetCredentialsForIdentity, guests and logged in, every check on, against MiniStack.

The gate with one identity and with a million, of which guests are asked for in no order; MiniStack, which verifies no
login token and writes nothing to disk, with one. Those who log in do so with one token whose key is known. Everyone is
asked over as many connections, more than it takes to keep a server busy that waits for its disk.
"""

import asyncio
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bench.gate import Turn, cost, figures, load, ratio, turns
from bench.harness import Row, at_least, main
from bench.load import MARK, NUMBER, Batch, Measured, plain
from bench.peers import BIN, CLIENT_ID, MINISTACK, PROVIDER, Peer, ask, client, environment, gate, make_pool, ministack

from gatepass.sigv4 import Keys
from gatepass.store import Store
from gatepass.store.database import Connection

CONNECTIONS = 128
MANY = 1_000_000
MILLION = f"gatepass, {MANY:,} identities"
REQUESTS = 200_000
HEADERS = "content-type: application/x-amz-json-1.1\r\nx-amz-target: AWSCognitoIdentityService.{}\r\n"
IDENTITY = "us-east-1:00000000-0000-4000-8000-0000"  # and the number
BARS = {("GetCredentialsForIdentity", "guest"): 10, ("GetId", "guest"): 5}

_IDENTITIES = """
    INSERT INTO identities (id, pool_id, enabled, created, modified, revision)
    VALUES (:id, :pool, true, 0, 0, 1)
"""
_LOGINS = """
    INSERT INTO identity_logins (pool_id, provider, subject, identity_id)
    VALUES (:pool, 'login.example.com', :id, :id)
"""


class Candidate(NamedTuple):
    """A server that issues credentials, and who asks it for some.

    Attributes:
        many: how many guests there are whose ids end in a number; 0 for the one that `guest` is.
    """

    peer: Peer
    guest: str
    user: str
    many: int


def call(peer: Peer, operation: str, **given: Any) -> Batch:
    body = json.dumps(given).encode()
    return plain(by_address(peer), "/", method="POST", headers=HEADERS.format(operation), body=body)


def by_address(peer: Peer) -> Peer:
    """The API's own host is for the API."""
    return peer._replace(host=f"127.0.0.1:{peer.port}")


def any_guest(peer: Peer, many: int) -> Batch:
    """Credentials for one of so many guests, each time another: the body ends in the number and what may vary."""
    start, end, blank = f'{{"IdentityId": "{IDENTITY}'.encode(), b'"}', b" " * len(MARK)
    length = len(start) + len(NUMBER) + len(end) + len(blank)
    head = f"POST / HTTP/1.1\r\nhost: {by_address(peer).host}\r\n{HEADERS.format('GetCredentialsForIdentity')}"
    head += f"content-length: {length}\r\n\r\n"
    chosen = random.Random(1)
    varying = b"".join(b"%08d%b" % (chosen.randrange(many), blank) for _ in range(REQUESTS))
    return Batch(((head.encode() + start, end, b""),), varying)


def batch(candidate: Candidate, operation: str, who: str, token: str) -> Batch:
    peer, logins = candidate.peer, {"Logins": {PROVIDER: token}} if who == "logged in" else {}
    if operation == "GetId":
        return call(peer, operation, IdentityPoolId=peer.pool, **logins)
    if who == "guest" and candidate.many:
        return any_guest(peer, candidate.many)
    identity_id = candidate.user if logins else candidate.guest
    return call(peer, operation, IdentityId=identity_id, **logins)


def fill(data: Path, pool_id: str, many: int) -> None:
    """So many guests, and as many again who have a login."""

    def rows(start: int) -> Iterator[dict[str, str]]:
        return ({"id": f"{IDENTITY}{number:08}", "pool": pool_id} for number in range(start, start + many))

    def write(connection: Connection) -> None:
        for start in (0, many):
            connection.execute_many(_IDENTITIES, rows(start))
        connection.execute_many(_LOGINS, rows(many))

    async def run() -> None:
        store = await Store.open(data, account="123456789012", region="us-east-1")
        await store._database.write(write)
        await store.close()

    asyncio.run(run())


@contextmanager
def filled_gate(data: Path, options: Sequence[str], many: int) -> Iterator[Peer]:
    """A gate whose pool has so many identities."""
    with gate(data, "bench.apps:hello", *options) as peer:
        keys = Keys(**json.loads((data / "administrator.json").read_text()))
        services = (client(name, peer.endpoint, keys) for name in ("cognito-identity", "iam"))
        pool_id = make_pool(*services)
    fill(data, pool_id, many // 2)
    with gate(data, "bench.apps:hello", *options) as peer:
        yield peer._replace(pool=pool_id)


def login(folder: Path) -> tuple[str, tuple[str, ...]]:
    """(a token, what makes a gate believe it)."""

    def token(*options: str) -> str:
        command = [str(BIN / "gatepass"), "token", "--key", str(folder / "key.pem"), *options]
        return subprocess.run(command, env=environment(), stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    (folder / "keys.json").write_text(token("--jwks"))
    issuer = f"https://{PROVIDER}"
    made = token("--issuer", issuer, "--sub", "alice", "--aud", CLIENT_ID, "--expires-in", "36000")
    return made, ("--login-keys", f"{issuer}={folder / 'keys.json'}")


def candidate(peer: Peer, token: str, many: int = 0) -> Candidate:
    guest = ask(peer, "GetId", IdentityPoolId=peer.pool)["IdentityId"]
    user = ask(peer, "GetId", IdentityPoolId=peer.pool, Logins={PROVIDER: token})["IdentityId"]
    return Candidate(peer, guest, user, many)


def run(rounds: int) -> Sequence[Row]:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="gatepass-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        token, options = login(folder)
        few = stack.enter_context(filled_gate(folder / "few", options, 0))
        many = stack.enter_context(filled_gate(folder / "many", options, MANY))
        candidates = {"gatepass": candidate(few, token), MILLION: candidate(many, token, MANY // 2)}
        if MINISTACK.exists():
            candidates["MiniStack"] = candidate(stack.enter_context(ministack(folder)), token)
        for operation in ("GetCredentialsForIdentity", "GetId"):
            for who in ("guest", "logged in"):
                loads: dict[str, Turn] = {
                    name: load(each.peer, batch(each, operation, who, token), rounds, CONNECTIONS)
                    for name, each in candidates.items()
                }
                rows += compared(turns(loads, rounds), f"{operation}, {who}", BARS.get((operation, who)))
    return rows


def compared(results: dict[str, list[Measured]], what: str, bar: float | None) -> Iterator[Row]:
    """The figures of each, and how many times as much one gives as the other, for the same processor time, too."""
    yield from figures(results, what)
    yield Row(f"{what}: {MANY:,} identities against 1", ratio(results, MILLION, "gatepass"), "×")
    for name in ("gatepass", MILLION) if "MiniStack" in results else ():
        label, against = f"{what}: {name} against MiniStack", ratio(results, name, "MiniStack")
        yield at_least(label, against, bar) if bar else Row(label, against, "×")
        yield Row(f"{what}: {name}, the same by processor time", cost(results, "MiniStack", name), "×")


if __name__ == "__main__":
    sys.exit(main(run, description=__doc__ or "", rounds=5))
