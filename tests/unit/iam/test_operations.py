"""The table against AWS's service models: names, members, constraints, errors, resources."""

import typing
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import botocore.model
import botocore.session
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass import iam
from gatepass.errors import ServiceError
from gatepass.operation import Operation
from gatepass.principal import Principal
from gatepass.wire import query
from gatepass.wire.constraints import Kind, Length, ListOf, Pattern, Range, Scalar, Structure, shape_of

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

MODELS = {"iam": botocore.session.get_session().get_service_model("iam")}
OPERATIONS = iam.OPERATIONS
EACH = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


OTHERWISE = {"AttachmentName": r"[\w+=,.@*?-]+"}
"""Where the model's pattern leaves out what its own text allows: wildcards."""


def shape_members(operation: Operation) -> list[str]:
    """As they stand in a form; of a list, its first element."""
    names = []
    for member in shape_of(operation.takes).members:
        names.append(member.name)
        if isinstance(member.kind, ListOf) and isinstance(member.kind.element, Structure):
            names += [f"{member.name}.member.1.{inner.name}" for inner in member.kind.element.members]
    return names


@EACH
def test_input_shapes(operation: Operation) -> None:
    """Every member of the model, with its type and constraints, and none else."""
    model = MODELS[operation.service].operation_model(operation.name).input_shape
    assert described(shape_of(operation.takes)) == modelled(model)


def described(kind: Kind) -> Any:
    if isinstance(kind, Structure):
        return {member.name: (described(member.kind), member.required) for member in kind.members}
    if isinstance(kind, ListOf):
        return ("list", described(kind.element), constraints(kind.constraints))
    assert isinstance(kind, Scalar)
    return (kind.type.lower(), constraints(kind.constraints))


def constraints(given: tuple[object, ...]) -> dict[str, object]:
    found: dict[str, object] = {}
    for constraint in given:
        if isinstance(constraint, query.Spelling):
            constraint = constraint.pattern
        if isinstance(constraint, Length | Range):
            found |= {"min": constraint.minimum or 0, "max": constraint.maximum}
        elif isinstance(constraint, Pattern):
            found["pattern"] = constraint.text
    return found


def modelled(shape: botocore.model.Shape | None) -> Any:
    if shape is None:
        return {}
    if isinstance(shape, botocore.model.StructureShape):
        required = set(shape.required_members)
        return {name: (modelled(member), name in required) for name, member in shape.members.items()}
    limits = {name: shape.metadata[name] for name in ("min", "max", "pattern") if name in shape.metadata}
    if shape.name in OTHERWISE:
        limits["pattern"] = OTHERWISE[shape.name]
    if limits.keys() & {"min", "max"}:
        limits.setdefault("min", 0)
    if isinstance(shape, botocore.model.ListShape):
        return ("list", modelled(shape.member), limits)
    return (shape.type_name, limits)


@EACH
def test_output_shapes(operation: Operation) -> None:
    """No member that the model does not have, and every one it requires."""
    model = MODELS[operation.service].operation_model(operation.name).output_shape
    assert (operation.gives is None) == (model is None)
    if operation.gives is not None:
        assert unknown(operation.gives, model) == []


def unknown(shape: type[msgspec.Struct], model: Any) -> list[str]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    wrong = sorted(fields.keys() - model.members.keys()) + sorted(set(model.required_members) - fields.keys())
    for name, field in fields.items():
        for inner in structs(field.type):
            member = model.members[name]
            wrong += unknown(inner, member.member if member.type_name == "list" else member)
    return wrong


def structs(annotation: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from structs(argument)


def printed(shape: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    """A shape, and every one inside it."""
    yield shape
    for field in msgspec.structs.fields(shape):
        for inner in structs(field.type):
            yield from printed(inner)


PRINTED = {inner for operation in OPERATIONS if operation.gives for inner in printed(operation.gives)}
SHAPES = sorted(PRINTED, key=lambda shape: (shape.__module__, shape.__name__))


@pytest.mark.parametrize("shape", SHAPES)
def test_members_are_printed_in_the_order_of_a_java_hash_table(shape: type[msgspec.Struct]) -> None:
    """As AWS prints them (docs/decisions/0045)."""
    names = [field.encode_name for field in msgspec.structs.fields(shape)]
    assert names == sorted(names, key=lambda name: bucket(name[0].lower() + name[1:]))


def bucket(name: str) -> int:
    """Where `java.util.HashMap` keeps a string, in a table of 16."""
    code = 0
    for character in name:
        code = (31 * code + ord(character)) & 0xFFFFFFFF
    return (code ^ code >> 16) % 16


def test_the_order_is_that_of_recorded_answers() -> None:
    """Of a role, a caller, credentials, a page, a tag."""
    for recorded in (
        "path assumeRolePolicyDocument maxSessionDuration roleId roleLastUsed roleName description arn createDate tags",
        "arn userId account",
        "accessKeyId secretAccessKey sessionToken expiration",
        "isTruncated marker roles",
        "value key",
        "lastUsedDate region",
    ):
        assert recorded.split() == sorted(recorded.split(), key=bucket)


@EACH
def test_declared_errors_are_in_the_model(operation: Operation) -> None:
    """Or are what every operation may answer, or the boundary's `NoSuchEntity`, which the model of CreateRole lacks."""
    model = MODELS[operation.service].operation_model(operation.name)
    modelled_codes = {shape.metadata["error"]["code"] for shape in model.error_shapes}
    codes = {error_code(error) for error in operation.fails}
    assert codes - modelled_codes <= {"AccessDenied", "ValidationError", "NoSuchEntity", "ConcurrentModification"}


def error_code(error: type[ServiceError]) -> str:
    body = query.error(error("text"), "iam", "id").body.decode()
    return body.partition("<Code>")[2].partition("</Code>")[0]


NAMES = sorted({name for operation in OPERATIONS for name in shape_members(operation)})
TEXTS = st.one_of(st.text(), st.sampled_from(["", "/", "1", "-1", "3600", "true", "aws:", "arn:aws:iam::1:policy/p"]))


@given(st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text()), TEXTS))
def test_any_parameters_decode_or_are_refused(parameters: dict[str, str]) -> None:
    """By every operation; nothing else is raised."""
    for operation in OPERATIONS:
        refused = refusal(operation, parameters)
        assert refused is None or query.error(refused, "iam", "id").status == 400


