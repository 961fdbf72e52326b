"""Deciding by policies: one statement, fifty, remembered, explained, compiled; and patterns meant to be slow.

Every query is for another path than the last, so nothing is remembered unless the row says so. Fifty statements have a
hundred resource patterns, half of them with a variable of the session, and every other statement has two conditions.
moto's evaluator parses the document at every call, as moto calls it, and gets it without conditions and variables,
which it cannot do.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle
from typing import Any

from bench.harness import Row, Timings, at_least, at_most, interleave, main, ratio

from gatepass.policy import (
    Caller,
    Constants,
    Context,
    Policies,
    PolicyType,
    Query,
    Source,
    compile_policy,
    evaluate,
    explain,
    load,
)

try:
    peer: Any = importlib.import_module("moto.iam.access_control")
except ImportError:  # a bench environment without moto still measures the rest
    peer = None

ACCOUNT = "123456789012"
API = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:k3v9x2m7qa/api/GET"
CALLER = Caller(
    "role-session",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/guests/CognitoIdentityCredentials",
    ACCOUNT,
    f"arn:aws:iam::{ACCOUNT}:role/guests",
)
SESSION = {"aws:PrincipalTag/team": "t49", "cognito-identity.amazonaws.com:sub": "us-east-1:1f0c2d3e"}
CONSTANTS = Constants(SESSION)
CONTEXT = Context.of({**SESSION, "aws:SourceIp": "10.1.2.3"})
SOURCE = Source(PolicyType.IDENTITY, "bench")
# More than the engine remembers.
PATHS = 12_000

ONE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{API}/x/*"}],
}


def fifty(*, plain: bool = False) -> dict[str, Any]:
    """`plain`: without conditions and variables."""
    statements = []
    for number in range(50):
        who = "me" if plain else "${cognito-identity.amazonaws.com:sub}"
        statement: dict[str, Any] = {
            "Sid": f"S{number}",
            "Effect": "Allow",
            "Action": ["execute-api:Invoke"],
            "Resource": [f"{API}/r{number}/*", f"{API}/u/{who}/r{number}/*/x"],
        }
        if number % 2 and not plain:
            statement["Condition"] = {
                "StringEquals": {"aws:PrincipalTag/team": f"t{number}"},
                "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
            }
        statements.append(statement)
    return {"Version": "2012-10-17", "Statement": statements}


def policies(document: Mapping[str, Any]) -> Policies:
    return Policies(identity=[compile_policy(load(json.dumps(document)), SOURCE)])


def asking(given: Policies, path: str, paths: int = PATHS) -> Callable[[], object]:
    """Each call asks for the next path."""
    queries = cycle(
        [Query("execute-api:Invoke", f"{API}/{path}/{number}", CALLER, ACCOUNT, CONTEXT) for number in range(paths)]
    )
    return lambda: evaluate(given, next(queries))


def moto(document: Mapping[str, Any], path: str) -> Callable[[], object]:
    text = {"policy_document": json.dumps(document)}
    resources = cycle([f"{API}/{path}/{number}" for number in range(PATHS)])
    return lambda: peer.IAMPolicy(text).is_action_permitted("execute-api:Invoke", next(resources))


def best(timings: Timings, candidate: str) -> float:
    """Seconds of the least disturbed round: what is promised in microseconds is promised of a machine left alone."""
    return min(timings[candidate])


def deciding(rounds: int) -> Iterator[Row]:
    many, bound = policies(fifty()), policies(fifty()).bind(CONSTANTS)
    explained = Query("execute-api:Invoke", f"{API}/nowhere", CALLER, ACCOUNT, CONTEXT)
    text = json.dumps(fifty())
    timings = interleave(
        {
            "one, allowed": asking(policies(ONE), "x"),
            "one, denied": asking(policies(ONE), "y"),
            "fifty, allowed": asking(bound, "r48"),
            "fifty, denied": asking(bound, "nowhere"),
            "fifty, not bound to the session, allowed": asking(many, "r49"),
            "fifty, not bound to the session, denied": asking(many, "u/us-east-1:1f0c2d3e/nowhere"),
            "fifty, remembered": asking(bound, "r48", 1),
            "fifty, explained": lambda: explain(many, explained),
            "fifty, bound to a session": lambda: many.bind(CONSTANTS),
            "fifty, read and compiled": lambda: compile_policy(load(text), SOURCE),
        },
        rounds=rounds,
        clock=time.process_time,
    )
    bars = {"one": 2.0, "fifty": 40.0, "fifty, remembered": 1.0, "fifty, explained": 300.0,
            "fifty, bound to a session": 150.0, "fifty, read and compiled": 2_000.0}  # fmt: skip
    for name in timings:
        bar = bars.get(name, bars[name.partition(",")[0]])
        yield at_most(name, best(timings, name) * 1e6, bar, "µs")


def beside_moto(rounds: int) -> Iterator[Row]:
    if peer is None:
        return
    plain = fifty(plain=True)
    timings = interleave(
        {
            "one": asking(policies(ONE), "x"),
            "one by moto": moto(ONE, "x"),
            "fifty": asking(policies(plain), "nowhere"),
            "fifty by moto": moto(plain, "nowhere"),
        },
        rounds=rounds,
        clock=time.process_time,
    )
    for name in ("one", "fifty"):
        yield at_least(f"{name}, times as fast as moto", ratio(timings, f"{name} by moto", name), 1)


def matching(pattern: str, text: str) -> Callable[[], object]:
    """One pattern as the whole policy against one path, compiled each time and never remembered."""
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{API}/{pattern}"}
    document = load(json.dumps({"Version": "2012-10-17", "Statement": statement}))
    query = Query("execute-api:Invoke", f"{API}/{text}", CALLER, ACCOUNT, CONTEXT)
    return lambda: evaluate(Policies(identity=[compile_policy(document, SOURCE)]), query)


SLOW = {
    "30 stars": "*a" * 29 + "*b*",
    "30 stars and question marks": "*a?a" * 29 + "*b?b*",
}
LONG = {
    "stars and question marks in turns": "*?" * 3_040,
    "question marks": "?" * 6_080,
    "letters and question marks": "*" + "a?" * 3_030 + "b*",
    "stars, letters and question marks": "*a?" * 2_026,
}


def hostile(rounds: int) -> Iterator[Row]:
    """Time must grow with the path as the path grows."""
    for name, pattern in SLOW.items():
        timings = interleave(
            {"n": matching(pattern, "a" * 5_000 + "c"), "2n": matching(pattern, "a" * 10_000 + "c")},
            rounds=rounds,
            clock=time.process_time,
        )
        yield at_most(f"{name} on 5,000 characters", best(timings, "n") * 1e3, 1, "ms")
        yield at_most(f"{name}: twice the path", ratio(timings, "2n", "n"), 3, "× the time")
    for name, pattern in LONG.items():
        slow = {name: matching(pattern, "a" * 6_000 + "c")}
        timings = interleave(slow, rounds=max(5, rounds // 5), clock=time.process_time)
        yield at_most(f"6,144 characters: {name}", best(timings, name) * 1e3, 10, "ms")


def run(rounds: int) -> list[Row]:
    return [*deciding(rounds), *beside_moto(rounds), *hostile(rounds)]


if __name__ == "__main__":
    sys.exit(main(run, description=__doc__ or ""))
