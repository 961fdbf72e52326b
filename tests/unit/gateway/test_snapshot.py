"""What binds a principal, and that a newer picture counts for the next request."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from gatepass import errors
from gatepass.gateway import routing as routing_module
from gatepass.gateway import standing as standing_module
from gatepass.gateway.authorizer import PolicyDenied
from gatepass.sigv4 import Keys
from gatepass.store import AccessKey, Directory, Group, User
from gatepass.store.changes import Change

NOW = 1_800_000_000
MANAGED = "arn:aws:iam::123456789012:policy/invoke"
Statement = Callable[..., dict[str, Any]]
DirectoryOf = Callable[..., Directory]


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_policy_counts_for_the_next_request(world: Any, statement: Statement, directory_of: DirectoryOf) -> None:
    """The same session, one picture later."""
    keys = world.session()
    first = world.snapshot()
    assert world.decide(first, "GET", b"/api/pets/1", keys)
    narrowed = dataclasses.replace(world.role, inline_policies={"p": document(statement("GET/pets/2"))})
    later = directory_of(roles=[("guests", narrowed)])
    second = first.after(dataclasses.replace(later, revision=2, changed=frozenset({Change("role", "guests")})))
    with pytest.raises(PolicyDenied):
        world.decide(second, "GET", b"/api/pets/1", keys)
    assert world.decide(first, "GET", b"/api/pets/1", keys), "a snapshot does not change"


@pytest.mark.parametrize("kinds", [("role",), ("epoch", "identity_pool"), ("access_key",), None])
def test_what_a_verifier_remembers_ends_with_its_keys(world: Any, kinds: tuple[str, ...] | None) -> None:
    """A verifier is kept only where nothing changed that a signature depends on."""
    first = world.snapshot()
    changed = None if kinds is None else frozenset(Change(kind, "x") for kind in kinds)  # type: ignore[arg-type]
    assert first.after(dataclasses.replace(first.directory, changed=changed)).verifiers is not first.verifiers


@pytest.mark.parametrize("kind", ["identity_pool", "group", "managed_policy", "oidc_provider"])
def test_other_changes_cost_no_signature(world: Any, kind: str) -> None:
    first = world.snapshot()
    changed = frozenset({Change(kind, "x")})  # type: ignore[arg-type]
    assert first.after(dataclasses.replace(first.directory, changed=changed)).verifiers is first.verifiers


@pytest.mark.parametrize("role_id", [None, "AROAOTHEROTHEROTHEROT"])
def test_a_role_that_was_deleted_or_made_anew(world: Any, directory_of: DirectoryOf, role_id: str | None) -> None:
    """Sessions belong to the role they were issued for, not to its name."""
    keys = world.session()
    roles = [] if role_id is None else [("guests", dataclasses.replace(world.role, id=role_id))]
    with pytest.raises(errors.UnrecognizedClient) as raised:
        world.decide(world.snapshot(directory=directory_of(roles=roles)), "GET", b"/api/pets/1", keys)
    assert raised.value.detail == "the role `guests` of this session was deleted"


@pytest.mark.parametrize(
    "epoch",
    [
        ("identity_pool", "us-east-1:6ef41744-0000-4000-8000-000000000000"),
        ("role", "AROAGUESTSGUESTSGUEST"),
        ("identity", "us-east-1:1412aab6-0000-4000-8000-000000000000"),
    ],
)
def test_sessions_are_taken_back(world: Any, directory_of: DirectoryOf, epoch: tuple[str, str]) -> None:
    """What was issued before its pool's, role's or identity's epoch is void; what was issued after is not."""
    directory = directory_of(roles=[("guests", world.role)], epochs=[(epoch, float(NOW + 1))])
    snapshot = world.snapshot(directory=directory)
    with pytest.raises(errors.UnrecognizedClient):
        world.decide(snapshot, "GET", b"/api/pets/1", world.session(issued_at=NOW))
    assert world.decide(snapshot, "GET", b"/api/pets/1", world.session(issued_at=NOW + 2))


