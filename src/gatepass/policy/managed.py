"""AWS's own policies that an identity pool or an API meets, as AWS publishes their permissions.

Sources: https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonCognitoUnAuthedIdentitiesSessionPolicy.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from gatepass.policy.compile import Policy, compile_policy
from gatepass.policy.document import load
from gatepass.policy.verdict import PolicyType, Source

GUEST_SESSION_POLICY_ARN = "arn:aws:iam::aws:policy/AmazonCognitoUnAuthedIdentitiesSessionPolicy"


def _allow(*actions: str, resource: str = "*") -> str:
    statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


def _all_of(services: str) -> tuple[str, ...]:
    return tuple(f"{service}:*" for service in services.split())


#: Managed policies by ARN, as JSON text.
MANAGED_POLICIES: Mapping[str, str] = MappingProxyType(
    {
        GUEST_SESSION_POLICY_ARN: _allow(
            *_all_of("polly comprehend translate transcribe rekognition mobiletargeting firehose personalize"),
            "rum:PutRumEvents",
            "sagemaker:InvokeEndpoint",
            "geo:CalculateRoute*",
            "geo:GetMap*",
            "geo:GetPlace",
            "geo:ListMaps",
            "geo:SearchPlaceIndex*",
            "geo:*DevicePosition*",
            "geo:*Geofence",
            "geo:*Geofences",
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:GenerateDataKey*",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ),
        "arn:aws:iam::aws:policy/AdministratorAccess": _allow("*"),
        "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess": _allow(
            "execute-api:Invoke", "execute-api:ManageConnections", resource="arn:aws:execute-api:*:*:*"
        ),
    }
)

#: The inline session policy of the enhanced flow for guests.
GUEST_INLINE_SESSION_POLICY = _allow(
    *_all_of(
        "cloudwatch logs dynamodb kinesis mobileanalytics s3 ses sns sqs lambda machinelearning execute-api iot"
        " gamelift cognito-identity cognito-idp lex polly comprehend translate transcribe rekognition mobiletargeting"
        " firehose appsync personalize cognito-sync codewhisperer sdb"
    ),
    "sagemaker:InvokeEndpoint",
    "textract:AnalyzeDocument",
    "textract:DetectDocumentText",
)


@cache
def guest_scope_down() -> tuple[Policy, ...]:
    """The session policies that limit a guest of the enhanced flow (`Principal.scoped_down`): one pool."""
    inline = Source(PolicyType.SESSION, "Cognito's inline session policy for guests")
    return (
        compile_policy(load(GUEST_INLINE_SESSION_POLICY), inline),
        managed_policy(GUEST_SESSION_POLICY_ARN, PolicyType.SESSION),
    )


@cache
def managed_policy(arn: str, policy_type: PolicyType) -> Policy:
    """An AWS managed policy, compiled. Raises: KeyError, for one that is not known here."""
    name = f"managed policy `{arn.rpartition('/')[2]}`"
    return compile_policy(load(MANAGED_POLICIES[arn]), Source(policy_type, name, arn))


@cache
def account_root() -> Policy:
    """The account root may do everything in its own account."""
    return compile_policy(load(_allow("*")), Source(PolicyType.IDENTITY, "the account root's own permissions"))
