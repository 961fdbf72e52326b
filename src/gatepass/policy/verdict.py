"""What an evaluation answers, and which policy it names."""

from enum import Enum
from typing import Literal, NamedTuple

Outcome = Literal["allowed", "implicitDeny", "explicitDeny"]


class PolicyType(Enum):
    """The kinds of policy that take part; the value is how explanations and logs spell it."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    SESSION = "session"
    BOUNDARY = "boundary"
    TRUST = "trust"
    SCP = "scp"
    RCP = "rcp"
    VPCE = "vpce"


class Source(NamedTuple):
    """Where a policy comes from, in words a person finds it by.

    Attributes:
        name: for example "inline policy `allow` of role `r`".
        arn: of a managed policy, else None.
    """

    type: PolicyType
    name: str
    arn: str | None = None


class Verdict(NamedTuple):
    """The answer to one query.

    Attributes:
        policy_type: of the policy that decided; for an implicit deny the type that does not allow.
            None only where no policy is asked (`sts:GetCallerIdentity`).
        policy: the policy that decided; None for an implicit deny.
        statement: its position in that policy, from 0; None for an implicit deny.
        sid: that statement's Sid, if it has one.
    """

    outcome: Outcome
    policy_type: PolicyType | None = None
    policy: Source | None = None
    statement: int | None = None
    sid: str | None = None

    @property
    def allowed(self) -> bool:
        return self.outcome == "allowed"
