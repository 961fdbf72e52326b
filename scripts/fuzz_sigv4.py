"""Mutate signed requests and let the verifier judge them: none may be accepted that does not mean what was signed.

`python scripts/fuzz_sigv4.py --n 1000000 [--seed S]` signs requests in both forms with long-lived keys and sessions,
changes each in one to three places, and asks a verifier that has seen the original before, so that its memory is used.

A mutation is *null* if the request still means what was signed, itself or another of the run (`meaning`): the same
method, the same path segments once `.`, `..` and `//` are resolved, the same decoded query parameters in any order, the
same values of the signed headers but for white space, the same date, token, Authorization parameters and body. Other
headers prove nothing and may change. Accepted and not null, or accepted against the plain verifier of `tests/oracles`,
is *wrongly accepted*; refused where the plain verifier accepts (asked for a sample) is *wrongly refused*.

`--differential N` compares signatures with botocore's and awscrt's on N generated requests instead.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random, SystemRandom

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.fuzzing.sigv4_mutations import MUTATIONS
from tests.fuzzing.sigv4_requests import NOW, REGION, SECRETS, SERVICE, Signed, look_up, meaning, signed_of
from tests.oracles import plain_sigv4 as plain

from gatepass.errors import AuthenticationError, RequestError
from gatepass.http import Request
from gatepass.sigv4 import Verifier, payload_hash

SAMPLED = 64
"""One of so many refusals is put to the plain verifier."""
SHARD = 50_000


@dataclass
class Report:
    """What a run found."""

    seed: str
    judged: int = 0
    null: int = 0
    sampled: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    wrongly_accepted: list[tuple[Request, float]] = field(default_factory=list)
    wrongly_refused: list[tuple[Request, float]] = field(default_factory=list)
    escaped: list[tuple[Request, float, BaseException]] = field(default_factory=list)

    def add(self, other: Report) -> None:
        self.judged += other.judged
        self.null += other.null
        self.sampled += other.sampled
        self.refusals += other.refusals
        self.wrongly_accepted += other.wrongly_accepted
        self.wrongly_refused += other.wrongly_refused
        self.escaped += other.escaped

    @property
    def clean(self) -> bool:
        return not (self.wrongly_accepted or self.wrongly_refused or self.escaped)


def run(n: int, seed: str) -> Report:
    """Judge `n` mutated requests."""
    chance = Random(seed)
    report = Report(seed)
    verifier = Verifier(look_up, service=SERVICE, regions=[REGION])
    pool: list[Signed] = []
    while report.judged < n:
        if report.judged % 16_384 == 0:
            pool = [signed_of(chance) for _ in range(256)]
            for signed in pool:
                verifier.verify(signed.request, payload_hash(signed.request.body), NOW)
        original = chance.choice(pool)
        request = original.request
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            request = chance.choice(MUTATIONS)(chance, request, pool)
        now = NOW + chance.choice((0, 0, 0, 0, 0, 0, 0, 0.5, 60.9, -60, 299, 301, 900, -400, 1e9))
        judge(report, verifier, request, now, [original, *pool])
    return report


def judge(report: Report, verifier: Verifier, request: Request, now: float, signed: Sequence[Signed]) -> None:
    report.judged += 1
    try:
        verifier.verify(request, payload_hash(request.body), now)
    except (AuthenticationError, RequestError) as error:
        report.refusals[type(error).__name__] += 1
        if report.judged % SAMPLED == 0:
            report.sampled += 1
            if accepts(request, now):
                report.wrongly_refused.append((request, now))
    except Exception as error:  # noqa: BLE001 (whatever it is, it must not have left the verifier)
        report.escaped.append((request, now, error))
    else:
        means = meaning(request)
        if any(meaning(one.request) == means for one in signed) and accepts(request, now):
            report.null += 1
        else:
            report.wrongly_accepted.append((request, now))


def accepts(request: Request, now: float) -> bool:
    asked = plain.Asked(request.method, request.path, request.query, request.headers, request.body)
    return plain.accepts(asked, SECRETS, service=SERVICE.encode(), regions=[REGION.encode()], now=now)


def run_everywhere(n: int, seed: int, jobs: int) -> Report:
    """Judge `n` requests on `jobs` processes; which requests these are does not depend on `jobs`."""
    pieces = [(min(SHARD, n - done), f"{seed}:{done}") for done in range(0, n, SHARD)]
    total = Report(str(seed))
    with ProcessPoolExecutor(jobs) as pool:
        for report in pool.map(run, *zip(*pieces, strict=True)):
            total.add(report)
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1_000_000, help="mutated requests to judge (%(default)s)")
    parser.add_argument("--seed", type=int, help="repeat a run; printed by every run")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (%(default)s)")
    parser.add_argument("--differential", type=int, metavar="N", help="compare N signatures with botocore and awscrt")
    options = parser.parse_args()
    seed = SystemRandom().randrange(1 << 32) if options.seed is None else options.seed
    if options.differential:
        return differential(options.differential, seed)
    print(f"sigv4: {options.n:,} mutated requests, seed {seed}", flush=True)
    began = time.perf_counter()
    report = run_everywhere(options.n, seed, options.jobs)
    seconds = time.perf_counter() - began
    for name, count in report.refusals.most_common():
        print(f"  {count:>12,} {name}")
    print(f"  {report.null:>12,} accepted, meaning what was signed")
    print(f"  {report.sampled:>12,} refusals put to the plain verifier")
    print(f"{report.judged:,} judged in {seconds:.0f} s, {report.judged / seconds:,.0f} a second, seed {seed}")
    for name in ("wrongly_accepted", "wrongly_refused", "escaped"):
        found = getattr(report, name)
        print(f"{name.replace('_', ' ')}: {len(found)}")
        for case in found[:5]:
            print(f"    {case}")
    return 0 if report.clean else 1


def differential(n: int, seed: int) -> int:
    from tests.fuzzing.sigv4_peers import compare  # botocore and awscrt take half a second to import

    print(f"sigv4: {n:,} requests signed by gatepass, botocore and awscrt, seed {seed}", flush=True)
    found = compare(n, seed)
    for name, count in found.compared.items():
        print(f"  {count:>12,} compared: {name}")
    for name, count in found.explained.items():
        print(f"  {count:>12,} known: {name}")
    print(f"unexplained: {len(found.unexplained)}, seed {seed}")
    for case in found.unexplained[:5]:
        print(f"    {case}")
    return 1 if found.unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
