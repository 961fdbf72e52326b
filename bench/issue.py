"""Issuing credentials: GetId and GetCredentialsForIdentity, every check on, against MiniStack."""

import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.gate import figures, load, ratio, turns
from bench.harness import Row, at_least, main
from bench.load import Batch, plain
from bench.peers import MINISTACK, Peer, ask, gate, ministack

HEADERS = "content-type: application/x-amz-json-1.1\r\nx-amz-target: AWSCognitoIdentityService.{}\r\n"
# MiniStack has no limits; ours would end the comparison after a second.
UNLIMITED = ("--getid-rate", "1000000", "--getid-burst", "1000000")


def call(peer: Peer, operation: str, **given: str) -> Batch:
    body = json.dumps(given).encode()
    by_address = peer._replace(host=f"127.0.0.1:{peer.port}")  # the API's own host is for the API
    return plain(by_address, "/", method="POST", headers=HEADERS.format(operation), body=body)


def run(rounds: int) -> Sequence[Row]:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="gatepass-bench-") as name, ExitStack() as stack:
        peers = {"gatepass": stack.enter_context(gate(Path(name) / "data", "bench.apps:hello", *UNLIMITED))}
        if MINISTACK.exists():
            peers["MiniStack"] = stack.enter_context(ministack(Path(name)))
        guests = {name: ask(peer, "GetId", IdentityPoolId=peer.pool)["IdentityId"] for name, peer in peers.items()}
        for operation, bar in (("GetCredentialsForIdentity", 10), ("GetId", 5)):
            candidates = {}
            for name, peer in peers.items():
                given = {"IdentityPoolId": peer.pool} if operation == "GetId" else {"IdentityId": guests[name]}
                candidates[name] = load(peer, call(peer, operation, **given), rounds)
            results = turns(candidates, rounds)
            rows += figures(results, operation)
            if "MiniStack" in results:
                rows.append(at_least(f"{operation}: against MiniStack", ratio(results, "gatepass", "MiniStack"), bar))
    return rows


if __name__ == "__main__":
    sys.exit(main(run, description=__doc__ or "", rounds=5))
