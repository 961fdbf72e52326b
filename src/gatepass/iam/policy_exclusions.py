"""Policies that a simulation leaves out, as if they were not there."""

from collections.abc import Iterable
from typing import NamedTuple, Self

from gatepass.arn import Arn
from gatepass.errors import InvalidInput
from gatepass.iam.policy_arns import AWS
from gatepass.iam.shapes.simulation import InlinePolicyIdentifier, PolicyIdentifier
from gatepass.policy.globs import compiled


class Exclusions(NamedTuple):
    """What identifies the policies that are left out."""

    types: tuple[str, ...]
    arns: tuple[str, ...]
    inlines: tuple[InlinePolicyIdentifier, ...]

    @classmethod
    def of(cls, identifiers: Iterable[PolicyIdentifier]) -> Self:
        """Raises: InvalidInput, if one is not exactly one of a type, an ARN and an inline policy, or misspelt."""
        types: list[str] = []
        arns: list[str] = []
        inlines: list[InlinePolicyIdentifier] = []
        for identifier in identifiers:
            match identifier:
                case PolicyIdentifier(policy_type=str(name), policy_arn=None, inline_policy_identifier=None):
                    types.append(name)
                case PolicyIdentifier(policy_type=None, policy_arn=str(arn), inline_policy_identifier=None):
                    _check_arn(arn)
                    arns.append(arn)
                case PolicyIdentifier(
                    policy_type=None, policy_arn=None, inline_policy_identifier=InlinePolicyIdentifier() as inline
                ):
                    _check_stars(inline.attachment_name)
                    inlines.append(inline)
                case _:
                    raise InvalidInput(
                        "Invalid Policy Identifier: exactly one of PolicyType, PolicyArn and InlinePolicyIdentifier"
                        " must be specified"
                    )
        return cls(tuple(types), tuple(arns), tuple(inlines))

    @property
    def boundary(self) -> bool:
        return "permission-boundary" in self.types

    def managed(self, arn: str) -> bool:
        kind = "aws-managed" if Arn.parse(arn).account == AWS else "user-managed"
        return kind in self.types or any(compiled(pattern).matches(arn) for pattern in self.arns)

    def inline(self, kind: str, owner: str, name: str) -> bool:
        return "inline" in self.types or any(
            (each.attachment_type, each.policy_name) == (kind, name) and compiled(each.attachment_name).matches(owner)
            for each in self.inlines
        )


NONE = Exclusions((), (), ())


def _check_arn(text: str) -> None:
    """Raises: InvalidInput, if it is not the ARN of a policy with wildcards in its name at most."""
    try:
        arn = Arn.parse(text)
    except ValueError:
        arn = None
    if (
        arn is None
        or (arn.partition, arn.service, arn.region) != ("aws", "iam", "")
        or not arn.resource.startswith("policy/")
        or any(wildcard in arn.account for wildcard in "*?")
    ):
        raise InvalidInput(f"Invalid Policy Identifier: {text} is not the ARN of a policy")
    _check_stars(text)


def _check_stars(text: str) -> None:
    if text.count("*") > 1:
        raise InvalidInput(f"Invalid Policy Identifier: {text} has more than one *")
