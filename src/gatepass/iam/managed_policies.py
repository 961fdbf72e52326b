"""Managed policies: made, shown, listed, tagged, deleted; and who uses them."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

from gatepass import arn, policy
from gatepass.errors import DeleteConflict, EntityAlreadyExists, NoSuchEntity, ServiceError, ValidationFailure
from gatepass.iam import changing, limits, paging, tagging
from gatepass.iam.aws_policies import AWS_POLICIES
from gatepass.iam.policy_arns import PolicyArn, check_own, no_such_policy
from gatepass.iam.shapes import managed_policies as shapes
from gatepass.iam.shapes import parts
from gatepass.iam.tags import BY_CASE, check_case
from gatepass.operation import Call
from gatepass.store import ManagedPolicy, PolicyEntity, PolicyUsage, PolicyVersion
from gatepass.tokens.ids import ENTROPY_BYTES, unique_id

USES = {"PermissionsPolicy": ("attached",), "PermissionsBoundary": ("boundary",), None: ("attached", "boundary")}
CHUNK = 200


async def create_policy(call: Call, given: shapes.CreatePolicyInput) -> shapes.PolicyOutput:
    """A policy with its first version."""
    tags = BY_CASE.tags(given.tags)
    check_case(tags, call.principal)
    check_document(given.policy_document)
    account = call.deployment.account
    made = ManagedPolicy(
        arn=arn.policy_arn(account, given.path, given.policy_name),
        name=given.policy_name,
        path=given.path,
        id=unique_id("ANPA", account, call.entropy(ENTROPY_BYTES)),
        versions={1: PolicyVersion(given.policy_document, call.now)},
        description=given.description,
        tags=tags,
        created=call.now,
        updated=call.now,
    )
    if not await call.store.managed_policies.add(made):
        raise EntityAlreadyExists(
            f"A policy called {given.policy_name} already exists. Duplicate names are not allowed."
        )
    return shapes.PolicyOutput(_shown(made, PolicyUsage(), tags=tagging.shown(made) or None))


def check_document(document: str) -> None:
    """Raises: MalformedPolicyDocument, LimitExceeded."""
    policy.parse(document, "managed")
    limits.check_managed_policy(document)


async def find(call: Call, text: str, missing: Callable[[str], NoSuchEntity]) -> ManagedPolicy:
    """One of the account's policies or of AWS's.

    Raises:
        ValidationFailure: not an ARN.
        InvalidInput: not a policy's ARN.
        NoSuchEntity: what `missing` makes.
    """
    parsed = PolicyArn.parse(text)
    found = AWS_POLICIES.get(text) if parsed.is_aws else await call.store.managed_policies.get(text)
    if found is None:
        raise missing(text)
    return found


def not_attachable(text: str) -> NoSuchEntity:
    return NoSuchEntity(f"Policy {text} does not exist or is not attachable.")


async def change(
    call: Call,
    text: str,
    operation: str,
    changed: Callable[[ManagedPolicy], ManagedPolicy],
    missing: Callable[[str], NoSuchEntity],
) -> ManagedPolicy:
    """Save what `changed` makes of one of the account's policies.

    Raises:
        ValidationFailure, InvalidInput, NoSuchEntity: as `find`.
        AccessDenied: it is one of AWS's.
        ConcurrentModification: others were faster every time.
    """
    check_own(call, PolicyArn.parse(text), operation)
    table = call.store.managed_policies
    return await changing.change(lambda: table.change(text, changed), lambda: find(call, text, missing))


async def get_policy(call: Call, given: shapes.OfPolicy) -> shapes.PolicyOutput:
    """All of a policy but what it says."""
    found = await find(call, given.policy_arn, no_such_policy)
    (usage,) = await call.store.managed_policies.usage([found.arn])
    shown = _shown(found, usage, description=found.description, tags=tagging.shown(found))
    return shapes.PolicyOutput(shown)


def _shown(
    found: ManagedPolicy,
    usage: PolicyUsage,
    *,
    description: str | None = None,
    tags: tuple[parts.Tag, ...] | None = None,
) -> shapes.Policy:
    return shapes.Policy(
        permissions_boundary_usage_count=usage.boundaries,
        path=found.path,
        update_date=found.updated,
        policy_id=found.id,
        default_version_id=f"v{found.default_version}",
        policy_name=found.name,
        description=description,
        attachment_count=usage.attachments,
        arn=found.arn,
        create_date=found.created,
        tags=tags,
    )


async def list_policies(call: Call, given: shapes.ListPoliciesInput) -> shapes.ListPoliciesOutput:
    """The account's policies by name, then AWS's; without description and tags, as in AWS's listings."""
    found: list[tuple[ManagedPolicy, PolicyUsage]] = []
    async for policies in _chunks(call, given):
        usages = await call.store.managed_policies.usage(each.arn for each in policies)
        found += [pair for pair in zip(policies, usages, strict=True) if _is_wanted(given, pair[1])]
        if len(found) > given.max_items:
            break
    page = paging.cut(found, given, lambda pair: pair[0].arn)
    return shapes.ListPoliciesOutput(
        is_truncated=page.is_truncated,
        marker=page.marker,
        policies=tuple(_shown(*pair) for pair in page.entries),
    )


