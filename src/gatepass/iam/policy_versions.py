"""Versions of managed policies: up to five, of which the default one counts."""

from dataclasses import replace

from gatepass.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from gatepass.iam import limits, paging
from gatepass.iam.managed_policies import change, check_document, find, not_attachable
from gatepass.iam.shapes import managed_policies as shapes
from gatepass.operation import Call
from gatepass.store import ManagedPolicy, PolicyVersion

_MORE_THAN_ANY = 10**9


async def create_policy_version(call: Call, given: shapes.CreatePolicyVersionInput) -> shapes.PolicyVersionOutput:
    """A version with a number that was never used; the default one at once, if it is to be."""
    await find(call, given.policy_arn, not_attachable)
    check_document(given.policy_document)

    def changed(found: ManagedPolicy) -> ManagedPolicy:
        if len(found.versions) >= limits.POLICY_VERSIONS:
            raise LimitExceeded(
                f"A managed policy can have up to {limits.POLICY_VERSIONS} versions. Before you create a new version,"
                " you must delete an existing version."
            )
        number = found.latest_version + 1
        return replace(
            found,
            versions={**found.versions, number: PolicyVersion(given.policy_document, call.now)},
            latest_version=number,
            default_version=number if given.set_as_default else found.default_version,
            updated=call.now,
        )

    saved = await change(call, given.policy_arn, "CreatePolicyVersion", changed, not_attachable)
    return shapes.PolicyVersionOutput(_listed(saved, max(saved.versions)))


def _listed(found: ManagedPolicy, number: int) -> shapes.PolicyVersion:
    return shapes.PolicyVersion(
        version_id=f"v{number}",
        is_default_version=number == found.default_version,
        create_date=found.versions[number].created,
    )


async def get_policy_version(call: Call, given: shapes.PolicyVersionInput) -> shapes.PolicyVersionOutput:
    """What a version says."""
    found = await find(call, given.policy_arn, lambda arn: _missing(arn, given.version_id))
    number = _number(found, given.version_id)
    return shapes.PolicyVersionOutput(shown(found, number))


def shown(found: ManagedPolicy, number: int) -> shapes.PolicyVersion:
    """A version with its document."""
    return shapes.PolicyVersion(
        version_id=f"v{number}",
        is_default_version=number == found.default_version,
        document=found.versions[number].document,
        create_date=found.versions[number].created,
    )


async def list_policy_versions(call: Call, given: shapes.PagesOfPolicy) -> shapes.ListPolicyVersionsOutput:
    """The newest first, without what they say."""
    found = await find(call, given.policy_arn, not_attachable)
    page = paging.page(found.versions, given, _newest_first)
    return shapes.ListPolicyVersionsOutput(
        is_truncated=page.is_truncated,
        versions=tuple(_listed(found, number) for number in page.entries),
        marker=page.marker,
    )


def _newest_first(number: int) -> str:
    """A key that sorts so."""
    return f"{_MORE_THAN_ANY - number:010}"


async def set_default_policy_version(call: Call, given: shapes.PolicyVersionInput) -> None:
    """What counts from the next request on."""

    def changed(found: ManagedPolicy) -> ManagedPolicy:
        return replace(found, default_version=_number(found, given.version_id))

    await change(
        call, given.policy_arn, "SetDefaultPolicyVersion", changed, lambda arn: _missing(arn, given.version_id)
    )


async def delete_policy_version(call: Call, given: shapes.PolicyVersionInput) -> None:
    """Any but the default one."""

    def changed(found: ManagedPolicy) -> ManagedPolicy:
        number = _number(found, given.version_id)
        if number == found.default_version:
            raise DeleteConflict("Cannot delete the default version of a policy.")
        return replace(found, versions={key: each for key, each in found.versions.items() if key != number})

    await change(call, given.policy_arn, "DeletePolicyVersion", changed, lambda arn: _missing(arn, given.version_id))


def _number(found: ManagedPolicy, version_id: str) -> int:
    """Raises: NoSuchEntity."""
    number = next((number for number in found.versions if f"v{number}" == version_id), None)
    if number is None:
        raise _missing(found.arn, version_id)
    return number


def _missing(arn: str, version_id: str) -> NoSuchEntity:
    return NoSuchEntity(f"Policy {arn} version {version_id} does not exist or is not attachable.")
