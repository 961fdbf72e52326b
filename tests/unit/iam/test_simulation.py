"""The policy simulator: the same engine that decides, asked about requests nobody sent."""

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

ACCOUNT = "123456789012"
BUCKET = "arn:aws:s3:::bucket"
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
DATED = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":'
    '{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}'
)


def policy(action: str, resource: str = "*", effect: str = "Allow", **more: Any) -> str:
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


def entry(name: str, *values: str, kind: str = "string") -> dict[str, Any]:
    return {"ContextKeyName": name, "ContextKeyValues": list(values), "ContextKeyType": kind}


def custom(iam: "Iam", *policies: str, actions: tuple[str, ...] = ("s3:GetObject",), **more: Any) -> list[Any]:
    given = {"PolicyInputList": list(policies), "ActionNames": list(actions), **more}
    found: list[Any] = iam.boto("SimulateCustomPolicy", **given)["EvaluationResults"]
    return found


def decisions(results: list[Any]) -> list[str]:
    return [result["EvalDecision"] for result in results]


def sources(result: Any) -> list[tuple[str, str]]:
    return [(each["SourcePolicyId"], each["SourcePolicyType"]) for each in result["MatchedStatements"]]


# --- answers


def test_on_everything(shared_iam: "Iam") -> None:
    """The example of AWS's command line reference."""
    given = {
        "PolicyInputList.member.1": DATED,
        "ActionNames.member.1": "dynamodb:CreateBackup",
        "ContextEntries.member.1.ContextKeyName": "aws:CurrentTime",
        "ContextEntries.member.1.ContextKeyValues.member.1": "2019-04-25T11:00:00Z",
        "ContextEntries.member.1.ContextKeyType": "date",
    }
    assert (
        shared_iam.answer("SimulateCustomPolicy", **given).body.decode()
        == """\
<SimulateCustomPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <SimulateCustomPolicyResult>
    <IsTruncated>false</IsTruncated>
    <EvaluationResults>
      <member>
        <MatchedStatements>
          <member>
            <EndPosition>
              <Line>1</Line>
              <Column>167</Column>
            </EndPosition>
            <SourcePolicyId>PolicyInputList.1</SourcePolicyId>
            <SourcePolicyType>IAM Policy</SourcePolicyType>
            <StartPosition>
              <Line>1</Line>
              <Column>38</Column>
            </StartPosition>
          </member>
        </MatchedStatements>
        <MissingContextValues/>
        <EvalResourceName>*</EvalResourceName>
        <EvalActionName>dynamodb:CreateBackup</EvalActionName>
        <EvalDecision>allowed</EvalDecision>
      </member>
    </EvaluationResults>
  </SimulateCustomPolicyResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</SimulateCustomPolicyResponse>
"""
    )


def test_on_one_resource(shared_iam: "Iam") -> None:
    """The result comes twice, and details, which are for requests across accounts, are empty."""
    given = {
        "PolicyInputList.member.1": policy("s3:*"),
        "PermissionsBoundaryPolicyInputList.member.1": policy("sqs:*"),
        "ActionNames.member.1": "s3:GetObject",
        "ResourceArns.member.1": BUCKET,
    }
    assert (
        shared_iam.answer("SimulateCustomPolicy", **given).body.decode().partition("<EvaluationResults>\n")[2]
        == f"""\
      <member>
        <EvalDecisionDetails/>
        <PermissionsBoundaryDecisionDetail>
          <AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary>
        </PermissionsBoundaryDecisionDetail>
        <MatchedStatements/>
        <MissingContextValues/>
        <EvalResourceName>{BUCKET}</EvalResourceName>
        <EvalActionName>s3:GetObject</EvalActionName>
        <EvalDecision>implicitDeny</EvalDecision>
        <ResourceSpecificResults>
          <member>
            <PermissionsBoundaryDecisionDetail>
              <AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary>
            </PermissionsBoundaryDecisionDetail>
            <MatchedStatements/>
            <EvalResourceDecision>implicitDeny</EvalResourceDecision>
            <MissingContextValues/>
            <EvalResourceName>{BUCKET}</EvalResourceName>
          </member>
        </ResourceSpecificResults>
      </member>
    </EvaluationResults>
  </SimulateCustomPolicyResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</SimulateCustomPolicyResponse>
"""
    )


