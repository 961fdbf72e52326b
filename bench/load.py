"""Load: requests that were made beforehand, over kept connections, each different from the others.

wrk sends them where it is installed; else a small asyncio client, which is itself slower than some of what it measures.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bench.peers import Peer, cores

from gatepass.sigv4 import Keys, Signer

WRK = shutil.which("wrk")
NUMBER = b"00000000"
MARK = b"f" * 64

SCRIPT = """
local file = io.open("{folder}/varying"); local varying = file:read("*a"); file:close()
local templates = {{}}
for i = 1, {templates} do
  templates[i] = {{}}
  for j = 1, 3 do
    local part = io.open("{folder}/" .. i .. "." .. j, "rb"); templates[i][j] = part:read("*a"); part:close()
  end
end
local at = {start}
request = function()
  local i = at % {count}
  at = at + 1
  local t, p = templates[i % {templates} + 1], i * 72
  return t[1] .. string.sub(varying, p + 1, p + 8) .. t[2] .. string.sub(varying, p + 9, p + 72) .. t[3]
end
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """Requests that differ in a number and a signature.

    Attributes:
        templates: three parts each: before the number, between number and signature, after it. Request `i` is of
            template `i % len(templates)`.
        varying: number and signature of each request, one after the other.
    """

    templates: tuple[tuple[bytes, bytes, bytes], ...]
    varying: bytes

    def __len__(self) -> int:
        return len(self.varying) // (len(NUMBER) + len(MARK))

    def request(self, number: int) -> bytes:
        one, two, three = self.templates[number % len(self.templates)]
        at = number * 72
        return b"".join((one, self.varying[at : at + 8], two, self.varying[at + 8 : at + 72], three))


class Measured(NamedTuple):
    """What a turn of load gave.

    Attributes:
        rate: requests a second.
        cpu_microseconds: the server's processor time for one.
    """

    requests: int
    rate: float
    cpu_microseconds: float


def signed(peer: Peer, sessions: Sequence[Keys], count: int, *, method: str = "GET", body: bytes = b"") -> Batch:
    """`count` requests, signed in turn by each session; the query makes each different."""
    now = time.time()
    signers = [Signer(keys, region="us-east-1", service="execute-api", host=peer.host) for keys in sessions]
    templates = [template(peer, signer, method, body, now) for signer in signers]
    varying = bytearray()
    for number in range(count):
        digits = b"%08d" % number
        signer = signers[number % len(signers)]
        added = dict(signer.sign(method, peer.path.encode(), b"n=" + digits, (), body, now=now))
        varying += digits + added[b"authorization"][-64:]
    return Batch(tuple(templates), bytes(varying))


def template(peer: Peer, signer: Signer, method: str, body: bytes, now: float) -> tuple[bytes, bytes, bytes]:
    added = dict(signer.sign(method, peer.path.encode(), b"n=" + NUMBER, (), body, now=now))
    added[b"authorization"] = added[b"authorization"][:-64] + MARK
    lines = [b"%b %b?n=%b HTTP/1.1" % (method.encode(), peer.path.encode(), NUMBER), b"host: " + peer.host.encode()]
    lines += [name + b": " + value for name, value in added.items()]
    if body:
        lines.append(b"content-length: %d" % len(body))
    return split(b"\r\n".join(lines) + b"\r\n\r\n" + body)


def plain(peer: Peer, path: str, *, method: str = "GET", headers: str = "", body: bytes = b"") -> Batch:
    """One request, unsigned, again and again."""
    varying = f"user-agent: bench/{NUMBER.decode()} {MARK.decode()}\r\n"
    head = f"{method} {path} HTTP/1.1\r\nhost: {peer.host}\r\n{headers}{varying}"
    if body:
        head += f"content-length: {len(body)}\r\n"
    return Batch((split(head.encode() + b"\r\n" + body),), NUMBER + MARK)


def split(request: bytes) -> tuple[bytes, bytes, bytes]:
    """What stands before, between and after the places that vary."""
    one, rest = request.split(NUMBER, 1)
    two, three = rest.split(MARK, 1)
    return one, two, three


def drive(peer: Peer, batch: Batch, *, seconds: int, start: int = 0, connections: int = 32) -> Measured:
    """Send for so long, from request `start` on.

    Raises: RuntimeError, if more answers than are forgiven are not a 200.
    """
    before = peer.cpu_seconds()
    send = with_wrk if WRK else with_asyncio
    requests, took = send(peer, batch, seconds, start, connections)
    return Measured(requests, requests / took, (peer.cpu_seconds() - before) / requests * 1e6)


def with_wrk(peer: Peer, batch: Batch, seconds: int, start: int, connections: int) -> tuple[int, float]:
    with tempfile.TemporaryDirectory(prefix="gatepass-bench-") as name:
        folder = Path(name)
        (folder / "varying").write_bytes(batch.varying)
        for number, parts in enumerate(batch.templates, 1):
            for position, part in enumerate(parts, 1):
                (folder / f"{number}.{position}").write_bytes(part)
        values = {"folder": name, "templates": len(batch.templates), "count": len(batch), "start": start}
        (folder / "script.lua").write_text(SCRIPT.format(**values))
        options = ["-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(folder / "script.lua"), peer.endpoint]
        done = subprocess.run(
            [str(WRK), *options],
            capture_output=True,
            text=True,
            check=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores()[0]),
        )
    found = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)", done.stdout)
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    failed = int(errors[1]) if errors else 0
    if not found or failed > int(found[1]) * peer.forgiven or "Socket errors" in done.stdout:
        raise RuntimeError(done.stdout)
    return int(found[1]), float(found[2]) * {"ms": 0.001, "s": 1, "m": 60}[found[3]]


def with_asyncio(peer: Peer, batch: Batch, seconds: int, start: int, connections: int) -> tuple[int, float]:
    began = time.perf_counter()
    numbers = iter(range(start, sys.maxsize))
    failed = 0

    async def connection() -> int:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", peer.port)
        sent = 0
        while time.perf_counter() - began < seconds:
            writer.write(batch.request(next(numbers) % len(batch)))
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = re.search(rb"content-length: (\d+)", head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            sent += 1
            failed += not head.startswith(b"http/1.1 200")
            if failed > max(sent, 100) * peer.forgiven:
                raise RuntimeError((head + body).decode())
        writer.close()
        return sent

    async def all_connections() -> int:
        return sum(await asyncio.gather(*(connection() for _ in range(connections))))

    requests = asyncio.run(all_connections())
    return requests, time.perf_counter() - began
