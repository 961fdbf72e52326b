"""Managed policies by their ARNs: the account's own, which are stored, and AWS's, which are known by heart."""

from typing import NamedTuple, Self

from gatepass.arn import Arn
from gatepass.errors import AccessDenied, InvalidInput, NoSuchEntity, ValidationFailure
from gatepass.operation import Call
from gatepass.policy import MANAGED_POLICIES
from gatepass.store import Directory

AWS = "aws"


class PolicyArn(NamedTuple):
    """`arn:aws:iam::ACCOUNT:policy/PATH/NAME`; AWS's account is `aws`."""

    text: str
    account: str
    path: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises:
        ValidationFailure: it is no ARN.
        InvalidInput: it is the ARN of something else.
        """
        try:
            arn = Arn.parse(text)
        except ValueError:
            raise ValidationFailure(f"ARN {text} is not valid.") from None
        kind, _, rest = arn.resource.partition("/")
        path, _, name = ("/" + rest).rpartition("/")
        if (arn.partition, arn.service, arn.region, kind) != ("aws", "iam", "", "policy") or not name:
            raise InvalidInput(f"ARN {text} is not valid.")
        return cls(text, arn.account, path + "/", name)

    @property
    def is_aws(self) -> bool:
        """It is one of AWS's own policies, which nobody changes and nobody deletes."""
        return self.account == AWS


def document_of(directory: Directory, arn: str) -> str | None:
    """What a managed policy says now: its default version; None if there is no such policy."""
    own = directory.managed_policies.get(arn)
    return MANAGED_POLICIES.get(arn) if own is None else own


async def exists(call: Call, arn: PolicyArn) -> bool:
    if arn.is_aws:
        return arn.text in MANAGED_POLICIES
    return await call.store.managed_policies.get(arn.text) is not None


class Use(NamedTuple):
    """A managed policy that an entity begins to use.

    Attributes:
        refusal: what is said if there is no such policy.
    """

    arn: PolicyArn
    refusal: str

    @classmethod
    def attached(cls, arn: str) -> Self:
        """Raises: ValidationFailure, InvalidInput."""
        return cls(PolicyArn.parse(arn), f"Policy {arn} does not exist or is not attachable.")

    @classmethod
    def as_boundary(cls, arn: str) -> Self:
        """Raises: InvalidInput."""
        try:
            parsed = PolicyArn.parse(arn)
        except ValidationFailure as failure:
            raise InvalidInput(failure.message) from None
        return cls(parsed, f"Scope ARN: {arn} does not exist or is not attachable.")

    @property
    def stored(self) -> str | None:
        """The ARN, if the policy is one that could be deleted meanwhile."""
        return None if self.arn.is_aws else self.arn.text

    async def check(self, call: Call) -> None:
        """Raises: NoSuchEntity."""
        if not await exists(call, self.arn):
            raise NoSuchEntity(self.refusal)


def check_own(call: Call, arn: PolicyArn, operation: str) -> None:
    """Raises: AccessDenied, if somebody wants to change a policy of AWS's."""
    if arn.is_aws:
        caller = call.principal.arn if call.principal is not None else "anonymous"
        raise AccessDenied(
            f"User: {caller} is not authorized to perform: iam:{operation} on resource: policy {arn.text}",
            detail="AWS's managed policies belong to nobody's account",
        )


def no_such_policy(arn: str) -> NoSuchEntity:
    return NoSuchEntity(f"Policy {arn} was not found.")