def test_on_several_resources(shared_iam: "Iam") -> None:
    """One result for each action: a Deny on one of them counts most, then an Allow."""
    allow = policy("s3:*", f"{BUCKET}/a")
    a, b = f"{BUCKET}/a", f"{BUCKET}/b"
    (result,) = custom(shared_iam, allow, ResourceArns=[a, b, a])
    assert (result["EvalResourceName"], result["EvalDecision"]) == ("*", "allowed")
    assert result["MatchedStatements"] == []
    assert [(each["EvalResourceName"], each["EvalResourceDecision"]) for each in result["ResourceSpecificResults"]] == [
        (a, "allowed"),
        (b, "implicitDeny"),
    ]
    (result,) = custom(shared_iam, allow, policy("s3:*", b, "Deny"), ResourceArns=[a, b])
    assert result["EvalDecision"] == "explicitDeny"
    (result,) = custom(shared_iam, allow, ResourceArns=[b, f"{BUCKET}/c"])
    assert result["EvalDecision"] == "implicitDeny"


# --- what decides


def test_decisions(shared_iam: "Iam") -> None:
    """An explicit Deny names itself alone; an implicit one names nothing."""
    allow, deny = policy("s3:*"), policy("s3:Delete*", effect="Deny")
    actions = ("s3:GetObject", "s3:DeleteObject", "sqs:SendMessage")
    results = custom(shared_iam, allow, deny, actions=actions)
    assert decisions(results) == ["allowed", "explicitDeny", "implicitDeny"]
    assert [sources(result) for result in results] == [
        [("PolicyInputList.1", "IAM Policy")],
        [("PolicyInputList.2", "IAM Policy")],
        [],
    ]
    assert [result["EvalActionName"] for result in results] == list(actions)


def test_every_statement_that_allows_is_named(shared_iam: "Iam") -> None:
    """By where it stands."""
    statements = [{"Effect": "Allow", "Action": action, "Resource": "*"} for action in ("s3:*", "sqs:*", "*")]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=1)
    (result,) = custom(shared_iam, text)
    starts = [each["StartPosition"] for each in result["MatchedStatements"]]
    assert starts == [{"Line": 3, "Column": 16}, {"Line": 13, "Column": 4}]


def test_boundaries_limit(shared_iam: "Iam") -> None:
    """They grant nothing; a Deny in one is named."""
    given: dict[str, Any] = {"PermissionsBoundaryPolicyInputList": [policy("s3:Get*")]}
    results = custom(shared_iam, policy("s3:*"), actions=("s3:GetObject", "s3:PutObject"), **given)
    assert decisions(results) == ["allowed", "implicitDeny"]
    details = [result["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"] for result in results]
    assert details == [True, False]
    assert sources(results[0]) == [("PolicyInputList.1", "IAM Policy")]
    given = {"PermissionsBoundaryPolicyInputList": [policy("s3:*", effect="Deny")]}
    (result,) = custom(shared_iam, policy("s3:*"), **given)
    assert sources(result) == [("PermissionsBoundaryPolicyInputList.1", "IAM Policy")]
    assert result["EvalDecision"] == "explicitDeny"


def test_organizations_limit(shared_iam: "Iam") -> None:
    """Each level must allow."""
    levels = [{"ServiceControlPolicyInputList": [policy(action)]} for action in ("*", "s3:Get*")]
    given: dict[str, Any] = {"OrderedOrganizationPolicyInputList": levels}
    results = custom(shared_iam, policy("*"), actions=("s3:GetObject", "s3:PutObject"), **given)
    assert decisions(results) == ["allowed", "implicitDeny"]
    details = [result["OrganizationsDecisionDetail"]["AllowedByOrganizations"] for result in results]
    assert details == [True, False]
    assert "OrganizationsDecisionDetail" not in custom(shared_iam, policy("*"))[0]