def _is_wanted(given: shapes.ListPoliciesInput, usage: PolicyUsage) -> bool:
    counted = {
        "PermissionsPolicy": usage.attachments,
        "PermissionsBoundary": usage.boundaries,
        None: usage.attachments + usage.boundaries,
    }
    if given.only_attached or given.policy_usage_filter is not None:
        return counted[given.policy_usage_filter] > 0
    return True


async def _chunks(call: Call, given: shapes.ListPoliciesInput) -> AsyncIterator[Sequence[ManagedPolicy]]:
    """The policies of the scope that follow the marker, a few at a time. Raises: ValidationFailure."""
    after, past_own = _marked(given.marker)
    if given.scope != "AWS" and not past_own:
        own_after = after
        while policies := await call.store.managed_policies.list(
            after=own_after, limit=CHUNK, path_prefix=given.path_prefix
        ):
            yield policies
            own_after = policies[-1].name
    if given.scope != "Local":
        yield sorted(
            (
                each
                for each in AWS_POLICIES.values()
                if each.path.startswith(given.path_prefix) and (not past_own or each.name > after)
            ),
            key=lambda each: each.name,
        )


def _marked(marker: str | None) -> tuple[str, bool]:
    """The name that the page follows, and whether it is one of AWS's. Raises: ValidationFailure."""
    last = paging.last_entry(marker)
    if last is None:
        return "", False
    try:
        parsed = PolicyArn.parse(last)
    except ServiceError:
        raise ValidationFailure("Invalid Marker.") from None
    return parsed.name, parsed.is_aws


async def delete_policy(call: Call, given: shapes.OfPolicy) -> None:
    """A policy goes only when nothing uses it and it has no other version."""
    check_own(call, PolicyArn.parse(given.policy_arn), "DeletePolicy")
    if not await call.store.managed_policies.delete(given.policy_arn, check=_check_deletable):
        raise not_attachable(given.policy_arn)


def _check_deletable(found: ManagedPolicy, usage: PolicyUsage) -> None:
    """Raises: DeleteConflict."""
    if usage.attachments or usage.boundaries:
        raise DeleteConflict("Cannot delete a policy attached to entities.")
    if len(found.versions) > 1:
        raise DeleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions."
            " The default version is deleted with the policy."
        )


# --- who uses a policy


async def list_entities_for_policy(
    call: Call, given: shapes.ListEntitiesForPolicyInput
) -> shapes.ListEntitiesForPolicyOutput:
    """Groups, roles and users, in this order and by name."""
    found = await find(call, given.policy_arn, not_attachable)
    kinds = ("group", "role", "user") if given.entity_filter is None else (given.entity_filter.lower(),)
    kind, _, name = (paging.last_entry(given.marker) or "").partition("/")
    entities = await call.store.managed_policies.entities(
        found.arn,
        kinds=kinds,
        uses=USES[given.policy_usage_filter],
        path_prefix=given.path_prefix,
        after=(kind, name),
        limit=given.max_items + 1,
    )
    page: paging.Page[PolicyEntity] = paging.cut(entities, given, lambda each: f"{each.kind}/{each.name}")

    def of_kind(kind: str) -> list[PolicyEntity]:
        return [entity for entity in page.entries if entity.kind == kind]

    return shapes.ListEntitiesForPolicyOutput(
        policy_roles=tuple(shapes.PolicyRole(role_id=each.id, role_name=each.name) for each in of_kind("role")),
        is_truncated=page.is_truncated,
        policy_users=tuple(shapes.PolicyUser(each.name, each.id) for each in of_kind("user")),
        marker=page.marker,
        policy_groups=tuple(shapes.PolicyGroup(each.name, each.id) for each in of_kind("group")),
    )


# --- tags


async def tag_policy(call: Call, given: shapes.TagPolicyInput) -> None:
    """More tags, or other values of those that are there."""
    added = BY_CASE.tags(given.tags)

    def changed(found: ManagedPolicy) -> ManagedPolicy:
        tags = BY_CASE.added(found.tags, added)
        check_case(tags, call.principal)
        return replace(found, tags=tags)

    await change(call, given.policy_arn, "TagPolicy", changed, no_such_policy)


async def untag_policy(call: Call, given: shapes.UntagPolicyInput) -> None:
    """Fewer tags."""

    def changed(found: ManagedPolicy) -> ManagedPolicy:
        return replace(found, tags=BY_CASE.removed(found.tags, given.tag_keys))

    await change(call, given.policy_arn, "UntagPolicy", changed, no_such_policy)


async def list_policy_tags(call: Call, given: shapes.PagesOfPolicy) -> parts.ListTagsOutput:
    """By key."""
    return tagging.page((await find(call, given.policy_arn, no_such_policy)).tags, given)
