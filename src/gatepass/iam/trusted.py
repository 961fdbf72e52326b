"""Whom trust policies name: who of this account is not there cannot be trusted yet.

Else whoever may create users could take a name that is trusted already, and with it the role.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from gatepass import policy
from gatepass.arn import Arn
from gatepass.errors import MalformedPolicyDocument
from gatepass.iam import limits
from gatepass.operation import Call


async def check_trust_policy(call: Call, text: str) -> None:
    """Raises: MalformedPolicyDocument, LimitExceeded."""
    document = policy.parse(text, "trust")
    limits.check_trust_policy(text)
    for statement in document.statements:
        for name in (statement.principals or {}).get("AWS", ()):
            if not await _is_there(call, name):
                raise MalformedPolicyDocument(f'Invalid principal in policy: "AWS":"{name}"')


async def _is_there(call: Call, name: str) -> bool:
    """Of other accounts, and of what is neither a user nor a role, nothing is known."""
    try:
        arn = Arn.parse(name)
    except ValueError:
        return True
    kind, _, rest = arn.resource.partition("/")
    if (arn.service, arn.account) != ("iam", call.deployment.account) or kind not in ("user", "role"):
        return True
    table = call.store.users if kind == "user" else call.store.roles
    found = await table.get(rest.rpartition("/")[2])
    return found is not None and found.arn == name
