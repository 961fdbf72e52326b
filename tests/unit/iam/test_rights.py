"""Who may do what once IAM has written it: at the gate, at its next request, and as the simulator foretells."""

import dataclasses
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.errors import ServiceError
from gatepass.gateway.judging import judge_of
from gatepass.gateway.snapshot import Snapshot
from gatepass.http import Request
from gatepass.operation import Deployment
from gatepass.policy import GUEST_SESSION_POLICY_ARN
from gatepass.sigv4 import EMPTY_PAYLOAD_HASH, Keys, Verified, sign
from gatepass.store import AccessKey, Directory
from gatepass.tokens import Session, mint

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

ACCOUNT = "123456789012"
DEPLOYMENT = Deployment(ACCOUNT, "eu-central-1")
NOW = 1_800_000_000
TRUST = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}'
ACTIONS = tuple(f"books:Action{letter}" for letter in "ABCDEF")


def arn(resource: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{resource}"


def allow(*actions: str) -> str:
    return document(actions, ())


def document(allowed: Iterable[str], denied: Iterable[str]) -> str:
    statements = [
        {"Effect": effect, "Action": sorted(actions), "Resource": "*"}
        for effect, actions in (("Allow", allowed), ("Deny", denied))
        if actions
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


class Gate:
    """A gate that takes up what IAM writes."""

    def __init__(self, iam: "Iam") -> None:
        store = iam.store
        root = AccessKey("AKIAROOTROOTROOTROOT", "r" * 40)
        self._ring = store.key_ring
        self.snapshot = Snapshot(DEPLOYMENT, [], store.directory, self._ring, root)
        store.on_change(self._follow)

    def _follow(self, directory: Directory) -> None:
        self.snapshot = self.snapshot.after(directory)

    def verified(self, keys: Keys) -> Verified:
        """Raises: ServiceError, if the keys are not good."""
        request = Request("GET", b"/", b"", [(b"host", b"gate.test")], b"", "192.0.2.7")
        headers = [*request.headers, *sign(request, keys, region="eu-central-1", service="iam", now=NOW)]
        return self.snapshot.verifiers["iam"].verify(request._replace(headers=headers), EMPTY_PAYLOAD_HASH, NOW)

    def allowed(self, keys: Keys, actions: Iterable[str] = ACTIONS) -> set[str]:
        """What whoever has these keys may do."""
        verified = self.verified(keys)
        request = Request("GET", b"/", b"", [], b"", "192.0.2.7")
        judge = judge_of(self.snapshot, request, verified, NOW)
        return {action for action in actions if judge(action, "arn:aws:books:::shelf", {}).allowed}

    def refused(self, keys: Keys) -> str:
        with pytest.raises(ServiceError) as refusal:
            self.verified(keys)
        return refusal.value.code

    def session(self, role: Mapping[str, Any], **more: Any) -> Keys:
        """Of a role, as IAM answered it."""
        given: dict[str, Any] = {
            "kind": "role-session",
            "account": ACCOUNT,
            "issued_at": NOW,
            "expiration": NOW + 3600,
            "role_arn": role["Arn"],
            "role_id": role["RoleId"],
            "session_name": "s",
            **more,
        }
        minted = mint(self._ring, Session(**given), salt=os.urandom(16), access_key_entropy=os.urandom(6))
        return Keys(minted.access_key_id, minted.secret_access_key, minted.session_token)


def key_of(iam: "Iam", user: str) -> Keys:
    made = iam.boto("CreateAccessKey", UserName=user)["AccessKey"]
    return Keys(made["AccessKeyId"], made["SecretAccessKey"])


@pytest.fixture
def gate(iam: "Iam") -> Gate:
    return Gate(iam)


@pytest.fixture
def policy(iam: "Iam") -> Callable[[str, str], str]:
    """Makes a managed policy; gives its ARN."""

    def make(name: str, text: str) -> str:
        found: str = iam.boto("CreatePolicy", PolicyName=name, PolicyDocument=text)["Policy"]["Arn"]
        return found

    return make


Policy = Callable[[str, str], str]


@pytest.fixture
def role(iam: "Iam") -> Mapping[str, Any]:
    found: Mapping[str, Any] = iam.boto("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]
    return found


# --- one limit after the other


def test_a_role_has_nothing_but_its_policies(iam: "Iam", gate: Gate, role: Mapping[str, Any], policy: Policy) -> None:
    keys = gate.session(role)
    assert gate.allowed(keys) == set()
    iam.boto("PutRolePolicy", RoleName="r", PolicyName="p", PolicyDocument=allow(ACTIONS[0]))
    assert gate.allowed(keys) == {ACTIONS[0]}
    attached = policy("attached", allow(ACTIONS[1]))
    iam.boto("AttachRolePolicy", RoleName="r", PolicyArn=attached)
    assert gate.allowed(keys) == {ACTIONS[0], ACTIONS[1]}
    iam.boto("DeleteRolePolicy", RoleName="r", PolicyName="p")
    assert gate.allowed(keys) == {ACTIONS[1]}
    iam.boto("DetachRolePolicy", RoleName="r", PolicyArn=attached)
    assert gate.allowed(keys) == set()


def test_a_boundary_limits(iam: "Iam", gate: Gate, role: Mapping[str, Any], policy: Policy) -> None:
    """It gives nothing, and takes what it does not allow."""
    keys = gate.session(role)
    boundary = policy("boundary", allow(*ACTIONS[1:3]))
    iam.boto("PutRolePermissionsBoundary", RoleName="r", PermissionsBoundary=boundary)
    assert gate.allowed(keys) == set()
    iam.boto("PutRolePolicy", RoleName="r", PolicyName="p", PolicyDocument=allow(*ACTIONS[:2]))
    assert gate.allowed(keys) == {ACTIONS[1]}
    iam.boto("DeleteRolePermissionsBoundary", RoleName="r")
    assert gate.allowed(keys) == set(ACTIONS[:2])


def test_a_boundary_from_the_beginning(iam: "Iam", gate: Gate, policy: Policy) -> None:
    """Of a role and of a user."""
    boundary = policy("boundary", allow(ACTIONS[0]))
    given = {"RoleName": "bound", "AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": boundary}
    keys = gate.session(iam.boto("CreateRole", **given)["Role"])
    iam.boto("PutRolePolicy", RoleName="bound", PolicyName="p", PolicyDocument=allow("*"))
    assert gate.allowed(keys) == {ACTIONS[0]}
    iam.boto("CreateUser", UserName="bound", PermissionsBoundary=boundary)
    iam.boto("PutUserPolicy", UserName="bound", PolicyName="p", PolicyDocument=allow("*"))
    assert gate.allowed(key_of(iam, "bound")) == {ACTIONS[0]}


def test_session_policies_limit(iam: "Iam", gate: Gate, role: Mapping[str, Any], policy: Policy) -> None:
    """Those that came with the session and those it names: what any of them allows, if the role does too."""
    iam.boto("PutRolePolicy", RoleName="r", PolicyName="p", PolicyDocument=allow(*ACTIONS[:4]))
    named = policy("named", allow(*ACTIONS[1:3]))
    inline = allow(ACTIONS[3], ACTIONS[5])
    assert gate.allowed(gate.session(role, session_policy_arns=(named,))) == set(ACTIONS[1:3])
    assert gate.allowed(gate.session(role, session_policies=(inline,))) == {ACTIONS[3]}
    both = gate.session(role, session_policies=(inline,), session_policy_arns=(named,))
    assert gate.allowed(both) == set(ACTIONS[1:4])
    iam.boto("CreatePolicyVersion", PolicyArn=named, PolicyDocument=allow(ACTIONS[0]), SetAsDefault=True)
    assert gate.allowed(both) == {ACTIONS[0], ACTIONS[3]}
    iam.boto("PutRolePermissionsBoundary", RoleName="r", PermissionsBoundary=named)
    assert gate.allowed(both) == {ACTIONS[0]}


def test_a_session_policy_that_was_deleted(iam: "Iam", gate: Gate, role: Mapping[str, Any], policy: Policy) -> None:
    """It might have denied something: the session may do nothing."""
    iam.boto("PutRolePolicy", RoleName="r", PolicyName="p", PolicyDocument=allow("*"))
    keys = gate.session(role, session_policies=(allow("*"),), session_policy_arns=(policy("named", allow("*")),))
    assert gate.allowed(keys) == set(ACTIONS)
    iam.boto("DeletePolicy", PolicyArn=arn("policy/named"))
    assert gate.allowed(keys) == set()


def test_guests_of_the_enhanced_flow(iam: "Iam", gate: Gate, role: Mapping[str, Any]) -> None:
    """Whatever their role may do: what the policy that IAM shows allows, and what Cognito adds to it."""
    iam.boto("PutRolePolicy", RoleName="r", PolicyName="p", PolicyDocument=allow("*"))
    named = {"PolicyArn": GUEST_SESSION_POLICY_ARN}
    default = iam.boto("GetPolicy", **named)["Policy"]["DefaultVersionId"]
    shown = iam.boto("GetPolicyVersion", **named, VersionId=default)["PolicyVersion"]["Document"]
    statements = json.loads(unquote(shown))["Statement"]
    at_least = {action.replace("*", "X") for statement in statements for action in statement["Action"]}
    asked = {*at_least, "execute-api:Invoke", "iam:ListUsers", *ACTIONS}
    assert gate.allowed(gate.session(role, scoped_down=True), asked) == {*at_least, "execute-api:Invoke"}
    assert gate.allowed(gate.session(role), asked) == asked


def test_one_of_awss_policies_is_attached(iam: "Iam", gate: Gate, role: Mapping[str, Any]) -> None:
    actions = ["iam:ListUsers", "iam:CreateUser"]
    iam.boto("AttachRolePolicy", RoleName="r", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assert gate.allowed(gate.session(role), actions) == {"iam:ListUsers"}
    iam.boto("AttachRolePolicy", RoleName="r", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    assert gate.allowed(gate.session(role), actions) == set(actions)


# --- users, their groups and keys


def test_a_user_and_its_groups(iam: "Iam", gate: Gate, policy: Policy) -> None:
    """All their policies count; a deny anywhere does too; who leaves takes nothing along."""
    iam.boto("CreateUser", UserName="ann")
    iam.boto("CreateGroup", GroupName="readers")
    keys = key_of(iam, "ann")
    iam.boto("PutUserPolicy", UserName="ann", PolicyName="p", PolicyDocument=allow(ACTIONS[0]))
    iam.boto("AttachUserPolicy", UserName="ann", PolicyArn=policy("own", allow(ACTIONS[1])))
    iam.boto("PutGroupPolicy", GroupName="readers", PolicyName="p", PolicyDocument=allow(ACTIONS[2]))
    iam.boto("AttachGroupPolicy", GroupName="readers", PolicyArn=policy("shared", allow(ACTIONS[3])))
    assert gate.allowed(keys) == set(ACTIONS[:2])
    iam.boto("AddUserToGroup", GroupName="readers", UserName="ann")
    assert gate.allowed(keys) == set(ACTIONS[:4])
    iam.boto("PutGroupPolicy", GroupName="readers", PolicyName="d", PolicyDocument=document((), ACTIONS[:1]))
    assert gate.allowed(keys) == set(ACTIONS[1:4])
    iam.boto("PutUserPermissionsBoundary", UserName="ann", PermissionsBoundary=arn("policy/shared"))
    assert gate.allowed(keys) == {ACTIONS[3]}
    iam.boto("RemoveUserFromGroup", GroupName="readers", UserName="ann")
    assert gate.allowed(keys) == set()


def test_a_key_is_stopped(iam: "Iam", gate: Gate) -> None:
    """At its next request; and let in again."""
    iam.boto("CreateUser", UserName="ann")
    iam.boto("PutUserPolicy", UserName="ann", PolicyName="p", PolicyDocument=allow("*"))
    keys = key_of(iam, "ann")
    named = {"UserName": "ann", "AccessKeyId": keys.access_key_id}
    assert gate.allowed(keys) == set(ACTIONS)
    iam.boto("UpdateAccessKey", **named, Status="Inactive")
    assert gate.refused(keys) == "UnrecognizedClient"
    iam.boto("UpdateAccessKey", **named, Status="Active")
    assert gate.allowed(keys) == set(ACTIONS)
    iam.boto("DeleteAccessKey", **named)
    assert gate.refused(keys) == "UnrecognizedClient"


def test_a_user_is_renamed(iam: "Iam", gate: Gate) -> None:
    """Its keys and groups go along."""
    iam.boto("CreateUser", UserName="ann")
    iam.boto("CreateGroup", GroupName="g")
    iam.boto("PutGroupPolicy", GroupName="g", PolicyName="p", PolicyDocument=allow(ACTIONS[0]))
    iam.boto("AddUserToGroup", GroupName="g", UserName="ann")
    keys = key_of(iam, "ann")
    assert gate.verified(keys).principal.arn == arn("user/ann")
    iam.boto("UpdateUser", UserName="ann", NewUserName="bea", NewPath="/team/")
    assert gate.verified(keys).principal.arn == arn("user/team/bea")
    assert gate.allowed(keys) == {ACTIONS[0]}
    iam.boto("UpdateGroup", GroupName="g", NewGroupName="h")
    assert gate.allowed(keys) == {ACTIONS[0]}


def test_a_name_that_is_given_again(iam: "Iam", gate: Gate, role: Mapping[str, Any]) -> None:
    """A session of the role that was deleted is not one of its namesake."""
    keys = gate.session(role)
    iam.boto("DeleteRole", RoleName="r")
    iam.boto("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST)
    assert gate.refused(keys) == "UnrecognizedClient"


# --- all of it at once


@dataclass(frozen=True)
class Said:
    """A policy: what it allows, what it denies."""

    allowed: frozenset[str]
    denied: frozenset[str]

    def text(self) -> str:
        return document(self.allowed, self.denied)


PARTS = st.frozensets(st.sampled_from(ACTIONS))
SAID = st.builds(Said, PARTS, st.one_of(st.just(frozenset[str]()), PARTS)).filter(
    lambda said: said.allowed or said.denied
)


@dataclass(frozen=True)
class Rights:
    """Everything that has a say about a user or a role session."""

    inline: tuple[Said, ...]
    attached: tuple[Said, ...]
    boundary: Said | None
    group_inline: tuple[Said, ...]
    group_attached: tuple[Said, ...]
    session_inline: tuple[Said, ...]
    session_named: tuple[Said, ...]

    def expected(self) -> set[str]:
        """By AWS's words: allowed by an identity policy, by the boundary and by a session policy, denied by none."""
        identity = (*self.inline, *self.attached, *self.group_inline, *self.group_attached)
        session = (*self.session_inline, *self.session_named)
        bounds = () if self.boundary is None else (self.boundary,)
        may = {action for said in identity for action in said.allowed}
        if self.boundary is not None:
            may &= self.boundary.allowed
        if session:
            may &= {action for said in session for action in said.allowed}
        return may - {action for said in (*identity, *bounds, *session) for action in said.denied}


def few(most: int) -> st.SearchStrategy[tuple[Said, ...]]:
    return st.lists(SAID, max_size=most).map(tuple)


BOUNDARY = st.none() | SAID
OF_A_ROLE = st.builds(Rights, few(2), few(2), BOUNDARY, st.just(()), st.just(()), few(1), few(2))
OF_A_USER = st.builds(Rights, few(2), few(2), BOUNDARY, few(1), few(1), st.just(()), st.just(()))


@dataclass
class World:
    """One role and one user in a group, whose policies are put anew for each example."""

    iam: "Iam"
    gate: Gate
    role: Mapping[str, Any]
    user: Keys
    made: int = 0

    def managed(self, said: Said) -> str:
        self.made += 1
        given = {"PolicyName": f"p{self.made}", "PolicyDocument": said.text()}
        found: str = self.iam.boto("CreatePolicy", **given)["Policy"]["Arn"]
        return found

    def put(self, kind: str, name: str, inline: tuple[Said, ...], attached: tuple[Said, ...]) -> None:
        """In place of what was there."""
        boto, named = self.iam.boto, {f"{kind}Name": name}
        for policy in boto(f"List{kind}Policies", **named)["PolicyNames"]:
            boto(f"Delete{kind}Policy", **named, PolicyName=policy)
        for policy in boto(f"ListAttached{kind}Policies", **named)["AttachedPolicies"]:
            boto(f"Detach{kind}Policy", **named, PolicyArn=policy["PolicyArn"])
        for number, said in enumerate(inline):
            boto(f"Put{kind}Policy", **named, PolicyName=f"p{number}", PolicyDocument=said.text())
        for said in attached:
            boto(f"Attach{kind}Policy", **named, PolicyArn=self.managed(said))

    def bind(self, kind: str, name: str, boundary: Said | None) -> None:
        named = {f"{kind}Name": name}
        if boundary is None:
            self.iam.boto(f"Delete{kind}PermissionsBoundary", **named)
        else:
            self.iam.boto(f"Put{kind}PermissionsBoundary", **named, PermissionsBoundary=self.managed(boundary))

    def tidy(self) -> None:
        """No more policies than an account may have."""
        for policy in self.iam.boto("ListPolicies", Scope="Local", MaxItems=1000)["Policies"]:
            if not policy["AttachmentCount"] and not policy["PermissionsBoundaryUsageCount"]:
                self.iam.boto("DeletePolicy", PolicyArn=policy["Arn"])

    def simulated(self, source: str) -> set[str]:
        given = {"PolicySourceArn": source, "ActionNames": list(ACTIONS)}
        results = self.iam.boto("SimulatePrincipalPolicy", **given)["EvaluationResults"]
        return {result["EvalActionName"] for result in results if result["EvalDecision"] == "allowed"}


@pytest.fixture(scope="module")
def world(shared_iam: "Iam") -> World:
    role = shared_iam.boto("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]
    shared_iam.boto("CreateUser", UserName="u")
    shared_iam.boto("CreateGroup", GroupName="g")
    shared_iam.boto("AddUserToGroup", GroupName="g", UserName="u")
    return World(shared_iam, Gate(shared_iam), role, key_of(shared_iam, "u"))


MANY = settings(max_examples=60)


@MANY
@given(rights=OF_A_ROLE)
def test_rights_of_a_role_session(world: World, rights: Rights) -> None:
    world.put("Role", "r", rights.inline, rights.attached)
    world.bind("Role", "r", rights.boundary)
    named = tuple(world.managed(said) for said in rights.session_named)
    texts = tuple(said.text() for said in rights.session_inline)
    keys = world.gate.session(world.role, session_policies=texts, session_policy_arns=named)
    assert world.gate.allowed(keys) == rights.expected()
    unlimited = dataclasses.replace(rights, session_inline=(), session_named=())
    assert world.gate.allowed(world.gate.session(world.role)) == unlimited.expected()
    assert world.simulated(arn("role/r")) == unlimited.expected()
    world.tidy()


@MANY
@given(rights=OF_A_USER)
def test_rights_of_a_user(world: World, rights: Rights) -> None:
    world.put("User", "u", rights.inline, rights.attached)
    world.put("Group", "g", rights.group_inline, rights.group_attached)
    world.bind("User", "u", rights.boundary)
    assert world.gate.allowed(world.user) == rights.expected()
    assert world.simulated(arn("user/u")) == rights.expected()
    world.tidy()
