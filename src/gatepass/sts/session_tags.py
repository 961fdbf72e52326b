"""Session tags: what may be passed, what a chain of roles passes on, and what must not be said again.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gatepass.errors import InvalidParameterValue, ValidationFailure
from gatepass.principal import Principal

MOST_TAGS = 50


@dataclass(frozen=True, slots=True)
class SessionTags:
    """What a new session is to be known by.

    Attributes:
        tags: those passed, and those that a chain of roles hands on.
        transitive: the keys of those that the next session in the chain gets too.
        source_identity: who began the chain; once set, it stays.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    source_identity: str | None = None

    def actions(self) -> tuple[str, ...]:
        """What the role's trust policy must allow, beside taking the role."""
        tagged = ("sts:TagSession",) if self.tags else ()
        return (*tagged, "sts:SetSourceIdentity") if self.source_identity is not None else tagged


def requested(
    pairs: Iterable[tuple[str, str]], transitive: tuple[str, ...], source_identity: str | None = None
) -> SessionTags:
    """What a request, or a token, asks for.

    Raises:
        InvalidParameterValue: a key comes twice, in whatever case, is reserved, or is transitive and not there.
    """
    given = tuple(pairs)
    folded = {key.casefold() for key, _ in given}
    if len(folded) < len(given):
        raise InvalidParameterValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.startswith("aws:") for key in folded):
        raise InvalidParameterValue("Tag keys beginning with aws: are reserved for system use.")
    if not {key.casefold() for key in transitive} <= folded:
        raise InvalidParameterValue("The specified transitive tag key must be included in the requested tags.")
    return SessionTags(dict(given), transitive, source_identity)


def chained(asked: SessionTags, caller: Principal) -> SessionTags:
    """What is asked for, with what the calling session hands on.

    Raises:
        InvalidParameterValue: a tag that is handed on would be changed, or there would be too many.
        ValidationFailure: so would the source identity.
    """
    handed = {key.casefold() for key in caller.transitive_tag_keys}
    if any(key.casefold() in handed for key in asked.tags):
        raise InvalidParameterValue(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from"
            " the calling session."
        )
    kept = {key: value for key, value in caller.tags.items() if key.casefold() in handed}
    if len(kept) + len(asked.tags) > MOST_TAGS:
        raise InvalidParameterValue("The number of session tags, with those of the calling session, is over 50.")
    source_identity = caller.source_identity
    if source_identity is not None and asked.source_identity not in (None, source_identity):
        raise ValidationFailure("The source identity is already set for this assume role session")
    return SessionTags({**kept, **asked.tags}, (*kept, *asked.transitive), source_identity or asked.source_identity)
