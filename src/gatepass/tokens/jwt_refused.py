"""Why a token is not believed: one class a cause. What AWS says of each is known to those who answer.

The texts are ours, for the decision log. They may show an issuer or an audience of the token, shortened and escaped,
and never the token.
"""

_SHOWN = 120


class TokenRefused(Exception):
    """The token is not believed."""


class Unreadable(TokenRefused):
    """It is no OpenID Connect identity token at all."""


class NotAnIdToken(TokenRefused):
    """It is a token, but one for something else: an access token, a logout token."""


class MissingClaim(TokenRefused):
    """A claim that every identity token has is not in it."""

    def __init__(self, claim: str) -> None:
        super().__init__(f"the token has no claim `{claim}`")
        self.claim = claim


class WrongIssuer(TokenRefused):
    """Another issuer made it than the provider it is shown as coming from."""


class WrongAudience(TokenRefused):
    """It was made for an app that is not the provider's client here."""


class Expired(TokenRefused):
    """It was good once.

    Attributes:
        expiration: seconds since the epoch, UTC.
    """

    def __init__(self, expiration: int) -> None:
        super().__init__("the token has expired")
        self.expiration = expiration


class NotYetValid(TokenRefused):
    """It is good later, or was made in the future."""


class Unverifiable(TokenRefused):
    """Its signature does not hold, or is of a kind that is not taken."""


class UnknownKey(Unverifiable):
    """It names a key that the issuer does not have."""


def shown(value: object) -> str:
    """Something of a token as it may stand in a log line."""
    text = ascii(value) if not isinstance(value, str) else ascii(value)[1:-1]
    return f"`{text}`" if len(text) <= _SHOWN else f"`{text[:_SHOWN]}`…"
