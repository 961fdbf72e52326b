"""AWS's own policies that an identity pool or an API meets, as AWS publishes their permissions.

Sources: https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonCognitoUnAuthedIdentitiesSessionPolicy.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from gatepass.policy.compile import Policy, compile_policy
from gatepass.policy.document import load
from gatepass.policy.verdict import PolicyType, Source

_AWS = "arn:aws:iam::aws:policy"
_LINKED = "arn:aws:iam::*:role/aws-service-role"
GUEST_SESSION_POLICY_ARN = f"{_AWS}/AmazonCognitoUnAuthedIdentitiesSessionPolicy"


def _statement(*actions: str, resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": sorted(actions), "Resource": resource}


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


def _allow(*actions: str, resource: str = "*") -> str:
    return _policy(_statement(*actions, resource=resource))


def _all_of(services: str) -> tuple[str, ...]:
    return tuple(f"{service}:*" for service in services.split())


def _some_of(service: str, actions: str) -> tuple[str, ...]:
    return tuple(f"{service}:{action}" for action in actions.split())


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
            *_some_of("kms", "GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext"),
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ),
        f"{_AWS}/AdministratorAccess": _allow("*"),
        f"{_AWS}/AmazonAPIGatewayAdministrator": _allow("apigateway:*", resource="arn:aws:apigateway:*::/*"),
        f"{_AWS}/AmazonAPIGatewayInvokeFullAccess": _allow(
            "execute-api:Invoke", "execute-api:ManageConnections", resource="arn:aws:execute-api:*:*:*"
        ),
        f"{_AWS}/AmazonCognitoDeveloperAuthenticatedIdentities": _allow(
            *_some_of("cognito-identity", "GetOpenIdTokenForDeveloperIdentity LookupDeveloperIdentity"),
            *_some_of("cognito-identity", "MergeDeveloperIdentities UnlinkDeveloperIdentity"),
        ),
        f"{_AWS}/AmazonCognitoPowerUser": _policy(
            _statement(
                *_all_of("cognito-identity cognito-idp cognito-sync"),
                *_some_of("iam", "ListRoles ListOpenIdConnectProviders GetRole ListSAMLProviders GetSAMLProvider"),
                *_some_of("lambda", "GetPolicy ListFunctions"),
                *_some_of("sns", "GetSMSSandboxAccountStatus ListPlatformApplications"),
                *_some_of("ses", "ListIdentities GetIdentityVerificationAttributes"),
                *("acm:ListCertificates", "kinesis:ListStreams", "mobiletargeting:GetApps"),
                "sms-voice:DescribeAccountAttributes",
            ),
            {
                **_statement("iam:CreateServiceLinkedRole"),
                "Condition": {
                    "StringEquals": {
                        "iam:AWSServiceName": ["cognito-idp.amazonaws.com", "email.cognito-idp.amazonaws.com"]
                    }
                },
            },
            {
                **_statement("iam:DeleteServiceLinkedRole", "iam:GetServiceLinkedRoleDeletionStatus"),
                "Resource": [
                    f"{_LINKED}/cognito-idp.amazonaws.com/AWSServiceRoleForAmazonCognitoIdp*",
                    f"{_LINKED}/email.cognito-idp.amazonaws.com/AWSServiceRoleForAmazonCognitoIdpEmail*",
                ],
            },
        ),
        f"{_AWS}/AmazonCognitoReadOnly": _allow(
            *_some_of("cognito-identity", "Describe* Get* List*"),
            *_some_of("cognito-idp", "Describe* AdminGet* AdminList* List* Get*"),
            *_some_of("cognito-sync", "Describe* Get* List*"),
            *("iam:ListOpenIdConnectProviders", "iam:ListRoles", "sns:ListPlatformApplications"),
        ),
        f"{_AWS}/AmazonCognitoUnauthenticatedIdentities": _allow("rum:PutRumEvents"),
        f"{_AWS}/IAMFullAccess": _allow(
            "iam:*",
            *_some_of(
                "organizations", "DescribeAccount DescribeOrganization DescribeOrganizationalUnit DescribePolicy"
            ),
            *_some_of("organizations", "ListChildren ListParents ListPolicies ListPoliciesForTarget ListRoots"),
            "organizations:ListTargetsForPolicy",
        ),
        f"{_AWS}/IAMReadOnlyAccess": _allow(
            *_some_of("iam", "GenerateCredentialReport GenerateServiceLastAccessedDetails Get* List*"),
            *_some_of("iam", "SimulateCustomPolicy SimulatePrincipalPolicy"),
        ),
        f"{_AWS}/PowerUserAccess": _policy(
            {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"},
            _statement(
                *_some_of("account", "GetAccountInformation GetGovCloudAccountInformation GetPrimaryEmail ListRegions"),
                *_some_of("iam", "CreateServiceLinkedRole DeleteServiceLinkedRole ListRoles"),
                *_some_of("organizations", "DescribeEffectivePolicy DescribeOrganization"),
            ),
        ),
        f"{_AWS}/service-role/AmazonAPIGatewayPushToCloudWatchLogs": _allow(
            *_some_of("logs", "CreateLogGroup CreateLogStream DescribeLogGroups DescribeLogStreams PutLogEvents"),
            *_some_of("logs", "GetLogEvents FilterLogEvents"),
        ),
        f"{_AWS}/service-role/AWSLambdaBasicExecutionRole": _allow(
            *_some_of("logs", "CreateLogGroup CreateLogStream PutLogEvents")
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
