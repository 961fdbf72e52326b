"""Which policies take part in a simulation: those of a user, group or role, and those that come with the request."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gatepass.arn import Arn
from gatepass.errors import InvalidInput, MalformedPolicyDocument, NoSuchEntity, ValidationFailure
from gatepass.iam.policy_arns import document_of
from gatepass.iam.policy_exclusions import Exclusions
from gatepass.operation import Call
from gatepass.policy import Document, Policy, PolicyType, Source, compile_policy, load, parse
from gatepass.store import Directory, Group, Role, User

IAM_POLICY, RESOURCE_POLICY = "IAM Policy", "Resource Policy"


class SimulatedPolicy(NamedTuple):
    """A policy that takes part.

    Attributes:
        id, type: as matched statements name their source.
        arn: of a managed policy.
    """

    id: str
    text: str
    type: str = IAM_POLICY
    arn: str | None = None

    def source(self, policy_type: PolicyType) -> Source:
        return Source(policy_type, self.id, self.arn)

    def compile(self, policy_type: PolicyType) -> Policy:
        """Raises: InvalidInput, if it can no longer be read."""
        return compile_policy(self.document(), self.source(policy_type))

    def document(self) -> Document:
        """Raises: InvalidInput, as `compile`."""
        try:
            return load(self.text)
        except MalformedPolicyDocument as failure:
            raise _invalid(failure) from None


def given_policies(name: str, texts: Iterable[str]) -> tuple[SimulatedPolicy, ...]:
    """Policies that came with the request. Raises: InvalidInput, if one could not be saved."""
    policies = tuple(SimulatedPolicy(f"{name}.{number}", text) for number, text in enumerate(texts, 1))
    for policy in policies:
        try:
            parse(policy.text, "identity")
        except MalformedPolicyDocument as failure:
            raise _invalid(failure) from None
    return policies


def given_resource_policy(text: str) -> SimulatedPolicy:
    """Raises: InvalidInput, as `given_policies`."""
    try:
        parse(text, "resource")
    except MalformedPolicyDocument as failure:
        raise _invalid(failure) from None
    return SimulatedPolicy("ResourcePolicy", text, RESOURCE_POLICY)


def _invalid(failure: MalformedPolicyDocument) -> InvalidInput:
    return InvalidInput(f"Invalid Input Policy: {failure.message}", detail=failure.detail)


# --- the policies of an entity

Entity = User | Group | Role


def entity_of(call: Call, text: str) -> Entity:
    """The user, group or role with this ARN.

    Raises:
        ValidationFailure: it is no ARN.
        InvalidInput: it is the ARN of something else, or of another account.
        NoSuchEntity: there is none.
    """
    try:
        arn = Arn.parse(text)
    except ValueError:
        raise ValidationFailure("Invalid ARN:  Could not be parsed!") from None
    kind, _, rest = arn.resource.partition("/")
    if arn.service != "iam" or kind not in ("user", "group", "role") or not rest:
        raise InvalidInput(f"Invalid Entity Arn: {text} does not clearly define entity type and name.")
    account = call.deployment.account
    if arn.account != account:
        raise InvalidInput(
            f"Invalid Policy Source Arn: caller's account {account} does not have access to policies in account"
            f" {arn.account}"
        )
    name = rest.rpartition("/")[2]
    directory = call.store.directory
    found: Entity | None
    match kind:
        case "user":
            found = directory.users.get(name)
        case "group":
            found = directory.groups.get(name)
        case _:
            found = directory.roles.get(name)
    if found is None or found.arn != text:
        raise NoSuchEntity(f"The {kind} with name {name} cannot be found.")
    return found


def policies_of(directory: Directory, entity: Entity, excluded: Exclusions) -> tuple[SimulatedPolicy, ...]:
    """The policies of a user, group or role; of a user, those of its groups too."""
    owners: list[Entity] = [entity]
    if isinstance(entity, User):
        owners += [group for name in entity.groups if (group := directory.groups.get(name)) is not None]
    return tuple(policy for owner in owners for policy in _of_owner(directory, owner, excluded))


def _of_owner(directory: Directory, owner: Entity, excluded: Exclusions) -> Iterator[SimulatedPolicy]:
    kind = _kind(owner)
    for name, document in owner.inline_policies.items():
        if not excluded.inline(kind, owner.name, name):
            yield SimulatedPolicy(f"{kind}_{owner.name}_{name}", document)
    for arn in owner.attached_policies:
        attached = document_of(directory, arn)
        if attached is not None and not excluded.managed(arn):
            yield SimulatedPolicy(arn.rpartition("/")[2], attached, arn=arn)


def boundary_of(directory: Directory, entity: Entity, excluded: Exclusions) -> tuple[SimulatedPolicy, ...] | None:
    """None if nothing bounds it. A boundary that is not there any more allows nothing."""
    arn = None if isinstance(entity, Group) else entity.permissions_boundary
    if arn is None or excluded.boundary:
        return None
    document = document_of(directory, arn)
    return () if document is None else (SimulatedPolicy(arn.rpartition("/")[2], document, arn=arn),)


def _kind(owner: Entity) -> str:
    return "user" if isinstance(owner, User) else "group" if isinstance(owner, Group) else "role"
