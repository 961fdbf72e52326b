"""Random policies and requests: all readings of a policy must agree, and the laws of evaluation must hold.

Each case is one seed, printed with what broke, so that `--seed S --n 1` repeats it. On every case the engine, what it
remembers, the engine bound to a credential, the explanation and the plain evaluator must give one verdict, and a
session policy, random too, may not widen what its role may. Status 1 at the first case, by seed, that breaks.
"""

import argparse
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.oracles import policy_cases, policy_laws  # the path comes first
from tests.oracles.policy_cases import Case

from gatepass.policy import evaluate

SHARD = 2_500
BETWEEN_LINES = 10.0
"""Seconds between two lines of progress."""


class Shard(NamedTuple):
    """What a run of seeds found.

    Attributes:
        broken: the first seed that breaks, and how.
    """

    judged: int
    outcomes: Counter[str]
    present: Counter[str]
    broken: tuple[int, str] | None = None


def broken(case: Case, seed: int, *, laws: bool) -> str | None:
    """What does not hold of the case of this seed."""
    random = Random(seed)
    found = policy_laws.disagreement(case) or policy_laws.widening(case, random)
    if found is None and laws:
        found = policy_laws.denying(case, random) or policy_laws.unhelpful(case)
    return None if found is None else f"{found}\n{case.show()}"


def judge(first: int, count: int, laws_every: int) -> Shard:
    """Judge `count` cases, from the seed `first` on."""
    outcomes, present = Counter[str](), Counter[str]()
    for seed in range(first, first + count):
        case = policy_cases.numbered(seed)
        found = broken(case, seed, laws=seed % laws_every == 0)
        if found is not None:
            return Shard(seed - first + 1, outcomes, present, (seed, found))
        outcomes[evaluate(case.policies, case.query).outcome] += 1
        present.update(parts(case))
    return Shard(count, outcomes, present)


def parts(case: Case) -> Iterator[str]:
    """What takes part in the case, by name."""
    documents, caller = case.documents, case.query.caller
    for name in ("identity", "session", "boundary", "resource", "scp", "rcp", "vpce"):
        if getattr(documents, name):
            yield "trust" if name == "resource" and documents.trust else name
    if caller.account and case.query.resource_account not in ("", caller.account):
        yield "across accounts"
    yield f"caller: {caller.kind}"


def run(n: int, seed: int, jobs: int, laws_every: int) -> Shard:
    """Judge `n` cases on `jobs` processes; which cases these are does not depend on `jobs`."""
    began = said = time.monotonic()
    judged, outcomes, present = 0, Counter[str](), Counter[str]()
    firsts = range(seed, seed + n, SHARD)
    counts = [min(SHARD, seed + n - first) for first in firsts]
    with ProcessPoolExecutor(jobs) as pool:
        for shard in pool.map(judge, firsts, counts, [laws_every] * len(firsts)):
            judged, outcomes, present = judged + shard.judged, outcomes + shard.outcomes, present + shard.present
            if shard.broken is not None:
                pool.shutdown(cancel_futures=True)
                return Shard(judged, outcomes, present, shard.broken)
            now = time.monotonic()
            if now - said >= BETWEEN_LINES:
                said = now
                rate = judged / (now - began)
                print(f"policy: {judged:,} of {n:,} agree, {rate:,.0f} a second, {(n - judged) / rate:.0f} s to go",
                      flush=True)  # fmt: skip
    return Shard(judged, outcomes, present)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1_000_000, help="how many cases (%(default)s)")
    parser.add_argument("--seed", type=int, default=None, help="the first case's seed; random if not given")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (%(default)s)")
    parser.add_argument(
        "--laws-every", type=int, default=10, help="check the slower laws on one case in so many (%(default)s)"
    )
    options = parser.parse_args()
    seed = secrets.randbits(48) if options.seed is None else options.seed
    print(f"policy: {options.n:,} cases, seed {seed}", flush=True)
    began = time.monotonic()
    found = run(options.n, seed, options.jobs, options.laws_every)
    seconds = time.monotonic() - began
    for counted in (found.outcomes, found.present):
        for name, count in sorted(counted.items()):
            print(f"  {count:>12,} {name}")
    if found.broken is not None:
        print(f"policy: seed {found.broken[0]} breaks: {found.broken[1]}")
        return 1
    print(f"policy: {found.judged:,} cases, 0 disagreements, {seconds:.0f} s, seed {seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
