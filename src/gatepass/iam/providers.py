"""OpenID Connect providers: issuers whose tokens roles may be taken with.

Thumbprints are kept and shown and nothing else: where an issuer's keys come from is for who verifies its tokens to say.
"""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from gatepass import arn
from gatepass.errors import EntityAlreadyExists, InvalidInput, NoSuchEntity, ValidationFailure
from gatepass.iam import changing, limits, tagging
from gatepass.iam.shapes import parts
from gatepass.iam.shapes import providers as shapes
from gatepass.iam.tags import BY_CASE, check_case
from gatepass.operation import Call
from gatepass.store import OpenIDConnectProvider


async def create_provider(call: Call, given: shapes.CreateProviderInput) -> shapes.CreateProviderOutput:
    """A provider, known by its URL."""
    _check_url(given.url)
    _check_thumbprints(given.thumbprint_list)
    _check_client_ids(given.client_ids)
    tags = BY_CASE.tags(given.tags)
    check_case(tags, call.principal)
    provider = OpenIDConnectProvider(
        arn=arn.oidc_provider_arn(call.deployment.account, given.url),
        url=given.url,
        client_ids=tuple(dict.fromkeys(given.client_ids)),
        thumbprints=given.thumbprint_list,
        tags=tags,
        created=call.now,
    )
    if not await call.store.oidc_providers.add(provider):
        raise EntityAlreadyExists(f"Provider with url {given.url} already exists.")
    return shapes.CreateProviderOutput(provider.arn, tagging.shown(provider) or None)


def _check_url(url: str) -> None:
    """Raises: ValidationFailure."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    has_more = port is not None or parts.query or parts.fragment or parts.username is not None
    if parts.scheme != "https" or not parts.hostname or has_more or not url.isascii() or any(c <= " " for c in url):
        raise ValidationFailure("Invalid Open ID Connect Provider URL")


def _check_thumbprints(thumbprints: tuple[str, ...]) -> None:
    """Raises: InvalidInput."""
    if len(thumbprints) > limits.THUMBPRINTS:
        raise InvalidInput(f"Thumbprint list must contain fewer than {limits.THUMBPRINTS} entries.")


def _check_client_ids(client_ids: tuple[str, ...]) -> None:
    """Raises: LimitExceeded."""
    if len(client_ids) > limits.CLIENT_IDS:
        raise limits.exceeded("ClientIdsPerOpenIdConnectProvider", limits.CLIENT_IDS)


async def _stored(call: Call, provider_arn: str) -> OpenIDConnectProvider:
    """Raises: InvalidInput, NoSuchEntity."""
    found = await call.store.oidc_providers.get(_checked(provider_arn))
    if found is None:
        raise NoSuchEntity(f"OpenIDConnect Provider not found for arn {provider_arn}")
    return found


def _checked(text: str) -> str:
    """Raises: ValidationFailure, if it is no ARN; InvalidInput, if it is the ARN of something else."""
    try:
        parsed = arn.Arn.parse(text)
    except ValueError:
        raise ValidationFailure(f"ARN {text} is not valid.") from None
    if parsed.service != "iam" or not parsed.resource.startswith("oidc-provider/"):
        raise InvalidInput(f"ARN {text} is not valid.")
    return text


async def _change(
    call: Call, provider_arn: str, changed: Callable[[OpenIDConnectProvider], OpenIDConnectProvider]
) -> None:
    """Raises: InvalidInput, NoSuchEntity, ConcurrentModification."""
    table = call.store.oidc_providers
    await changing.change(lambda: table.change(_checked(provider_arn), changed), lambda: _stored(call, provider_arn))


async def get_provider(call: Call, given: shapes.OfProvider) -> shapes.GetProviderOutput:
    """All of a provider; its URL without the scheme."""
    found = await _stored(call, given.provider_arn)
    return shapes.GetProviderOutput(
        client_ids=found.client_ids,
        thumbprint_list=found.thumbprints,
        url=found.url.partition("://")[2],
        create_date=found.created,
        tags=tagging.shown(found),
    )


async def list_providers(call: Call, given: shapes.ListProvidersInput) -> shapes.ListProvidersOutput:
    """By ARN; this listing has no pages."""
    found = await call.store.oidc_providers.list()
    return shapes.ListProvidersOutput(tuple(shapes.ListedProvider(each.arn) for each in found))


async def delete_provider(call: Call, given: shapes.OfProvider) -> None:
    """Roles that trust it stay as they are: nobody can take them by it any more."""
    if not await call.store.oidc_providers.delete(_checked(given.provider_arn)):
        raise NoSuchEntity(f"OpenId connect Provider {given.provider_arn} cannot be found.")


async def add_client_id(call: Call, given: shapes.ProviderClientIdInput) -> None:
    """One more audience; it may be there already."""

    def changed(found: OpenIDConnectProvider) -> OpenIDConnectProvider:
        client_ids = tuple(dict.fromkeys((*found.client_ids, given.client_id)))
        _check_client_ids(client_ids)
        return replace(found, client_ids=client_ids)

    await _change(call, given.provider_arn, changed)


async def remove_client_id(call: Call, given: shapes.ProviderClientIdInput) -> None:
    """One audience less; it may not be there."""

    def changed(found: OpenIDConnectProvider) -> OpenIDConnectProvider:
        return replace(found, client_ids=tuple(each for each in found.client_ids if each != given.client_id))

    await _change(call, given.provider_arn, changed)


async def update_thumbprint(call: Call, given: shapes.UpdateThumbprintInput) -> None:
    """Others in place of those that are there."""
    _check_thumbprints(given.thumbprint_list)
    await _change(call, given.provider_arn, lambda found: replace(found, thumbprints=given.thumbprint_list))


async def tag_provider(call: Call, given: shapes.TagProviderInput) -> None:
    """More tags, or other values of those that are there."""
    added = BY_CASE.tags(given.tags)

    def changed(found: OpenIDConnectProvider) -> OpenIDConnectProvider:
        tags = BY_CASE.added(found.tags, added)
        check_case(tags, call.principal)
        return replace(found, tags=tags)

    await _change(call, given.provider_arn, changed)


async def untag_provider(call: Call, given: shapes.UntagProviderInput) -> None:
    """Fewer tags."""

    def changed(found: OpenIDConnectProvider) -> OpenIDConnectProvider:
        return replace(found, tags=BY_CASE.removed(found.tags, given.tag_keys))

    await _change(call, given.provider_arn, changed)


async def list_provider_tags(call: Call, given: shapes.PagesOfProvider) -> parts.ListTagsOutput:
    """By key."""
    return tagging.page((await _stored(call, given.provider_arn)).tags, given)
