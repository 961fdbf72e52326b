"""Operations on OpenID Connect providers."""

from gatepass import errors
from gatepass.iam import providers, resources
from gatepass.iam.operations.row import BY_ARN, row
from gatepass.iam.shapes import parts
from gatepass.iam.shapes import providers as shapes
from gatepass.operation import Operation

_CHANGE = (*BY_ARN, errors.ConcurrentModification)

PROVIDERS: tuple[Operation, ...] = (
    row(
        "CreateOpenIDConnectProvider",
        shapes.CreateProviderInput,
        shapes.CreateProviderOutput,
        providers.create_provider,
        *(errors.EntityAlreadyExists, errors.InvalidInput, errors.LimitExceeded, errors.ValidationFailure),
        on=resources.new_provider,
    ),
    row(
        "GetOpenIDConnectProvider",
        shapes.OfProvider,
        shapes.GetProviderOutput,
        providers.get_provider,
        *BY_ARN,
        on=resources.provider,
    ),
    row(
        "ListOpenIDConnectProviders",
        shapes.ListProvidersInput,
        shapes.ListProvidersOutput,
        providers.list_providers,
        on=resources.every_provider,
    ),
    row(
        "DeleteOpenIDConnectProvider",
        shapes.OfProvider,
        None,
        providers.delete_provider,
        *BY_ARN,
        on=resources.provider,
    ),
    row(
        "AddClientIDToOpenIDConnectProvider",
        shapes.ProviderClientIdInput,
        None,
        providers.add_client_id,
        *(*_CHANGE, errors.LimitExceeded),
        on=resources.provider,
    ),
    row(
        "RemoveClientIDFromOpenIDConnectProvider",
        shapes.ProviderClientIdInput,
        None,
        providers.remove_client_id,
        *_CHANGE,
        on=resources.provider,
    ),
    row(
        "UpdateOpenIDConnectProviderThumbprint",
        shapes.UpdateThumbprintInput,
        None,
        providers.update_thumbprint,
        *_CHANGE,
        on=resources.provider,
    ),
    row(
        "TagOpenIDConnectProvider",
        shapes.TagProviderInput,
        None,
        providers.tag_provider,
        *(*_CHANGE, errors.LimitExceeded),
        on=resources.provider,
    ),
    row(
        "UntagOpenIDConnectProvider",
        shapes.UntagProviderInput,
        None,
        providers.untag_provider,
        *_CHANGE,
        on=resources.provider,
    ),
    row(
        "ListOpenIDConnectProviderTags",
        shapes.PagesOfProvider,
        parts.ListTagsOutput,
        providers.list_provider_tags,
        *BY_ARN,
        on=resources.provider,
    ),
)