def test_a_session_seen_before_is_taken_back_too(world: Any, directory_of: DirectoryOf) -> None:
    """Nothing remembered of it outlives the change."""
    keys, first = world.session(), world.snapshot()
    assert world.decide(first, "GET", b"/api/pets/1", keys)
    epochs = [(("role", world.role.id), float(NOW + 1))]
    directory = directory_of(roles=[("guests", world.role)], epochs=epochs)
    changed = frozenset({Change("epoch", f"role:{world.role.id}")})
    with pytest.raises(errors.UnrecognizedClient):
        world.decide(first.after(dataclasses.replace(directory, changed=changed)), "GET", b"/api/pets/1", keys)


def test_an_expired_session(world: Any) -> None:
    with pytest.raises(errors.ExpiredToken):
        world.decide(world.snapshot(), "GET", b"/api/pets/1", world.session(expiration=NOW))


def user(**more: Any) -> User:
    return User("ann", "/", "AIDAANNANNANNANNANNAN", "arn:aws:iam::123456789012:user/ann", **more)


def with_user(world: Any, directory_of: DirectoryOf, ann: User | None, **more: Any) -> Any:
    key = AccessKey("AKIAANNANNANNANNANNA", "s" * 40, user_name="ann", **more.pop("key", {}))
    users = [] if ann is None else [("ann", ann)]
    return world.snapshot(directory=directory_of(access_keys=[(key.id, key)], users=users, **more))


ANN = Keys("AKIAANNANNANNANNANNA", "s" * 40)


def test_a_user_s_policies(world: Any, statement: Statement, directory_of: DirectoryOf) -> None:
    """Inline, managed, and those of the user's groups; a permissions boundary limits them all."""
    mine = user(
        inline_policies={"a": document(statement("GET/pets/1"))}, attached_policies=(MANAGED,), groups=("team",)
    )
    group = Group("team", "/", "AGPA", "arn", inline_policies={"b": document(statement("GET/pets/3"))})
    managed = [(MANAGED, document(statement("GET/pets/2")))]
    snapshot = with_user(world, directory_of, mine, groups=[("team", group)], managed_policies=managed)
    names = [
        world.decide(snapshot, "GET", f"/api/pets/{number}".encode(), ANN).verdict.policy.name for number in (1, 2, 3)
    ]
    assert names == ["inline policy `a` of user `ann`", "managed policy `invoke`", "inline policy `b` of group `team`"]
    bounded = dataclasses.replace(mine, permissions_boundary=MANAGED)
    snapshot = with_user(world, directory_of, bounded, groups=[("team", group)], managed_policies=managed)
    assert world.decide(snapshot, "GET", b"/api/pets/2", ANN)
    with pytest.raises(PolicyDenied, match="no permissions boundary allows"):
        world.decide(snapshot, "GET", b"/api/pets/1", ANN)


def test_keys_that_let_no_one_in(world: Any, directory_of: DirectoryOf) -> None:
    """Inactive, of a user who is gone, unknown, or a session's without its token."""
    reasons = []
    for snapshot, keys in (
        (with_user(world, directory_of, user(), key={"active": False}), ANN),
        (with_user(world, directory_of, None), ANN),
        (world.snapshot(), Keys("AKIANOBODYNOBODYNOBO", "x" * 40)),
        (world.snapshot(), world.session()._replace(session_token=None)),
    ):
        with pytest.raises(errors.UnrecognizedClient) as raised:
            world.decide(snapshot, "GET", b"/api/pets/1", keys)
        reasons.append(raised.value.detail)
    assert [reason.partition("` ")[2] for reason in reasons[:1]] == ["is inactive"]
    assert "the user `ann` of the access key" in reasons[1]
    assert reasons[2].endswith("is not known")
    assert "no session token came with it" in reasons[3]


@pytest.mark.parametrize(
    "more",
    [
        {"inline_policies": {"a": "no JSON"}},
        {"attached_policies": ("arn:aws:iam::123456789012:policy/unknown",)},
        {"permissions_boundary": "arn:aws:iam::123456789012:policy/unknown"},
    ],
)
def test_what_cannot_be_read_denies(world: Any, statement: Statement, directory_of: DirectoryOf, more: Any) -> None:
    """It may hold a Deny."""
    policies = {"p": document(statement("*/*")), **more.pop("inline_policies", {})}
    world.role = dataclasses.replace(world.role, inline_policies=policies, **more)
    with pytest.raises(PolicyDenied):
        world.decide(world.snapshot(), "GET", b"/api/pets/1", world.session())


