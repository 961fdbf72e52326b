"""OpenID Connect providers.

The members of the input that makes one stand in the order in which AWS names those that break a constraint.
"""

from typing import Annotated, TypeAlias

import msgspec

from gatepass.iam.shapes.parts import Arn, Page, Tag, TagKeys, Tags
from gatepass.wire.constraints import Length
from gatepass.wire.xml import Timestamp

Url: TypeAlias = Annotated[str, Length(1, 255)]
ClientId: TypeAlias = Annotated[str, Length(1, 255)]
Thumbprints: TypeAlias = tuple[Annotated[str, Length(40, 40)], ...]


class CreateProviderInput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    client_ids: tuple[ClientId, ...] = msgspec.field(name="ClientIDList", default=())
    thumbprint_list: Thumbprints = ()
    url: Url
    tags: Tags = ()


class CreateProviderOutput(msgspec.Struct, frozen=True, rename="pascal"):
    provider_arn: str = msgspec.field(name="OpenIDConnectProviderArn")
    tags: tuple[Tag, ...] | None = None


class OfProvider(msgspec.Struct, frozen=True, rename="pascal"):
    """What takes nothing but a provider."""

    provider_arn: Arn = msgspec.field(name="OpenIDConnectProviderArn")


class GetProviderOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    client_ids: tuple[str, ...] = msgspec.field(name="ClientIDList")
    thumbprint_list: tuple[str, ...]
    url: str
    create_date: Timestamp
    tags: tuple[Tag, ...]


class ListProvidersInput(msgspec.Struct, frozen=True, rename="pascal"):
    pass


class ListedProvider(msgspec.Struct, frozen=True, rename="pascal"):
    arn: str


class ListProvidersOutput(msgspec.Struct, frozen=True, rename="pascal"):
    providers: tuple[ListedProvider, ...] = msgspec.field(name="OpenIDConnectProviderList")


class ProviderClientIdInput(OfProvider, frozen=True, rename="pascal"):
    client_id: ClientId = msgspec.field(name="ClientID")


class UpdateThumbprintInput(OfProvider, frozen=True, rename="pascal"):
    thumbprint_list: Thumbprints


class TagProviderInput(OfProvider, frozen=True, rename="pascal"):
    tags: Tags


class UntagProviderInput(OfProvider, frozen=True, rename="pascal"):
    tag_keys: TagKeys


class PagesOfProvider(Page, frozen=True, rename="pascal", kw_only=True):
    provider_arn: Arn = msgspec.field(name="OpenIDConnectProviderArn")