def refusal(operation: Operation, parameters: dict[str, str]) -> ServiceError | None:
    try:
        query.decode(parameters, operation.takes, service="iam")
    except ServiceError as raised:
        return raised
    return None


def test_every_operation_needs_a_signature_and_a_permission() -> None:
    assert all(operation.signed and operation.needs_permission for operation in OPERATIONS)


CALLER = "arn:aws:iam::123456789012:user/caller"
POLICY = "arn:aws:iam::123456789012:policy/p"
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/issuer.example"


@pytest.mark.parametrize(
    ("name", "parameters", "arn"),
    [
        ("CreateRole", {"RoleName": "n", "Path": "/p/", "AssumeRolePolicyDocument": "{}"}, "role/p/n"),
        ("GetRole", {"RoleName": "r"}, "role/team/r"),
        ("GetRole", {"RoleName": "nobody"}, "role/nobody"),
        ("ListRoles", {"PathPrefix": "/team/"}, "role/"),
        ("PutRolePolicy", {"RoleName": "r", "PolicyName": "p", "PolicyDocument": "{}"}, "role/team/r"),
        ("AttachRolePolicy", {"RoleName": "r", "PolicyArn": POLICY}, "role/team/r"),
        ("ListInstanceProfilesForRole", {"RoleName": "r"}, "role/team/r"),
        ("CreateUser", {"UserName": "n", "Path": "/p/"}, "user/p/n"),
        ("CreateUser", {"UserName": "n"}, "user/n"),
        ("GetUser", {"UserName": "u"}, "user/team/u"),
        ("GetUser", {}, "user/caller"),
        ("UpdateUser", {"UserName": "u", "NewPath": "/other/"}, "user/team/u"),
        ("ListUsers", {}, "user/"),
        ("CreateAccessKey", {"UserName": "u"}, "user/team/u"),
        ("CreateAccessKey", {}, "user/caller"),
        ("ListAccessKeys", {}, "user/caller"),
        ("CreateGroup", {"GroupName": "n", "Path": "/p/"}, "group/p/n"),
        ("AddUserToGroup", {"GroupName": "g", "UserName": "u"}, "group/team/g"),
        ("ListGroupsForUser", {"UserName": "u"}, "user/team/u"),
        ("ListGroups", {"PathPrefix": "/team/"}, "group/"),
        ("CreatePolicy", {"PolicyName": "p", "Path": "/q/", "PolicyDocument": "{}"}, "policy/q/p"),
        ("GetPolicyVersion", {"PolicyArn": POLICY, "VersionId": "v1"}, "policy/p"),
        ("ListEntitiesForPolicy", {"PolicyArn": POLICY}, "policy/p"),
        ("CreateOpenIDConnectProvider", {"Url": "https://issuer.example/a"}, "oidc-provider/issuer.example/a"),
        ("GetOpenIDConnectProvider", {"OpenIDConnectProviderArn": PROVIDER}, "oidc-provider/issuer.example"),
        ("ListOpenIDConnectProviders", {}, "oidc-provider/*"),
        ("ListInstanceProfiles", {}, "instance-profile/"),
        ("SimulatePrincipalPolicy", {"PolicySourceArn": CALLER, "ActionNames.member.1": "a:b"}, "user/caller"),
    ],
)
def test_resources(iam: "Iam", name: str, parameters: dict[str, str], arn: str) -> None:
    """The permission is asked for what the request is about, with its path; without one, if there is none."""
    trust = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}'
    iam.boto("CreateRole", RoleName="r", Path="/team/", AssumeRolePolicyDocument=trust)
    iam.boto("CreateUser", UserName="u", Path="/team/")
    iam.boto("CreateUser", UserName="caller")
    iam.boto("CreateGroup", GroupName="g", Path="/team/")
    iam.caller = Principal("user", "123456789012", CALLER, "AIDA", "AKIA", user_name="caller")
    (operation,) = [operation for operation in OPERATIONS if operation.name == name]
    asked = query.decode(parameters, operation.takes, service="iam")
    assert operation.resource(iam.call(), asked) == f"arn:aws:iam::123456789012:{arn}"


def test_the_resource_of_a_key(iam: "Iam") -> None:
    """Is whose key it is."""
    (operation,) = [operation for operation in OPERATIONS if operation.name == "GetAccessKeyLastUsed"]
    iam.boto("CreateUser", UserName="u", Path="/team/")
    root = "arn:aws:iam::123456789012:root"
    for owner, arn in (({"UserName": "u"}, "arn:aws:iam::123456789012:user/team/u"), ({}, root)):
        key = iam.boto("CreateAccessKey", **owner)["AccessKey"]["AccessKeyId"]
        asked = query.decode({"AccessKeyId": key}, operation.takes, service="iam")
        assert operation.resource(iam.call(), asked) == arn
    unknown = query.decode({"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}, operation.takes, service="iam")
    assert operation.resource(iam.call(), unknown) == "*"
