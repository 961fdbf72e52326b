"""AWS's own managed policies as IAM shows them. What they say is in `gatepass.policy.MANAGED_POLICIES`.

Only the newest version of each is known.

Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from base64 import b32encode
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType

from gatepass.iam.policy_arns import PolicyArn
from gatepass.policy import MANAGED_POLICIES
from gatepass.store import ManagedPolicy, PolicyVersion

# Name: newest version, when it was made, when the first one was, and the id where it is published.
_KNOWN = """
AdministratorAccess                            1  2015-02-06T18:39:46 2015-02-06T18:39:46 ANPAIWMBCKSKIEE64ZLYK
AmazonAPIGatewayAdministrator                  1  2015-07-09T17:34:45 2015-07-09T17:34:45 ANPAJ4PT6VY5NLKTNUYSI
AmazonAPIGatewayInvokeFullAccess               2  2018-12-18T18:25:10 2015-07-09T17:36:12 ANPAIIWAX2NOOQJ4AIEQ6
AmazonAPIGatewayPushToCloudWatchLogs           1  2015-11-11T23:41:46 2015-11-11T23:41:46
AmazonCognitoDeveloperAuthenticatedIdentities  1  2015-03-24T17:22:23 2015-03-24T17:22:23
AmazonCognitoPowerUser                         9  2026-02-12T18:00:09 2015-03-24T17:14:56
AmazonCognitoReadOnly                          4  2019-08-01T19:21:04 2015-03-24T17:06:46
AmazonCognitoUnAuthedIdentitiesSessionPolicy   4  2026-05-01T19:57:11 2023-07-19T23:04:05
AmazonCognitoUnauthenticatedIdentities         1  2023-02-01T22:36:27 2023-02-01T22:36:27
AWSLambdaBasicExecutionRole                    1  2015-04-09T15:03:43 2015-04-09T15:03:43 ANPAJNCQGXC42545SKXIK
IAMFullAccess                                  2  2019-06-21T19:40:00 2015-02-06T18:40:38
IAMReadOnlyAccess                              4  2018-01-25T19:11:27 2015-02-06T18:40:39
PowerUserAccess                                12 2026-02-12T17:59:14 2015-02-06T18:39:47 ANPAJYRXTHIB4FOVS3ZXS
"""


def _policies() -> Iterator[ManagedPolicy]:
    known = {name: rest for name, *rest in map(str.split, _KNOWN.strip().splitlines())}
    for arn, document in MANAGED_POLICIES.items():
        parsed = PolicyArn.parse(arn)
        version, updated, created, *id_ = known[parsed.name]
        number, newest = int(version), _seconds(updated)
        yield ManagedPolicy(
            arn=arn,
            name=parsed.name,
            path=parsed.path,
            id=id_[0] if id_ else _made_up_id(parsed.name),
            versions={number: PolicyVersion(document, newest)},
            default_version=number,
            latest_version=number,
            created=_seconds(created),
            updated=newest,
        )


def _seconds(utc: str) -> float:
    return datetime.fromisoformat(f"{utc}+00:00").timestamp()


def _made_up_id(name: str) -> str:
    """Looks like one, and is the same everywhere."""
    return "ANPA" + b32encode(sha256(name.encode()).digest()).decode("ascii")[:17]


AWS_POLICIES: Mapping[str, ManagedPolicy] = MappingProxyType({policy.arn: policy for policy in _policies()})
