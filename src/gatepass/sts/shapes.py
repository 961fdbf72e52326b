"""What STS operations take and give, with AWS's names and constraints. Members of outputs stand in AWS's order."""

import msgspec


class GetCallerIdentityInput(msgspec.Struct, frozen=True, rename="pascal"):
    pass


class GetCallerIdentityOutput(msgspec.Struct, frozen=True, rename="pascal"):
    arn: str
    user_id: str
    account: str
