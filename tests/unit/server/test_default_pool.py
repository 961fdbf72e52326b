"""The pool of an app that declares none: made once, never against an administrator's will."""

import asyncio
import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gatepass.gateway import Api, Decision, Protection, Route, RouteTable
from gatepass.gateway.exchange import Exchange
from gatepass.gateway.ids import api_id, identity_pool_id
from gatepass.operation import Deployment
from gatepass.server.default_pool import POLICY, ensure, iam_routes_policy, names_of
from gatepass.store import Store

DEPLOYMENT = Deployment("123456789012", "us-east-1")
POOL_ID = identity_pool_id("123456789012", "us-east-1", "pets")
Run = Callable[[Any], Any]


async def nothing(decision: Decision, exchange: Exchange) -> None:
    return None


def api(*routes: str, protection: Protection = Protection.IAM) -> Api:
    made = [Route(route.partition(" ")[0], route.partition(" ")[2], protection, nothing) for route in routes]
    return Api(api_id("123456789012", "us-east-1", "pets"), "pets", "api", RouteTable(made), DEPLOYMENT)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Runs work in one event loop, on one store: `run.store`."""
    with asyncio.Runner() as runner:
        store = runner.run(Store.open(tmp_path, account="123456789012", region="us-east-1"))

        def run(work: Any) -> Any:
            return runner.run(work)

        run.store = store  # type: ignore[attr-defined]
        yield run
        runner.run(store.close())


def test_ids_are_the_same_everywhere() -> None:
    """They follow from account, region and name, and from nothing else."""
    assert (api().api_id, POOL_ID) == ("3u7j7h04oj", "us-east-1:1cc31fed-411e-48b1-af0d-3703ed703e5d")
    others = {
        identity_pool_id("123456789012", "us-east-1", "pet"),
        identity_pool_id("123456789012", "us-west-2", "pets"),
        identity_pool_id("210987654321", "us-east-1", "pets"),
    }
    assert POOL_ID not in others
    assert len(others) == 3


def resources(document: str) -> list[str]:
    found: list[str] = json.loads(document)["Statement"][0]["Resource"]
    return [arn.partition("/api/")[2] for arn in found]


def test_the_policy_allows_exactly_the_iam_routes() -> None:
    """Parameters stand for anything, `ANY` for every verb."""
    document = iam_routes_policy(api("GET /", "POST /pets/{id}/toys", "ANY /files/{proxy+}"))
    assert document is not None
    assert resources(document) == ["*/files/*", "GET/", "POST/pets/*/toys"]
    assert iam_routes_policy(api("GET /", protection=Protection.OPEN)) is None


def test_the_policy_says_nothing_twice() -> None:
    """It is what `gatepass policy generate` prints: no entry that another one contains, no slash at the end."""
    document = iam_routes_policy(api("GET /pets", "GET /pets/{id}", "GET /pets/{id}/toys", "ANY /"))
    assert document is not None
    assert resources(document) == ["*/", "GET/pets", "GET/pets/*"]


def test_the_pool_and_its_role_are_made(run: Any) -> None:
    run(ensure(run.store, DEPLOYMENT, api("GET /"), 100.0))
    pool, role = run.store.directory.pools[POOL_ID], run.store.directory.roles["pets-guests"]
    assert (pool.name, pool.allow_unauthenticated, pool.roles) == ("pets-guests", True, {"unauthenticated": role.arn})
    condition = json.loads(role.trust_policy)["Statement"][0]["Condition"]
    assert condition["StringEquals"] == {"cognito-identity.amazonaws.com:aud": POOL_ID}
    assert resources(role.inline_policies[POLICY]) == ["GET/"]


def test_an_open_app_gets_none(run: Any) -> None:
    run(ensure(run.store, DEPLOYMENT, api("GET /", protection=Protection.OPEN), 100.0))
    assert (len(run.store.directory.pools), len(run.store.directory.roles)) == (0, 0)


def test_starting_again_changes_nothing(run: Any) -> None:
    for _ in range(2):
        run(ensure(run.store, DEPLOYMENT, api("GET /"), 100.0))
        revision = run.store.directory.revision
    run(ensure(run.store, DEPLOYMENT, api("GET /"), 200.0))
    assert run.store.directory.revision == revision


def test_a_policy_nobody_touched_follows_the_app(run: Any) -> None:
    """A route more or less, from one start to the next."""
    for routes in (["GET /"], ["GET /", "GET /new"], ["GET /new"]):
        run(ensure(run.store, DEPLOYMENT, api(*routes), 100.0))
        found = resources(run.store.directory.roles["pets-guests"].inline_policies[POLICY])
        assert found == sorted(route.replace(" ", "") for route in routes)


@pytest.mark.parametrize("policies", [{POLICY: '{"Version":"2012-10-17","Statement":[]}'}, {}])
def test_what_an_administrator_changed_stays(run: Any, policies: dict[str, str]) -> None:
    """A narrower policy, or none at all; nor is another policy's place taken."""
    run(ensure(run.store, DEPLOYMENT, api("GET /"), 100.0))
    change = lambda role: dataclasses.replace(role, inline_policies=policies)  # noqa: E731
    run(run.store.roles.change("pets-guests", change))
    run(ensure(run.store, DEPLOYMENT, api("GET /", "GET /new"), 200.0))
    assert run.store.directory.roles["pets-guests"].inline_policies == policies


def test_a_pool_that_was_closed_stays_closed(run: Any) -> None:
    run(ensure(run.store, DEPLOYMENT, api("GET /"), 100.0))
    change = lambda pool: dataclasses.replace(pool, allow_unauthenticated=False)  # noqa: E731
    run(run.store.identity_pools.change(POOL_ID, change))
    run(ensure(run.store, DEPLOYMENT, api("GET /"), 200.0))
    assert run.store.directory.pools[POOL_ID].allow_unauthenticated is False


def test_a_pool_that_was_deleted_stays_away(run: Any) -> None:
    """Until its role is deleted, too."""
    run(ensure(run.store, DEPLOYMENT, api("GET /"), 100.0))
    run(run.store.identity_pools.delete(POOL_ID))
    run(ensure(run.store, DEPLOYMENT, api("GET /"), 200.0))
    assert POOL_ID not in run.store.directory.pools
    run(run.store.roles.delete("pets-guests"))
    run(ensure(run.store, DEPLOYMENT, api("GET /"), 300.0))
    assert POOL_ID in run.store.directory.pools


@pytest.mark.parametrize(
    ("app", "names"),
    [
        ("pets", ("pets-guests", "pets-guests")),
        ("pkg.api", ("pkg.api-guests", "pkg.api-guests")),
        ("käse & more", ("k-se-more-guests", "k-se-more-guests")),
        ("x" * 100, ("x" * 100 + "-guests", "x" * 57 + "-guests")),
    ],
)
def test_names_that_aws_takes(app: str, names: tuple[str, str]) -> None:
    assert names_of(app) == names
    assert len(names[1]) <= 64
