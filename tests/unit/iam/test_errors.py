"""Every error that an operation declares, provoked: status, code and message, letter for letter.

`ConcurrentModification` is the exception: what it takes is in `test_changing.py`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import pytest

from gatepass import iam
from gatepass.errors import ConcurrentModification
from gatepass.wire import query

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

ACCOUNT = "123456789012"
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
ALLOW = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}}'
OLD = ALLOW.replace("2012-10-17", "2008-10-17")
OWN = f"arn:aws:iam::{ACCOUNT}:policy/"
AWS = "arn:aws:iam::aws:policy/"
FREE, USED, FULL, TAGGED, BOUND = OWN + "free", OWN + "used", OWN + "full", OWN + "tagged", OWN + "bound"
NO_POLICY = OWN + "nowhere"
NOT_POLICY = f"arn:aws:iam::{ACCOUNT}:role/nobody"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/login.example"
FULL_PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/full.example"
NO_PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/nowhere.example"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
FIFTY = [{"Key": f"k{number:02}", "Value": ""} for number in range(50)]

FIVE_VERSIONS = (
    "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version."
)
DUPLICATE = "Duplicate tag keys found."
ANY_CASE = f"{DUPLICATE} Please note that Tag keys are case insensitive."
MOST_TAGS = "The number of tags has reached the maximum limit."
MARKER = (400, "ValidationError", "Invalid Marker.")


def large(size: int) -> str:
    """A policy of so many characters that count."""
    return ALLOW.replace('"Effect"', '"Sid":"' + "s" * (size - len(ALLOW) - 9) + '","Effect"')


def no(kind: str, name: str = "nobody") -> tuple[int, str, str]:
    return 404, "NoSuchEntity", f"The {kind} with name {name} cannot be found."


def missing(arn: str) -> tuple[int, str, str]:
    return 404, "NoSuchEntity", f"Policy {arn} was not found."


def not_attachable(arn: str) -> tuple[int, str, str]:
    return 404, "NoSuchEntity", f"Policy {arn} does not exist or is not attachable."


def no_version(arn: str, version: str) -> tuple[int, str, str]:
    return 404, "NoSuchEntity", f"Policy {arn} version {version} does not exist or is not attachable."


def not_valid(arn: str, code: str = "InvalidInput") -> tuple[int, str, str]:
    return 400, code, f"ARN {arn} is not valid."


def exceeded(quota: str) -> tuple[int, str, str]:
    return 409, "LimitExceeded", f"Cannot exceed quota for {quota}"


def conflict(message: str) -> tuple[int, str, str]:
    return 409, "DeleteConflict", message


def exists(message: str) -> tuple[int, str, str]:
    return 409, "EntityAlreadyExists", message


def malformed(message: str = "Syntax errors in policy.") -> tuple[int, str, str]:
    return 400, "MalformedPolicyDocument", message


def invalid(message: str) -> tuple[int, str, str]:
    return 400, "InvalidInput", message


def denied(operation: str, arn: str) -> tuple[int, str, str]:
    sentence = f"User: {ROOT} is not authorized to perform: iam:{operation} on resource: policy {arn}"
    return 403, "AccessDenied", sentence


class Case(NamedTuple):
    operation: str
    given: dict[str, str]
    refusal: tuple[int, str, str]


def tags(*keys: str) -> dict[str, str]:
    return {f"Tags.member.{n}.{part}": key for n, key in enumerate(keys, 1) for part in ("Key", "Value")}


def of_owner(kind: str) -> Iterator[Case]:
    """What is the same for roles, users and groups."""
    word, owner = kind.lower(), f"{kind}Name"
    nobody, somebody, full = {owner: "nobody"}, {owner: "somebody"}, {owner: "full"}
    named = {"PolicyName": "p"}
    sizes = {"role": 10240, "user": 2048, "group": 5120}
    for operation in (f"Get{kind}Policy", f"Delete{kind}Policy"):
        yield Case(operation, nobody | named, no(word))
        gone = (404, "NoSuchEntity", f"The {word} policy with name other cannot be found.")
        yield Case(operation, somebody | {"PolicyName": "other"}, gone)
    put = f"Put{kind}Policy"
    yield Case(put, nobody | named | {"PolicyDocument": "{"}, no(word))
    yield Case(put, somebody | named | {"PolicyDocument": "{"}, malformed())
    too_large = f"Maximum policy size of {sizes[word]} bytes exceeded for {word} somebody"
    document = {"PolicyDocument": large(sizes[word] + 1)}
    yield Case(put, somebody | named | document, (409, "LimitExceeded", too_large))
    for operation in (f"List{kind}Policies", f"ListAttached{kind}Policies"):
        yield Case(operation, nobody, no(word))
        yield Case(operation, somebody | {"Marker": "!"}, MARKER)
    for operation in (f"Attach{kind}Policy", f"Detach{kind}Policy"):
        yield Case(operation, nobody | {"PolicyArn": FREE}, no(word))
        yield Case(operation, somebody | {"PolicyArn": "l" * 20}, not_valid("l" * 20, "ValidationError"))
        yield Case(operation, somebody | {"PolicyArn": NOT_POLICY}, not_valid(NOT_POLICY))
    attach = f"Attach{kind}Policy"
    yield Case(attach, somebody | {"PolicyArn": NO_POLICY}, not_attachable(NO_POLICY))
    yield Case(attach, somebody | {"PolicyArn": AWS + "None"}, not_attachable(AWS + "None"))
    yield Case(attach, full | {"PolicyArn": FREE}, exceeded(f"PoliciesPer{kind}: 10"))
    yield Case(f"Detach{kind}Policy", somebody | {"PolicyArn": FREE}, missing(FREE))
    yield Case(f"Detach{kind}Policy", somebody | {"PolicyArn": NO_POLICY}, missing(NO_POLICY))


def of_role_or_user(kind: str) -> Iterator[Case]:
    """What groups do not have: boundaries and tags."""
    word, owner = kind.lower(), f"{kind}Name"
    nobody, somebody = {owner: "nobody"}, {owner: "somebody"}
    put = f"Put{kind}PermissionsBoundary"
    yield Case(put, nobody | {"PermissionsBoundary": FREE}, no(word))
    yield Case(put, somebody | {"PermissionsBoundary": NOT_POLICY}, not_valid(NOT_POLICY))
    yield Case(put, somebody | {"PermissionsBoundary": "l" * 20}, not_valid("l" * 20))
    gone = (404, "NoSuchEntity", f"Scope ARN: {NO_POLICY} does not exist or is not attachable.")
    yield Case(put, somebody | {"PermissionsBoundary": NO_POLICY}, gone)
    yield Case(f"Delete{kind}PermissionsBoundary", nobody, no(word))
    yield Case(f"Tag{kind}", nobody | tags("k"), no(word))
    yield Case(f"Tag{kind}", somebody | tags("k", "K"), invalid(ANY_CASE))
    reserved = invalid("Tag keys beginning with aws: are reserved for system use.")
    yield Case(f"Tag{kind}", somebody | tags("aws:k"), reserved)
    yield Case(f"Tag{kind}", {owner: "tagged"} | tags("more"), (409, "LimitExceeded", MOST_TAGS))
    yield Case(f"Untag{kind}", nobody | {"TagKeys.member.1": "k"}, no(word))
    yield Case(f"List{kind}Tags", nobody, no(word))
    yield Case(f"List{kind}Tags", somebody | {"Marker": "!"}, MARKER)
    create = {owner: "new"} | ({"AssumeRolePolicyDocument": TRUST} if kind == "Role" else {})
    yield Case(f"Create{kind}", create | tags("k", "K"), invalid(ANY_CASE))
    yield Case(f"Create{kind}", create | {"PermissionsBoundary": NOT_POLICY}, not_valid(NOT_POLICY))
    yield Case(f"Create{kind}", create | {"PermissionsBoundary": NO_POLICY}, gone)
    for name in ("somebody", "SOMEBODY"):
        taken = exists(f"{kind} with name {name} already exists.")
        yield Case(f"Create{kind}", create | {owner: name}, taken)


ROLES = (
    Case("GetRole", {"RoleName": "nobody"}, no("role")),
    Case("DeleteRole", {"RoleName": "nobody"}, no("role")),
    Case("DeleteRole", {"RoleName": "full"}, conflict("Cannot delete entity, must detach all policies first.")),
    Case("DeleteRole", {"RoleName": "inline"}, conflict("Cannot delete entity, must delete policies first.")),
    Case("UpdateRole", {"RoleName": "nobody"}, no("role")),
    Case("UpdateRoleDescription", {"RoleName": "nobody", "Description": ""}, no("role")),
    Case("UpdateAssumeRolePolicy", {"RoleName": "nobody", "PolicyDocument": "{"}, no("role")),
    Case(
        "UpdateAssumeRolePolicy",
        {"RoleName": "somebody", "PolicyDocument": "{"},
        malformed("This policy contains invalid Json"),
    ),
    Case(
        "UpdateAssumeRolePolicy",
        {"RoleName": "somebody", "PolicyDocument": TRUST.replace("[{", '[{"Sid":"' + "s" * 2048 + '",')},
        exceeded("ACLSizePerRole: 2048"),
    ),
    Case(
        "CreateRole",
        {"RoleName": "new", "AssumeRolePolicyDocument": "{"},
        malformed("This policy contains invalid Json"),
    ),
    Case(
        "CreateRole",
        {"RoleName": "new", "AssumeRolePolicyDocument": TRUST.replace("[{", '[{"Sid":"' + "s" * 2048 + '",')},
        exceeded("ACLSizePerRole: 2048"),
    ),
    Case("ListRoles", {"Marker": "!"}, MARKER),
    Case("ListInstanceProfilesForRole", {"RoleName": "nobody"}, no("role")),
)

USERS = (
    Case("GetUser", {"UserName": "nobody"}, no("user")),
    Case("ListUsers", {"Marker": "!"}, MARKER),
    Case("UpdateUser", {"UserName": "nobody", "NewUserName": "x"}, no("user")),
    Case(
        "UpdateUser",
        {"UserName": "somebody", "NewUserName": "FULL"},
        exists("User with name FULL already exists."),
    ),
    Case("DeleteUser", {"UserName": "nobody"}, no("user")),
    Case("DeleteUser", {"UserName": "full"}, conflict("Cannot delete entity, must detach all policies first.")),
    Case("DeleteUser", {"UserName": "inline"}, conflict("Cannot delete entity, must delete policies first.")),
    Case("DeleteUser", {"UserName": "keys"}, conflict("Cannot delete entity, must delete access keys first.")),
    Case("DeleteUser", {"UserName": "groups"}, conflict("Cannot delete entity, must remove users from group first.")),
    *(
        Case(operation, {"UserName": "nobody"}, no("user"))
        for operation in (
            *("ListMFADevices", "ListServiceSpecificCredentials", "ListSigningCertificates", "ListSSHPublicKeys"),
            *("GetLoginProfile", "DeleteLoginProfile"),
        )
    ),
    *(
        Case(
            operation,
            {"UserName": "somebody"},
            (404, "NoSuchEntity", "Login Profile for User somebody cannot be found."),
        )
        for operation in ("GetLoginProfile", "DeleteLoginProfile")
    ),
    *(
        Case(operation, {}, (400, "ValidationError", "Must specify userName when calling with non-User credentials"))
        for operation in ("GetLoginProfile", "DeleteLoginProfile")
    ),
    Case("CreateAccessKey", {"UserName": "nobody"}, no("user")),
    Case("CreateAccessKey", {"UserName": "keys"}, exceeded("AccessKeysPerUser: 2")),
    Case("ListAccessKeys", {"UserName": "nobody"}, no("user")),
    Case("ListAccessKeys", {"Marker": "!"}, MARKER),
    Case("UpdateAccessKey", {"UserName": "nobody", "AccessKeyId": "A" * 20, "Status": "Active"}, no("user")),
    Case("DeleteAccessKey", {"UserName": "nobody", "AccessKeyId": "A" * 20}, no("user")),
    Case(
        "GetAccessKeyLastUsed",
        {"AccessKeyId": "A" * 20},
        (
            403,
            "AccessDenied",
            f"User: {ROOT} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key {'A' * 20}",
        ),
    ),
    *(
        Case(
            operation,
            {"UserName": "somebody", "AccessKeyId": "A" * 20} | status,
            (404, "NoSuchEntity", f"The Access Key with id {'A' * 20} cannot be found."),
        )
        for operation, status in (("UpdateAccessKey", {"Status": "Active"}), ("DeleteAccessKey", {}))
    ),
)

GROUPS = (
    Case("CreateGroup", {"GroupName": "SOMEBODY"}, exists("Group with name SOMEBODY already exists.")),
    Case("GetGroup", {"GroupName": "nobody"}, no("group")),
    Case("GetGroup", {"GroupName": "somebody", "Marker": "!"}, MARKER),
    Case("ListGroups", {"Marker": "!"}, MARKER),
    Case("UpdateGroup", {"GroupName": "nobody", "NewGroupName": "x"}, no("group")),
    Case(
        "UpdateGroup",
        {"GroupName": "somebody", "NewGroupName": "full"},
        exists("Group with name full already exists."),
    ),
    Case("DeleteGroup", {"GroupName": "nobody"}, no("group")),
    Case("DeleteGroup", {"GroupName": "g0"}, conflict("Cannot delete entity, must remove users from group first.")),
    Case("DeleteGroup", {"GroupName": "full"}, conflict("Cannot delete entity, must detach all policies first.")),
    Case("AddUserToGroup", {"GroupName": "nobody", "UserName": "somebody"}, no("group")),
    Case("AddUserToGroup", {"GroupName": "nobody", "UserName": "nobody"}, no("user")),
    Case("AddUserToGroup", {"GroupName": "somebody", "UserName": "groups"}, exceeded("GroupsPerUser: 10")),
    Case("RemoveUserFromGroup", {"GroupName": "nobody", "UserName": "somebody"}, no("group")),
    Case("RemoveUserFromGroup", {"GroupName": "nobody", "UserName": "nobody"}, no("user")),
    Case("ListGroupsForUser", {"UserName": "nobody"}, no("user")),
    Case("ListGroupsForUser", {"UserName": "somebody", "Marker": "!"}, MARKER),
)


def of_policy(operation: str, given: dict[str, str], gone: tuple[int, str, str]) -> Iterator[Case]:
    """What is the same for all that is about one policy."""
    yield Case(operation, {"PolicyArn": NO_POLICY} | given, gone)
    yield Case(operation, {"PolicyArn": NOT_POLICY} | given, not_valid(NOT_POLICY))
    yield Case(operation, {"PolicyArn": "l" * 20} | given, not_valid("l" * 20, "ValidationError"))


POLICIES = (
    Case("CreatePolicy", {"PolicyName": "new", "PolicyDocument": "{"}, malformed()),
    Case(
        "CreatePolicy",
        {"PolicyName": "new", "PolicyDocument": OLD},
        malformed("Policy document must be version 2012-10-17 or greater."),
    ),
    Case("CreatePolicy", {"PolicyName": "new", "PolicyDocument": large(6145)}, exceeded("PolicySize: 6144")),
    Case("CreatePolicy", {"PolicyName": "new", "PolicyDocument": ALLOW} | tags("k", "k"), invalid(DUPLICATE)),
    Case(
        "CreatePolicy",
        {"PolicyName": "FREE", "PolicyDocument": ALLOW},
        exists("A policy called FREE already exists. Duplicate names are not allowed."),
    ),
    *of_policy("GetPolicy", {}, missing(NO_POLICY)),
    *of_policy("DeletePolicy", {}, not_attachable(NO_POLICY)),
    Case("DeletePolicy", {"PolicyArn": USED}, conflict("Cannot delete a policy attached to entities.")),
    Case("DeletePolicy", {"PolicyArn": BOUND}, conflict("Cannot delete a policy attached to entities.")),
    Case(
        "DeletePolicy",
        {"PolicyArn": FULL},
        conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions."
            " The default version is deleted with the policy."
        ),
    ),
    *of_policy("ListEntitiesForPolicy", {}, not_attachable(NO_POLICY)),
    Case("ListPolicies", {"Marker": "!"}, MARKER),
    Case("ListPolicies", {"Marker": "bm9uZQ"}, MARKER),
    *of_policy("TagPolicy", tags("k"), missing(NO_POLICY)),
    Case("TagPolicy", {"PolicyArn": FREE} | tags("k", "k"), invalid(DUPLICATE)),
    Case("TagPolicy", {"PolicyArn": TAGGED} | tags("more"), (409, "LimitExceeded", MOST_TAGS)),
    *of_policy("UntagPolicy", {"TagKeys.member.1": "k"}, missing(NO_POLICY)),
    *of_policy("ListPolicyTags", {}, missing(NO_POLICY)),
    *of_policy("CreatePolicyVersion", {"PolicyDocument": ALLOW}, not_attachable(NO_POLICY)),
    Case("CreatePolicyVersion", {"PolicyArn": FREE, "PolicyDocument": "{"}, malformed()),
    Case("CreatePolicyVersion", {"PolicyArn": FREE, "PolicyDocument": large(6145)}, exceeded("PolicySize: 6144")),
    Case(
        "CreatePolicyVersion",
        {"PolicyArn": FULL, "PolicyDocument": ALLOW},
        (
            409,
            "LimitExceeded",
            FIVE_VERSIONS,
        ),
    ),
    *of_policy("ListPolicyVersions", {}, not_attachable(NO_POLICY)),
    *(
        case
        for operation in ("GetPolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion")
        for case in (
            *of_policy(operation, {"VersionId": "v1"}, no_version(NO_POLICY, "v1")),
            Case(operation, {"PolicyArn": FREE, "VersionId": "v9"}, no_version(FREE, "v9")),
            Case(operation, {"PolicyArn": FREE, "VersionId": "v1.a"}, no_version(FREE, "v1.a")),
        )
    ),
    Case(
        "DeletePolicyVersion",
        {"PolicyArn": FREE, "VersionId": "v1"},
        conflict("Cannot delete the default version of a policy."),
    ),
    *(
        Case(
            operation,
            {"PolicyArn": AWS + "AdministratorAccess"} | given,
            denied(operation, AWS + "AdministratorAccess"),
        )
        for operation, given in (
            ("DeletePolicy", {}),
            ("TagPolicy", tags("k")),
            ("UntagPolicy", {"TagKeys.member.1": "k"}),
            ("CreatePolicyVersion", {"PolicyDocument": ALLOW}),
            ("SetDefaultPolicyVersion", {"VersionId": "v1"}),
            ("DeletePolicyVersion", {"VersionId": "v1"}),
        )
    ),
)

NO_SUCH_PROVIDER = (404, "NoSuchEntity", f"OpenIDConnect Provider not found for arn {NO_PROVIDER}")
TOO_MANY = invalid("Thumbprint list must contain fewer than 5 entries.")
THREE_FAULTS = (
    "3 validation errors detected: Value at 'clientIDList' failed to satisfy constraint: Member must satisfy"
    " constraint: [Member must have length less than or equal to 255, Member must have length greater than or"
    " equal to 1]; Value at 'thumbprintList' failed to satisfy constraint: Member must satisfy constraint:"
    " [Member must have length less than or equal to 40, Member must have length greater than or equal to 40];"
    " Value at 'url' failed to satisfy constraint: Member must have length less than or equal to 255"
)
SIX = {f"ThumbprintList.member.{number}": "a" * 40 for number in range(1, 7)}
CLIENTS = {f"ClientIDList.member.{number}": f"c{number}" for number in range(1, 102)}
NEW_PROVIDER = {"Url": "https://new.example"}


def of_provider(operation: str, given: dict[str, str]) -> Iterator[Case]:
    """What is the same for all that is about one provider."""
    arn = "OpenIDConnectProviderArn"
    gone = NO_SUCH_PROVIDER
    if operation.startswith("Delete"):
        gone = (404, "NoSuchEntity", f"OpenId connect Provider {NO_PROVIDER} cannot be found.")
    yield Case(operation, {arn: NO_PROVIDER} | given, gone)
    yield Case(operation, {arn: NOT_POLICY} | given, not_valid(NOT_POLICY))
    yield Case(operation, {arn: "l" * 20} | given, not_valid("l" * 20, "ValidationError"))


PROVIDERS = (
    Case(
        "CreateOpenIDConnectProvider",
        {"Url": "https://login.example"},
        exists("Provider with url https://login.example already exists."),
    ),
    *(
        Case(
            "CreateOpenIDConnectProvider",
            {"Url": url},
            (400, "ValidationError", "Invalid Open ID Connect Provider URL"),
        )
        for url in (
            *("login.example", "http://login.example", "https://", "https://login.example?a=b", "https://[::1"),
            *("https://login.example:8443", "https://a@login.example", "https://login.example/#a", "https://é.example"),
        )
    ),
    Case("CreateOpenIDConnectProvider", NEW_PROVIDER | SIX, TOO_MANY),
    Case("CreateOpenIDConnectProvider", NEW_PROVIDER | tags("k", "k"), invalid(DUPLICATE)),
    Case("CreateOpenIDConnectProvider", NEW_PROVIDER | CLIENTS, exceeded("ClientIdsPerOpenIdConnectProvider: 100")),
    Case(
        "CreateOpenIDConnectProvider",
        {"Url": "https://" + "a" * 260, "ClientIDList.member.1": "a" * 256, "ThumbprintList.member.1": "a"},
        (
            400,
            "ValidationError",
            THREE_FAULTS,
        ),
    ),
    *of_provider("GetOpenIDConnectProvider", {}),
    *of_provider("DeleteOpenIDConnectProvider", {}),
    *of_provider("AddClientIDToOpenIDConnectProvider", {"ClientID": "c"}),
    Case(
        "AddClientIDToOpenIDConnectProvider",
        {"OpenIDConnectProviderArn": FULL_PROVIDER, "ClientID": "more"},
        exceeded("ClientIdsPerOpenIdConnectProvider: 100"),
    ),
    *of_provider("RemoveClientIDFromOpenIDConnectProvider", {"ClientID": "c"}),
    *of_provider("UpdateOpenIDConnectProviderThumbprint", {"ThumbprintList.member.1": "a" * 40}),
    Case("UpdateOpenIDConnectProviderThumbprint", {"OpenIDConnectProviderArn": PROVIDER} | SIX, TOO_MANY),
    *of_provider("TagOpenIDConnectProvider", tags("k")),
    Case("TagOpenIDConnectProvider", {"OpenIDConnectProviderArn": PROVIDER} | tags("k", "k"), invalid(DUPLICATE)),
    Case(
        "TagOpenIDConnectProvider",
        {"OpenIDConnectProviderArn": FULL_PROVIDER} | tags("more"),
        (409, "LimitExceeded", MOST_TAGS),
    ),
    *of_provider("UntagOpenIDConnectProvider", {"TagKeys.member.1": "k"}),
    *of_provider("ListOpenIDConnectProviderTags", {}),
)

ACTION = {"ActionNames.member.1": "s3:GetObject"}
INPUT = {"PolicyInputList.member.1": ALLOW}


def of_source(operation: str, given: dict[str, str]) -> Iterator[Case]:
    """What is the same for all that is about the policies of a user, group or role."""
    for kind in ("user", "group", "role"):
        arn = f"arn:aws:iam::{ACCOUNT}:{kind}/nobody"
        yield Case(operation, given | {"PolicySourceArn": arn}, no(kind))
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s"
    unclear = invalid(f"Invalid Entity Arn: {session} does not clearly define entity type and name.")
    yield Case(operation, given | {"PolicySourceArn": session}, unclear)
    foreign = invalid(
        f"Invalid Policy Source Arn: caller's account {ACCOUNT} does not have access to policies in account"
        " 210987654321"
    )
    yield Case(operation, given | {"PolicySourceArn": "arn:aws:iam::210987654321:role/r"}, foreign)
    unreadable = (400, "ValidationError", "Invalid ARN:  Could not be parsed!")
    yield Case(operation, given | {"PolicySourceArn": "l" * 20}, unreadable)


def of_exclusions() -> Iterator[Case]:
    """What a simulation cannot leave out."""
    first = "PolicyExclusionList.member.1."
    source = ACTION | {"PolicySourceArn": f"arn:aws:iam::{ACCOUNT}:role/somebody"}
    several = "exactly one of PolicyType, PolicyArn and InlinePolicyIdentifier must be specified"
    inline = {
        f"{first}InlinePolicyIdentifier.{name}": value
        for name, value in (("PolicyName", "p"), ("AttachmentType", "role"), ("AttachmentName", "*r*"))
    }
    every = f"arn:aws:iam::{ACCOUNT}:policy/*"
    for given, reason in (
        ({f"{first}PolicyType": "scp", f"{first}PolicyArn": every}, several),
        ({f"{first}PolicyType": "inline"} | inline, several),
        (inline, "*r* has more than one *"),
        ({f"{first}PolicyArn": f"{every}*"}, f"{every}* has more than one *"),
        *(
            ({f"{first}PolicyArn": arn}, f"{arn} is not the ARN of a policy")
            for arn in (
                "l" * 20,
                f"arn:aws:iam::{ACCOUNT}:role/*",
                "arn:aws:iam::*:policy/path/p",
                "arn:aws:s3:::policy/p",
            )
        ),
    ):
        yield Case("SimulatePrincipalPolicy", source | given, invalid(f"Invalid Policy Identifier: {reason}"))


SIMULATION = (
    Case(
        "SimulateCustomPolicy",
        ACTION | {"PolicyInputList.member.1": "{"},
        invalid("Invalid Input Policy: Syntax errors in policy."),
    ),
    Case(
        "SimulateCustomPolicy",
        ACTION | INPUT | {"ResourcePolicy": ALLOW},
        invalid("CallerArn is required when a ResourcePolicy is given."),
    ),
    Case(
        "SimulateCustomPolicy",
        ACTION | INPUT | {"ResourcePolicy": ALLOW, "CallerArn": ROOT},
        invalid("Invalid Input Policy: Missing required field Principal"),
    ),
    Case(
        "SimulateCustomPolicy",
        ACTION | INPUT | {"CallerArn": f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s"},
        invalid(
            f"Invalid Entity Arn: arn:aws:sts::{ACCOUNT}:assumed-role/r/s does not clearly define entity type and name."
        ),
    ),
    Case(
        "SimulateCustomPolicy",
        ACTION | INPUT | {f"PermissionsBoundaryPolicyInputList.member.{number}": ALLOW for number in (1, 2)},
        invalid("Only one permissions boundary policy can be given."),
    ),
    Case(
        "SimulateCustomPolicy",
        ACTION | INPUT | {"ContextEntries.member.1.ContextKeyValues.member.1": "a"},
        invalid("A context entry must have a ContextKeyName."),
    ),
    Case("SimulateCustomPolicy", ACTION | INPUT | {"Marker": "!"}, MARKER),
    *of_source("SimulatePrincipalPolicy", ACTION),
    *of_exclusions(),
    *of_source("GetContextKeysForPrincipalPolicy", {}),
    Case(
        "GetContextKeysForCustomPolicy",
        {"PolicyInputList.member.1": "{"},
        invalid("Invalid Input Policy: Syntax errors in policy."),
    ),
    Case("GetAccountAuthorizationDetails", {"Marker": "!"}, MARKER),
)

CASES = (
    *(case for kind in ("Role", "User", "Group") for case in of_owner(kind)),
    *(case for kind in ("Role", "User") for case in of_role_or_user(kind)),
    *(*ROLES, *USERS, *GROUPS, *POLICIES, *PROVIDERS, *SIMULATION),
)


@pytest.fixture(scope="module")
def world(shared_iam: "Iam") -> "Iam":
    """An account in which everything can go wrong."""
    iam = shared_iam
    for name in ("free", "used", "full", "bound"):
        iam.boto("CreatePolicy", PolicyName=name, PolicyDocument=ALLOW)
    iam.boto("CreatePolicy", PolicyName="tagged", PolicyDocument=ALLOW, Tags=FIFTY)
    for _ in range(4):
        iam.boto("CreatePolicyVersion", PolicyArn=FULL, PolicyDocument=ALLOW)
    ten = [USED, *(AWS + name for name in ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess"))]
    for number in range(6):
        made = iam.boto("CreatePolicy", PolicyName=f"p{number}", PolicyDocument=ALLOW)
        ten.append(made["Policy"]["Arn"])
    for kind in ("Role", "User", "Group"):
        trust = {"AssumeRolePolicyDocument": TRUST} if kind == "Role" else {}
        for name in ("somebody", "full", "inline"):
            iam.boto(f"Create{kind}", **{f"{kind}Name": name}, **trust)
        for arn in ten:
            iam.boto(f"Attach{kind}Policy", **{f"{kind}Name": "full"}, PolicyArn=arn)
        iam.boto(f"Put{kind}Policy", **{f"{kind}Name": "inline"}, PolicyName="p", PolicyDocument=ALLOW)
        if kind != "Group":
            bound = {"PermissionsBoundary": BOUND}
            iam.boto(f"Create{kind}", **{f"{kind}Name": "tagged"}, Tags=FIFTY, **trust, **bound)
    for name in ("keys", "groups"):
        iam.boto("CreateUser", UserName=name)
    for number in range(10):
        iam.boto("CreateGroup", GroupName=f"g{number}")
        iam.boto("AddUserToGroup", GroupName=f"g{number}", UserName="groups")
    for _ in range(2):
        iam.boto("CreateAccessKey", UserName="keys")
    iam.boto("CreateOpenIDConnectProvider", Url="https://login.example")
    hundred = [f"c{number}" for number in range(100)]
    iam.boto("CreateOpenIDConnectProvider", Url="https://full.example", ClientIDList=hundred, Tags=FIFTY)
    return iam


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.operation}-{case.refusal[1]}")
def test_refused(world: "Iam", case: Case) -> None:
    """In AWS's words, and nothing is changed."""
    before = world.store.directory
    assert world.refused(case.operation, **case.given) == case.refusal
    assert world.store.directory is before


def test_every_declared_error_is_provoked() -> None:
    """And no operation answers an error that it does not declare."""
    declared = {
        (operation.name, code_of(error))
        for operation in iam.OPERATIONS
        for error in operation.fails
        if error is not ConcurrentModification
    }
    provoked = {(case.operation, case.refusal[1]) for case in CASES}
    elsewhere = {
        ("GetUser", "ValidationError"),  # test_access_keys.py: a role calls
        *((name, "ValidationError") for name in ("CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey")),
        ("UpdateAccessKey", "InvalidInput"),  # test_access_keys.py
    }
    assert declared - provoked == elsewhere
    assert provoked - declared == set()


def code_of(error: type[Exception]) -> str:
    body = query.error(error("text"), "iam", "id").body.decode()  # type: ignore[arg-type] # all are ServiceErrors
    return body.partition("<Code>")[2].partition("</Code>")[0]
