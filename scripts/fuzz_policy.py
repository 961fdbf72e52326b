"""Random policies and requests: all readings of a policy must agree, and the laws of evaluation must hold.

Each case is one seed, printed with what broke, so that `--seed S --n 1` repeats it. Status 1 at the first that breaks.
"""

import argparse
import secrets
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.oracles import plain_policy, policy_cases, policy_laws  # the path comes first


def broken(seed: int, *, laws: bool) -> str | None:
    """What does not hold of the case of this seed."""
    case = policy_cases.numbered(seed)
    found = policy_laws.disagreement(case)
    if found is None and laws:
        random = Random(seed)
        found = policy_laws.widening(case, random) or policy_laws.denying(case, random) or policy_laws.unhelpful(case)
    return None if found is None else f"{found}\n{case.show()}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=1_000_000, help="how many cases (%(default)s)")
    parser.add_argument("--seed", type=int, default=None, help="the first case's seed; random if not given")
    parser.add_argument(
        "--laws-every", type=int, default=10, help="check the laws on one case in so many (%(default)s)"
    )
    options = parser.parse_args()
    seed = secrets.randbits(48) if options.seed is None else options.seed
    print(f"policy: {options.n:,} cases, seed {seed}", flush=True)
    began, outcomes = time.monotonic(), Counter[str]()
    for number in range(options.n):
        found = broken(seed + number, laws=number % options.laws_every == 0)
        if found is not None:
            print(f"policy: seed {seed + number} breaks: {found}")
            return 1
        if number % 1_000 == 0:
            case = policy_cases.numbered(seed + number)
            outcomes[plain_policy.outcome(case.documents, case.asked)] += 1
        if number and number % 100_000 == 0:
            print(f"policy: {number:,} agree, {time.monotonic() - began:.0f} s", flush=True)
    print(f"policy: {options.n:,} cases, 0 disagreements, {time.monotonic() - began:.0f} s; sampled {dict(outcomes)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