def test_standings_are_bounded(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was seen first is forgotten first."""
    monkeypatch.setattr(standing_module, "MOST", 3)
    snapshot = world.snapshot()
    for _ in range(8):
        assert world.decide(snapshot, "GET", b"/api/pets/1", world.session())
    assert len(snapshot.standings._known) == 3


def test_sessions_of_a_role_share_its_policies(world: Any) -> None:
    """A million guests are not a million compiled policies."""
    snapshot = world.snapshot()
    one, other = (world.decide(snapshot, "GET", b"/api/pets/1", world.session()) for _ in range(2))
    assert one.standing is not other.standing
    assert one.standing.policies is other.standing.policies


@pytest.mark.parametrize("variable", ["${cognito-identity.amazonaws.com:sub}", "${aws:userid}", "${aws:SourceIp}"])
def test_what_was_allowed_to_one_is_not_allowed_to_all(world: Any, statement: Statement, variable: str) -> None:
    """A verdict is remembered for others only if it does not depend on who asks."""
    snapshot = world.allowing(statement(f"GET/pets/{variable}"))
    one, other = (
        world.session(session_name="one", identity_id="one"),
        world.session(session_name="two", identity_id="two"),
    )
    name = {"sub": "one", "userid": "AROAGUESTSGUESTSGUEST:one", "SourceIp": "192.0.2.7"}[
        variable[:-1].rpartition(":")[2]
    ]
    path = f"/api/pets/{name}".encode()
    assert world.decide(snapshot, "GET", path, one)
    if "SourceIp" in variable:
        assert world.decide(snapshot, "GET", path, other)
    else:
        with pytest.raises(PolicyDenied):
            world.decide(snapshot, "GET", path, other)


def test_what_was_allowed_once_is_allowed_again(world: Any, statement: Statement) -> None:
    """To the same role's other sessions, for the same method only; a session policy is its session's own."""
    snapshot = world.allowing(statement("GET/pets/1"))
    for _ in range(2):
        decision = world.decide(snapshot, "GET", b"/api/pets/1", world.session())
        assert decision.verdict.policy.name == "inline policy `p` of role `guests`"
    for path in (b"/api/pets/2", b"/api/"):
        with pytest.raises(PolicyDenied):
            world.decide(snapshot, "GET", path, world.session())
    limited = world.session(session_policies=(document(statement("GET/pets/2")),), scoped_down=False)
    with pytest.raises(PolicyDenied):
        world.decide(snapshot, "GET", b"/api/pets/1", limited)


def test_what_is_remembered_is_bounded(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither many paths nor long ones fill the memory."""
    monkeypatch.setattr(standing_module, "MOST_ALLOWED", 10)
    monkeypatch.setattr(routing_module, "_MOST_REMEMBERED", 10)
    snapshot, keys = world.snapshot(), world.session()
    for number in range(50):
        assert world.decide(snapshot, "GET", f"/api/pets/{number}".encode(), keys)
    assert len(snapshot.standings._allowed) <= 10
    assert len(snapshot.routed) <= 10
    before = len(snapshot.standings._allowed), len(snapshot.routed)
    assert world.decide(snapshot, "GET", b"/api/pets/" + b"x" * 3000, keys)
    assert (len(snapshot.standings._allowed), len(snapshot.routed)) == before


def test_how_an_app_is_told_of_the_caller(world: Any) -> None:
    """All names are always there."""
    decision = world.decide(world.snapshot(), "GET", b"/api/pets/1", world.session())
    told = dict(decision.standing.headers)
    assert set(told) == {
        f"x-gatepass-{name}".encode()
        for name in ("access-key", "account", "caller", "user-arn", "identity-id", "identity-pool-id")
    }
    assert told[b"x-gatepass-caller"] == b"AROAGUESTSGUESTSGUEST:CognitoIdentityCredentials"
    root = world.decide(world.snapshot(), "GET", b"/api/pets/1", Keys("AKIAROOTROOTROOTROOT", "r" * 40))
    assert dict(root.standing.headers)[b"x-gatepass-identity-id"] == b""