def test_resource_policies(shared_iam: "Iam") -> None:
    """In one account either side may allow; across accounts both must."""
    caller = f"arn:aws:iam::{ACCOUNT}:user/ann"
    resource = json.loads(policy("s3:GetObject", f"{BUCKET}/*"))
    resource["Statement"][0]["Principal"] = {"AWS": caller}
    given: dict[str, Any] = {
        "ResourcePolicy": json.dumps(resource),
        "CallerArn": caller,
        "ResourceArns": [f"{BUCKET}/a"],
    }
    nothing = policy("sqs:*")
    (same,) = custom(shared_iam, nothing, **given)
    assert same["EvalDecision"] == "allowed"
    assert sources(same) == [("ResourcePolicy", "Resource Policy")]
    for owner in ("210987654321", "arn:aws:iam::210987654321:root"):
        (other,) = custom(shared_iam, nothing, **given, ResourceOwner=owner)
        assert other["EvalDecision"] == "implicitDeny"
        (both,) = custom(shared_iam, policy("s3:*"), **given, ResourceOwner=owner)
        assert sources(both) == [("PolicyInputList.1", "IAM Policy"), ("ResourcePolicy", "Resource Policy")]


# --- context


def test_context_entries(shared_iam: "Iam") -> None:
    """A list stays one; a single value is single; names in any case."""
    single = policy("*", Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}})
    several = policy("*", Condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}})
    assert decisions(custom(shared_iam, single, ContextEntries=[entry("AWS:principaltag/TEAM", "blue")])) == ["allowed"]
    assert decisions(custom(shared_iam, single, ContextEntries=[entry("aws:PrincipalTag/team", "red")])) == [
        "implicitDeny"
    ]
    for values, decision in ((("a", "b"), "allowed"), (("a", "c"), "implicitDeny")):
        entries = [entry("aws:TagKeys", *values, kind="stringList")]
        assert decisions(custom(shared_iam, several, ContextEntries=entries)) == [decision]


def test_missing_context_values(shared_iam: "Iam") -> None:
    """Every key that the policies read and nobody gave, as it is first written."""
    text = policy(
        "s3:*",
        "arn:aws:s3:::${aws:username}/${aws:PrincipalTag/team, 'none'}",
        Condition={"StringLike": {"s3:prefix": ["${AWS:UserName}/*", "${cognito-identity.amazonaws.com:sub}"]}},
    )
    other = policy("sqs:*", Condition={"Bool": {"aws:SecureTransport": "true"}, "Null": {"aws:userid": "true"}})
    given: dict[str, Any] = {"ContextEntries": [entry("aws:userid", "x")]}
    (everything,) = custom(shared_iam, text, other, **given)
    missing = [
        *("aws:username", "aws:PrincipalTag/team", "s3:prefix", "cognito-identity.amazonaws.com:sub"),
        "aws:SecureTransport",
    ]
    assert everything["MissingContextValues"] == missing
    (one,) = custom(shared_iam, text, other, ResourceArns=[BUCKET], **given)
    assert one["MissingContextValues"] == []
    assert [each["MissingContextValues"] for each in one["ResourceSpecificResults"]] == [missing]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (policy("*", "arn:aws:s3:::${aws:username}/${*}${?}${$}"), ["aws:username"]),
        (policy("*", "arn:aws:s3:::${aws:username}").replace("2012", "2008"), []),
        (DATED, ["aws:CurrentTime"]),
        (policy("*"), []),
    ],
)
def test_context_keys_of_a_policy(shared_iam: "Iam", text: str, keys: list[str]) -> None:
    """Variables only where the version has them."""
    found = shared_iam.boto("GetContextKeysForCustomPolicy", PolicyInputList=[text, text])
    assert found["ContextKeyNames"] == keys


# --- the policies of somebody


