"""What whole policies decide, which statement is named, and that remembering and binding change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatepass.policy import (
    ANONYMOUS,
    Caller,
    Constants,
    Context,
    Policies,
    Policy,
    PolicyType,
    Query,
    Source,
    Verdict,
    compile_stored,
    evaluate,
    explain,
)
from gatepass.policy.evaluate import _LONGEST_REMEMBERED, _MAX_DECISIONS, _decisions

if TYPE_CHECKING:
    from tests.unit.policy.conftest import Make

METHOD = "arn:aws:execute-api:us-east-1:111122223333:api1/prod/GET/pets"
ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
DENY: dict[str, Any] = {**ALLOW, "Effect": "Deny"}


def ask(caller: Caller, resource: str = METHOD, action: str = "execute-api:Invoke", **context: Any) -> Query:
    return Query(action, resource, caller, "111122223333", {f"test:{name}": value for name, value in context.items()})


def test_nothing_is_allowed_without_an_allow(make: Make, caller: Caller) -> None:
    assert evaluate(Policies(), ask(caller)) == Verdict("implicitDeny", PolicyType.IDENTITY)
    assert evaluate(Policies([make({**ALLOW, "Action": "s3:*"})]), ask(caller)).outcome == "implicitDeny"


def test_the_deciding_statement_is_named(make: Make, caller: Caller) -> None:
    other = make({**ALLOW, "Action": "s3:*"}, name="other")
    mine = make({**ALLOW, "Resource": "arn:aws:s3:::b"}, {**ALLOW, "Sid": "Here"}, name="mine")
    verdict = evaluate(Policies([other, mine]), ask(caller))
    assert verdict == Verdict("allowed", PolicyType.IDENTITY, mine.source, 1, "Here")
    assert verdict.allowed


@pytest.mark.parametrize("policy_type", [PolicyType.IDENTITY, PolicyType.SESSION, PolicyType.BOUNDARY])
def test_a_deny_of_any_type_wins_and_is_named(make: Make, caller: Caller, policy_type: PolicyType) -> None:
    denying = make(DENY, type=policy_type)
    allowing = make(ALLOW)
    pools: dict[str, list[Policy]] = {"identity": [allowing], "session": [allowing], "boundary": [allowing]}
    pools[policy_type.value] = [allowing, denying]
    verdict = evaluate(Policies(pools["identity"], pools["session"], pools["boundary"]), ask(caller))
    assert verdict == Verdict("explicitDeny", policy_type, denying.source, 0, None)


def test_no_policy_of_a_type_differs_from_one_that_allows_nothing(make: Make, caller: Caller) -> None:
    allow = make(ALLOW)
    assert evaluate(Policies([allow], session=None, boundary=None), ask(caller)).allowed
    assert evaluate(Policies([allow], session=()), ask(caller)) == Verdict("implicitDeny", PolicyType.SESSION)
    assert evaluate(Policies([allow], boundary=()), ask(caller)) == Verdict("implicitDeny", PolicyType.BOUNDARY)


def test_session_policies_are_one_pool(make: Make, caller: Caller) -> None:
    other = make({**ALLOW, "Action": "s3:*"}, type=PolicyType.SESSION)
    mine = make(ALLOW, type=PolicyType.SESSION)
    assert evaluate(Policies([make(ALLOW)], session=[other, mine]), ask(caller)).allowed
    assert not evaluate(Policies([make(ALLOW)], session=[other]), ask(caller)).allowed


def test_every_level_of_service_control_policies_must_allow(make: Make, caller: Caller) -> None:
    scp, other = make(ALLOW, type=PolicyType.SCP), make({**ALLOW, "Action": "s3:*"}, type=PolicyType.SCP)
    assert evaluate(Policies([make(ALLOW)], scp=[[other, scp], [scp]]), ask(caller)).allowed
    verdict = evaluate(Policies([make(ALLOW)], scp=[[scp], [other]]), ask(caller))
    assert verdict == Verdict("implicitDeny", PolicyType.SCP)


def test_resource_control_policies_only_deny(make: Make, caller: Caller) -> None:
    silent = make({**ALLOW, "Action": "s3:*", "Principal": "*"}, type=PolicyType.RCP)
    denying = make({**DENY, "Principal": "*"}, type=PolicyType.RCP)
    assert evaluate(Policies([make(ALLOW)], rcp=[[silent], []]), ask(caller)).allowed
    assert evaluate(Policies([make(ALLOW)], rcp=[[denying]]), ask(caller)).policy_type is PolicyType.RCP


def test_an_endpoint_policy_must_allow(make: Make, caller: Caller) -> None:
    allowing = make(ALLOW, type=PolicyType.VPCE)
    assert evaluate(Policies([make(ALLOW)], vpce=[allowing]), ask(caller)).allowed
    assert evaluate(Policies([make(ALLOW)], vpce=[]), ask(caller)) == Verdict("implicitDeny", PolicyType.VPCE)
    denying = make({**DENY, "Principal": "*"}, type=PolicyType.VPCE)
    verdict = evaluate(Policies([make(ALLOW)], vpce=[allowing, denying]), ask(caller))
    assert verdict == Verdict("explicitDeny", PolicyType.VPCE, denying.source, 0, None)


@pytest.mark.parametrize("policy_type", PolicyType)
def test_a_short_arn_is_filled_up_in_the_callers_own_policies_only(
    make: Make, caller: Caller, policy_type: PolicyType
) -> None:
    """Identity, session and boundary; a wildcard in it fills it up everywhere."""
    fills = policy_type in (PolicyType.IDENTITY, PolicyType.SESSION, PolicyType.BOUNDARY)
    for resource, met in (("arn:aws:execute-api:us-east-1", fills), ("arn:aws:execute-api:us-*", True)):
        (statement,) = make({**ALLOW, "Resource": resource}, type=policy_type).statements
        assert statement.has_resource(METHOD, Context()) is met
        (statement,) = make({**DENY, "Resource": resource}, type=policy_type).statements
        assert statement.has_resource(METHOD, Context())


def test_a_boundary_makes_every_not_principal_deny_apply(make: Make, caller: Caller) -> None:
    listed = [caller.arn, caller.role_arn, caller.account]
    sparing = make({**DENY, "NotPrincipal": {"AWS": listed}}, type=PolicyType.RESOURCE)
    assert evaluate(Policies([make(ALLOW)], resource=[sparing]), ask(caller)).allowed
    bounded = Policies([make(ALLOW)], boundary=[make(ALLOW, type=PolicyType.BOUNDARY)], resource=[sparing])
    assert evaluate(bounded, ask(caller)).outcome == "explicitDeny"


def test_the_strongest_of_several_grants_counts(make: Make, caller: Caller) -> None:
    delegating = {**ALLOW, "Principal": {"AWS": caller.account}}
    direct = {**ALLOW, "Principal": {"AWS": caller.arn}}
    policy = make(delegating, direct, type=PolicyType.RESOURCE)
    verdict = evaluate(Policies(session=[], resource=[policy]), ask(caller))
    assert verdict == Verdict("allowed", PolicyType.RESOURCE, policy.source, 1, None)


def test_of_equal_grants_the_first_is_named(make: Make, caller: Caller) -> None:
    public = {**ALLOW, "Principal": "*"}
    policy = make({**public, "Action": "s3:*"}, public, public, type=PolicyType.RESOURCE)
    assert evaluate(Policies(resource=[policy]), ask(caller)).statement == 1


def test_who_has_no_signature_needs_the_resource_policy(make: Make) -> None:
    public = make({**ALLOW, "Principal": "*"}, type=PolicyType.RESOURCE)
    assert evaluate(Policies(resource=[public]), ask(ANONYMOUS)).allowed
    assert evaluate(Policies(), ask(ANONYMOUS)) == Verdict("implicitDeny", PolicyType.RESOURCE)


PLAIN = (PolicyType.IDENTITY, PolicyType.SESSION, PolicyType.BOUNDARY, PolicyType.SCP)


@pytest.mark.parametrize("policy_type", PolicyType)
def test_a_policy_is_used_as_what_it_was_compiled_as(make: Make, caller: Caller, policy_type: PolicyType) -> None:
    policy = make(ALLOW, type=policy_type)
    if policy_type in PLAIN:
        policies = Policies([policy], [policy], [policy], scp=[[policy]])
        assert explain(policies, ask(caller)).verdict == evaluate(policies, ask(caller))
        with pytest.raises(ValueError, match="another type"):
            Policies(resource=[policy])
    else:
        assert Policies(resource=[policy], rcp=[[policy]], vpce=[policy])
        with pytest.raises(ValueError, match="another type"):
            Policies([policy])


def test_an_unowned_resource_is_the_callers_own(make: Make, caller: Caller) -> None:
    assert evaluate(Policies([make(ALLOW)]), ask(caller)._replace(resource_account="")).allowed
    other = ask(caller)._replace(resource_account="999988887777")
    assert evaluate(Policies([make(ALLOW)]), other) == Verdict("implicitDeny", PolicyType.RESOURCE)


def test_asking_who_one_is_is_allowed_whatever_denies(make: Make, caller: Caller) -> None:
    everything = make({"Effect": "Deny", "Action": "*", "Resource": "*"})
    assert evaluate(Policies([everything]), ask(caller, "*", "sts:GetCallerIdentity")) == Verdict("allowed")


@pytest.mark.parametrize(
    ("pattern", "allowed", "denied"),
    [
        ("*", True, True),
        ("*:*", True, True),
        ("execute-api:inv*", True, True),
        ("EXECUTE-API:?nvoke", True, True),
        ("*:Invoke", False, True),
        ("exec*:Invoke", False, True),
        ("execute-api:Invok", False, False),
        ("execute-apiXInvoke", False, False),
    ],
)
def test_a_wildcard_in_the_service_prefix_counts_only_where_it_limits(
    make: Make, caller: Caller, pattern: str, allowed: bool, denied: bool
) -> None:
    assert evaluate(Policies([make({**ALLOW, "Action": pattern})]), ask(caller)).allowed is allowed
    denying = make(ALLOW, {**DENY, "Action": pattern})
    assert evaluate(Policies([denying]), ask(caller)).allowed is not denied
    all_but = {"Effect": "Allow", "NotAction": pattern, "Resource": "*"}
    assert evaluate(Policies([make(all_but)]), ask(caller)).allowed is not denied
    deny_all_but = make(ALLOW, {**all_but, "Effect": "Deny"})
    assert evaluate(Policies([deny_all_but]), ask(caller)).allowed is allowed


@pytest.mark.parametrize("missing", ["Action", "Resource", "Principal"])
def test_a_statement_without_an_element_grants_nothing_and_denies(make: Make, caller: Caller, missing: str) -> None:
    def without(effect: str) -> Policy:
        whole = {**ALLOW, "Effect": effect, "Principal": {"AWS": caller.arn}}
        return make({k: v for k, v in whole.items() if k != missing}, type=PolicyType.RESOURCE)

    assert not evaluate(Policies(resource=[without("Allow")]), ask(caller)).allowed
    assert evaluate(Policies([make(ALLOW)], resource=[without("Deny")]), ask(caller)).outcome == "explicitDeny"


def test_identity_policies_do_not_look_at_principals(make: Make, caller: Caller) -> None:
    assert evaluate(Policies([make({**ALLOW, "Principal": {"AWS": "999988887777"}})]), ask(caller)).allowed


def test_a_text_that_cannot_be_read_denies_everything(caller: Caller, make: Make) -> None:
    broken = compile_stored("{", Source(PolicyType.IDENTITY, "inline policy `x`"))
    verdict = evaluate(Policies([make(ALLOW), broken]), ask(caller))
    assert verdict.outcome == "explicitDeny"
    assert verdict.policy == Source(PolicyType.IDENTITY, "inline policy `x` (cannot be read)")
    resource = compile_stored("[]", Source(PolicyType.RESOURCE, "the API's policy"))
    assert evaluate(Policies([make(ALLOW)], resource=[resource]), ask(caller)).outcome == "explicitDeny"
    session = compile_stored('{"Statement":1}', Source(PolicyType.SESSION, "the session policy"))
    assert evaluate(Policies([make(ALLOW)], session=[session]), ask(caller)).outcome == "explicitDeny"


# --- remembering


MANY = [{**ALLOW, "Action": f"s3:A{number}"} for number in range(3)]


def test_what_is_remembered_is_told_apart_by_all_that_was_asked(make: Make, caller: Caller) -> None:
    conditional = {**ALLOW, "Resource": METHOD, "Condition": {"StringEquals": {"test:k": "a"}}}
    policies = Policies([make(*MANY, conditional)])
    for _ in range(3):
        assert evaluate(policies, ask(caller, k="a")).allowed
        assert not evaluate(policies, ask(caller, k="b")).allowed
        assert not evaluate(policies, ask(caller)).allowed
        assert not evaluate(policies, ask(caller, k=("a",))).allowed
        assert not evaluate(policies, ask(caller, METHOD + "x", k="a")).allowed
        assert not evaluate(policies, ask(caller, action="execute-api:Other", k="a")).allowed
        assert not evaluate(policies, ask(caller, k="a")._replace(resource_account="999988887777")).allowed


@pytest.mark.parametrize("key", ["k", "l", "m", "v"])
def test_what_is_remembered_is_told_apart_by_every_key_that_is_read(make: Make, caller: Caller, key: str) -> None:
    """Those of conditions and those of variables, in conditions and in resources."""
    conditional = {
        **ALLOW,
        "Resource": f"{METHOD}/${{test:v}}",
        "Condition": {"StringEquals": {"test:k": "a", "test:l": ["${test:m}", "b"]}},
    }
    policies, good = Policies([make(*MANY, conditional)]), {"k": "a", "l": "a", "m": "a", "v": "a"}
    for _ in range(3):
        assert evaluate(policies, ask(caller, f"{METHOD}/a", **good)).allowed
        assert not evaluate(policies, ask(caller, f"{METHOD}/a", **{**good, key: "c"})).allowed


def test_what_is_remembered_is_told_apart_by_caller(make: Make, caller: Caller) -> None:
    named = {**ALLOW, "Principal": {"AWS": caller.arn}, "Condition": {"Null": {"test:k": "true"}}}
    policies = Policies(resource=[make(named, type=PolicyType.RESOURCE)])
    other = caller._replace(arn=caller.arn + "2")
    for _ in range(3):
        assert evaluate(policies, ask(caller)).allowed
        assert not evaluate(policies, ask(other)).allowed


def test_policies_are_never_told_what_others_decided(make: Make, caller: Caller) -> None:
    guarded = {**ALLOW, "Condition": {"StringEqualsIfExists": {"test:k": "a"}}}
    for _ in range(3):
        assert evaluate(Policies([make(guarded)]), ask(caller)).allowed
        assert not evaluate(Policies([make({**guarded, "Effect": "Deny"})]), ask(caller)).allowed


@pytest.mark.parametrize("time", ["aws:CurrentTime", "aws:EpochTime"])
def test_a_decision_that_holds_for_an_instant_is_not_remembered(make: Make, caller: Caller, time: str) -> None:
    until = {**ALLOW, "Condition": {"DateLessThan": {time: "2026-01-01"}}}
    policies = Policies([make(*MANY, until)])

    class Clock(Context):
        """Counts how often the time is read."""

        reads = 0

        def __missing__(self, key: str) -> str | None:
            if key == time.lower():
                Clock.reads += 1
                return "2025-06-01" if Clock.reads < 3 else "2026-06-01"
            return None

    query = ask(caller)._replace(context=Clock())
    assert [evaluate(policies, query).allowed for _ in range(3)] == [True, True, False]


def test_any_number_of_paths_is_answered_alike(make: Make, caller: Caller) -> None:
    guarded = {**ALLOW, "Resource": "*/GET/*", "Condition": {"Null": {"test:k": "true"}}}
    policies = Policies([make(guarded)])
    for number in range(9_000):
        assert evaluate(policies, ask(caller, f"{METHOD}/{number}")).allowed
    assert evaluate(policies, ask(caller, METHOD + "x" * 5_000)).allowed
    assert len(_decisions) <= _MAX_DECISIONS
    assert max(len(part) for key in _decisions for part in key if isinstance(part, str)) <= _LONGEST_REMEMBERED


# --- binding


def test_binding_returns_the_same_policies_where_nothing_depends_on_the_session(make: Make) -> None:
    policies = Policies([make(ALLOW, {**DENY, "Condition": {"Null": {"test:k": "false"}}})])
    assert policies.bind(Constants({"aws:userid": "x"})) is policies


@pytest.mark.parametrize("policy_type", PolicyType)
def test_binding_keeps_every_type_that_limits(make: Make, caller: Caller, policy_type: PolicyType) -> None:
    mine = make({**ALLOW, "Condition": {"StringEquals": {"test:me": "a"}}})
    other = make({**ALLOW, "Action": "s3:*", "Principal": "*"}, type=policy_type)
    denying = make({**DENY, "Principal": "*"}, type=policy_type)
    limits: dict[PolicyType, dict[str, Any]] = {
        PolicyType.SESSION: {"session": [other]},
        PolicyType.BOUNDARY: {"boundary": [other]},
        PolicyType.RESOURCE: {"resource": [denying]},
        PolicyType.TRUST: {"resource": [other]},
        PolicyType.SCP: {"scp": [[other]]},
        PolicyType.RCP: {"rcp": [[denying]]},
        PolicyType.VPCE: {"vpce": [other]},
    }
    policies = Policies([mine], **limits.get(policy_type, {}))
    bound, query = policies.bind(Constants({"test:me": "a"})), ask(caller, me="a")
    assert bound is not policies
    assert evaluate(bound, query) == evaluate(policies, query)
    assert evaluate(bound, query).allowed is (policy_type is PolicyType.IDENTITY)


def test_binding_decides_alike(make: Make, caller: Caller) -> None:
    mine = "arn:aws:execute-api:us-east-1:111122223333:api1/prod/GET/${test:me}/*"
    policies = Policies(
        [make({**ALLOW, "Resource": mine}, {**DENY, "Condition": {"StringEquals": {"test:me": "bad"}}})]
    )
    for me, path, outcome in (
        ("alice", "alice", "allowed"),
        ("alice", "bob", "implicitDeny"),
        ("*", "bob", "implicitDeny"),
        ("bad", "bad", "explicitDeny"),
        (None, "x", "implicitDeny"),
    ):
        context = {} if me is None else {"test:me": me}
        bound = policies.bind(Constants(context, keys=["test:me"]))
        query = Query("execute-api:Invoke", f"{METHOD.removesuffix('pets')}{path}/f", caller, "", context)
        assert evaluate(policies, query).outcome == outcome
        assert evaluate(bound, query) == evaluate(policies, query)
        assert evaluate(bound, query._replace(context={})).outcome == outcome, "the request no longer enters it"


def test_constants_know_which_absent_keys_stay_absent() -> None:
    constants = Constants({"aws:UserId": "x"}, keys=["aws:UserName"], prefixes=("aws:PrincipalTag/",))
    assert [
        key for key in ("aws:userid", "aws:username", "aws:principaltag/t", "aws:sourceip") if constants.knows(key)
    ] == [
        "aws:userid",
        "aws:username",
        "aws:principaltag/t",
    ]
    assert constants["aws:username"] is None


def test_an_empty_set_in_the_context_is_absent() -> None:
    assert Context.of({"A": (), "B": "b", "C": None}) == {"b": "b"}
