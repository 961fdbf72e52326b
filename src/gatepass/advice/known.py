"""What AWS publishes of names: condition keys with their types, and the actions of the services an identity pool needs.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Literal, NamedTuple

from gatepass.policy import COGNITO

Type = Literal["String", "Arn", "Bool", "Date", "Numeric", "IpAddress"]


class Key(NamedTuple):
    """A condition key.

    Attributes:
        name: as AWS spells it; one that ends in `/` is followed by a tag's key.
        several: it has a set of values, and needs `ForAnyValue` or `ForAllValues`.
        always: every request that is signed with a role's credentials has it.
    """

    name: str
    type: Type = "String"
    several: bool = False
    always: bool = False


def _keys(names: str, type_: Type = "String", *, several: bool = False, always: bool = False) -> list[Key]:
    return [Key(name, type_, several, always) for name in names.split()]


_TABLE = [
    *_keys(
        "aws:CalledViaFirst aws:CalledViaLast aws:Ec2InstanceSourceVpc aws:FederatedProvider aws:PrincipalOrgID"
        " aws:PrincipalServiceName aws:PrincipalTag/ aws:Referer aws:RequestTag/ aws:RequestedRegion"
        " aws:ResourceAccount aws:ResourceOrgID aws:ResourceTag/ aws:SourceAccount aws:SourceIdentity aws:SourceOrgID"
        " aws:SourceVpc aws:SourceVpce aws:UserAgent aws:username aws:VpceAccount aws:VpceOrgID"
    ),
    *_keys("aws:PrincipalAccount aws:PrincipalType aws:userid", always=True),
    *_keys("aws:PrincipalArn", "Arn", always=True),
    *_keys("aws:ChatbotSourceArn aws:SourceArn aws:SourceVpcArn aws:SignInSessionArn", "Arn"),
    *_keys("aws:SourceIp", "IpAddress", always=True),
    *_keys("aws:VpcSourceIp aws:Ec2InstanceSourcePrivateIPv4", "IpAddress"),
    *_keys("aws:CurrentTime aws:EpochTime", "Date", always=True),
    *_keys("aws:TokenIssueTime", "Date"),
    *_keys("aws:MultiFactorAuthAge", "Numeric"),
    *_keys("aws:SecureTransport", "Bool", always=True),
    *_keys(
        "aws:AssumedRoot aws:IsMcpServiceAction aws:MultiFactorAuthPresent aws:PrincipalIsAWSService aws:ViaAWSService"
        " aws:ViaAWSMCPService",
        "Bool",
    ),
    *_keys(
        "aws:CalledVia aws:CalledViaAWSMCP aws:PrincipalOrgPaths aws:PrincipalServiceNamesList aws:ResourceOrgPaths"
        " aws:SourceOrgPaths aws:TagKeys aws:VpceOrgPaths sts:TransitiveTagKeys",
        several=True,
    ),
    *_keys(f"{COGNITO.arn}:aud {COGNITO.arn}:sub"),
    *_keys(f"{COGNITO.arn}:amr", several=True),
    *_keys("cognito-identity-unauth:AccountId sts:ExternalId sts:RoleSessionName"),
    *_keys("cognito-identity-unauth:IdentityPoolArn", "Arn"),
    *_keys("sts:DurationSeconds", "Numeric"),
]
_BY_NAME: Mapping[str, Key] = MappingProxyType({key.name.lower(): key for key in _TABLE})

_COGNITO_ACTIONS = (
    "CreateIdentityPool DeleteIdentities DeleteIdentityPool DescribeIdentity DescribeIdentityPool"
    " GetCredentialsForIdentity GetId GetIdentityPoolAnalytics GetIdentityPoolDailyAnalytics GetIdentityPoolRoles"
    " GetIdentityProviderDailyAnalytics GetOpenIdToken GetOpenIdTokenForDeveloperIdentity GetPrincipalTagAttributeMap"
    " ListIdentities ListIdentityPools ListTagsForResource LookupDeveloperIdentity MergeDeveloperIdentities"
    " SetIdentityPoolRoles SetPrincipalTagAttributeMap TagResource UnlinkDeveloperIdentity UnlinkIdentity UntagResource"
    " UpdateIdentityPool"
)
_STS_ACTIONS = (
    "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot DecodeAuthorizationMessage GetAccessKeyInfo"
    " GetCallerIdentity GetDelegatedAccessToken GetFederationToken GetServiceBearerToken GetSessionToken"
    " GetWebIdentityToken SetContext SetSourceIdentity TagGetWebIdentityToken TagSession"
)
#: Every action of the services whose actions are known whole.
ACTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "execute-api": ("Invoke", "InvalidateCache", "ManageConnections"),
        "cognito-identity": tuple(_COGNITO_ACTIONS.split()),
        "sts": tuple(_STS_ACTIONS.split()),
    }
)
# What is like one of these and is none is a slip of the pen. Short names are left out: `sts` and `sqs` are both right.
_SERVICES = ("execute-api", "cognito-identity", "cognito-idp", "cognito-sync", "apigateway")
_LONGEST = 200
_NO_SERVICES = {"executeapi": "execute-api", "api-gateway": "apigateway", "apigatewayv2": "apigateway"}


def key_of(name: str) -> Key | None:
    """The key of this name, in any case; None if AWS publishes none, or it is another service's."""
    folded = name.lower()
    return _BY_NAME.get(folded) or _BY_NAME.get(f"{folded.partition('/')[0]}/")


def meant_key(name: str, *, guess: bool = True) -> str | None:
    """What a name that is no key may stand for; empty if that is not known; None if the key may well exist."""
    if key_of(name) is not None:
        return None
    folded = name.lower()
    near = nearest(folded, _BY_NAME, 0.8) if guess else None
    if near is not None:
        return _BY_NAME[near].name
    service = folded.partition(":")[0]
    return "" if service in ("aws", COGNITO.arn) or ":" not in folded else None


def meant_service(name: str) -> str | None:
    """The service that a misspelt prefix stands for."""
    folded = name.lower()
    if folded in _SERVICES:
        return None
    return _NO_SERVICES.get(folded) or nearest(folded, _SERVICES, 0.8)


def nearest(name: str, names: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The name most like it, if one is; of long ones none is looked for, which takes the square of their length."""
    if len(name) > _LONGEST:
        return None
    return next(iter(get_close_matches(name, [each for each in names if len(each) <= _LONGEST], 1, cutoff)), None)