@pytest.fixture
def ann(iam: "Iam") -> "Iam":
    """A user with policies of every kind."""
    iam.boto("CreatePolicy", PolicyName="managed", PolicyDocument=policy("s3:Get*"))
    iam.boto("CreatePolicy", PolicyName="bound", PolicyDocument=policy("*"))
    iam.boto("CreateUser", UserName="ann", Path="/team/")
    iam.boto("PutUserPolicy", UserName="ann", PolicyName="p", PolicyDocument=policy("s3:List*"))
    iam.boto("AttachUserPolicy", UserName="ann", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/managed")
    iam.boto("CreateGroup", GroupName="g")
    iam.boto("AddUserToGroup", GroupName="g", UserName="ann")
    condition = {"Bool": {"aws:SecureTransport": "true"}}
    iam.boto("PutGroupPolicy", GroupName="g", PolicyName="q", PolicyDocument=policy("sqs:*", Condition=condition))
    iam.boto("AttachGroupPolicy", GroupName="g", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    return iam


ANN = f"arn:aws:iam::{ACCOUNT}:user/team/ann"
ACTIONS = ["s3:ListBucket", "s3:GetObject", "sqs:SendMessage", "iam:GetUser", "ec2:RunInstances"]


def principal(iam: "Iam", actions: list[str] = ACTIONS, **more: Any) -> list[Any]:
    given = {"PolicySourceArn": ANN, "ActionNames": actions, **more}
    found: list[Any] = iam.boto("SimulatePrincipalPolicy", **given)["EvaluationResults"]
    return found


def test_the_policies_of_a_user(ann: "Iam") -> None:
    """Inline and attached, its own and its groups'; each is named as AWS names it."""
    results = principal(ann, ContextEntries=[entry("aws:SecureTransport", "true", kind="boolean")])
    assert decisions(results) == ["allowed"] * 4 + ["implicitDeny"]
    assert [sources(result) for result in results[:4]] == [
        [("user_ann_p", "IAM Policy")],
        [("managed", "IAM Policy")],
        [("group_g_q", "IAM Policy")],
        [("IAMReadOnlyAccess", "IAM Policy")],
    ]
    keys = ann.boto("GetContextKeysForPrincipalPolicy", PolicySourceArn=ANN, PolicyInputList=[DATED])
    assert keys["ContextKeyNames"] == ["aws:SecureTransport", "aws:CurrentTime"]


def test_the_policies_of_a_group_and_of_a_role(ann: "Iam") -> None:
    """Of a group without those of its users."""
    group = f"arn:aws:iam::{ACCOUNT}:group/g"
    assert decisions(principal(ann, PolicySourceArn=group))[:4] == [*["implicitDeny"] * 3, "allowed"]
    ann.boto("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST)
    ann.boto("PutRolePolicy", RoleName="r", PolicyName="p", PolicyDocument=policy("s3:*"))
    (result,) = principal(ann, ["s3:GetObject"], PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/r")
    assert sources(result) == [("role_r_p", "IAM Policy")]


def test_additional_policies(ann: "Iam") -> None:
    """They count beside those that are there."""
    results = principal(ann, ["ec2:RunInstances", "s3:GetObject"], PolicyInputList=[policy("ec2:*")])
    assert [sources(result)[0][0] for result in results] == ["PolicyInputList.1", "managed"]


def test_the_boundary_of_a_user(ann: "Iam") -> None:
    """Its own, unless another is given."""
    actions = ["s3:GetObject"]
    assert "PermissionsBoundaryDecisionDetail" not in principal(ann, actions)[0]
    ann.boto("PutUserPermissionsBoundary", UserName="ann", PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/bound")
    assert decisions(principal(ann, actions)) == ["allowed"]
    version = {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/bound", "PolicyDocument": policy("sqs:*")}
    ann.boto("CreatePolicyVersion", SetAsDefault=True, **version)
    (result,) = principal(ann, actions)
    assert result["EvalDecision"] == "implicitDeny"
    assert not result["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"]
    (result,) = principal(ann, actions, PermissionsBoundaryPolicyInputList=[policy("s3:*")])
    assert result["EvalDecision"] == "allowed"


INLINE = {"PolicyName": "p", "AttachmentType": "user", "AttachmentName": "ann"}


@pytest.mark.parametrize(
    ("identifier", "left"),
    [
        ({"PolicyType": "inline"}, [False, True, False, True]),
        ({"InlinePolicyIdentifier": INLINE}, [False, True, True, True]),
        ({"InlinePolicyIdentifier": {**INLINE, "PolicyName": "q"}}, [True] * 4),
        ({"InlinePolicyIdentifier": {**INLINE, "AttachmentType": "role"}}, [True] * 4),
        ({"InlinePolicyIdentifier": {**INLINE, "AttachmentName": "a*"}}, [False, True, True, True]),
        ({"InlinePolicyIdentifier": {**INLINE, "AttachmentName": "a??n"}}, [True] * 4),
        ({"PolicyType": "aws-managed"}, [True, True, True, False]),
        ({"PolicyType": "user-managed"}, [True, False, True, True]),
        ({"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/managed"}, [True, False, True, True]),
        ({"PolicyArn": "arn:aws:iam::aws:policy/IAM*"}, [True, True, True, False]),
        ({"PolicyType": "rcp"}, [True] * 4),
    ],
)
def test_policies_left_out(ann: "Iam", identifier: dict[str, Any], left: list[bool]) -> None:
    """As if they were not there."""
    entries = [entry("aws:SecureTransport", "true", kind="boolean")]
    results = principal(ann, ACTIONS[:4], PolicyExclusionList=[identifier], ContextEntries=entries)
    assert [result["EvalDecision"] == "allowed" for result in results] == left


def test_a_boundary_left_out(ann: "Iam") -> None:
    """Only when boundaries are named."""
    arn = f"arn:aws:iam::{ACCOUNT}:policy/managed"
    ann.boto("PutUserPermissionsBoundary", UserName="ann", PermissionsBoundary=arn)
    actions = ["s3:ListBucket"]
    assert decisions(principal(ann, actions)) == ["implicitDeny"]
    assert decisions(principal(ann, actions, PolicyExclusionList=[{"PolicyArn": arn}])) == ["implicitDeny"]
    left_out = [{"PolicyType": "permission-boundary"}]
    assert decisions(principal(ann, actions, PolicyExclusionList=left_out)) == ["allowed"]


def test_two_policies_of_one_name(ann: "Iam") -> None:
    """One of AWS's and one of the account's: each statement is found in its own text."""
    made = ann.boto("CreatePolicy", PolicyName="IAMReadOnlyAccess", PolicyDocument=" " * 7 + policy("iam:*"))
    ann.boto("AttachUserPolicy", UserName="ann", PolicyArn=made["Policy"]["Arn"])
    (result,) = principal(ann, ["iam:GetUser"])
    assert [each["StartPosition"]["Column"] for each in result["MatchedStatements"]] == [45, 38]


# --- pages


def test_pages_of_results(shared_iam: "Iam") -> None:
    """By the order of the actions; no more decisions a page than the house can bear."""
    actions = [f"s3:Action{number}" for number in range(5)]
    given: dict[str, Any] = {"PolicyInputList": [policy("s3:*")], "ActionNames": actions, "MaxItems": 2}
    found: list[str] = []
    while True:
        page = shared_iam.boto("SimulateCustomPolicy", **given)
        found += [result["EvalActionName"] for result in page["EvaluationResults"]]
        if not page["IsTruncated"]:
            break
        given["Marker"] = page["Marker"]
    assert found == actions
    many = [f"{BUCKET}/{number}" for number in range(600)]
    given = {"PolicyInputList": [policy("s3:*")], "ActionNames": actions, "ResourceArns": many}
    page = shared_iam.boto("SimulateCustomPolicy", **given)
    assert page["IsTruncated"]
    assert len(page["EvaluationResults"]) == 1
    assert len(page["EvaluationResults"][0]["ResourceSpecificResults"]) == 600
