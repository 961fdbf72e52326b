"""The keys that sign a deployment's OpenID tokens, one of them in use, and the public half that others verify with.

Rotation takes three steps, as that of the key ring: a new key is prepared (published, so that whoever keeps a copy of
the public keys has it in time), then activated (new tokens are signed with it); the old one stays until the last token
it signed has ended, then it is retired. Each step gives a new value.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from gatepass.tokens.jwt_writing import as_jwk

ALGORITHM: Final[Literal["RS512"]] = "RS512"
KEY_BITS: Final = 2048
PUBLIC_EXPONENT: Final = 65537


class SigningKeys:
    """Private keys by id (`<region>-N`), and which of them signs; immutable, and `repr` hides them.

    Attributes:
        active: the id of the key that signs.
    """

    __slots__ = ("active", "keys")

    active: str
    keys: Mapping[str, RSAPrivateKey]

    def __init__(self, active: str, keys: Mapping[str, RSAPrivateKey]) -> None:
        """Raises: ValueError, if the active key is not among the keys, or one is too short."""
        if active not in keys:
            raise ValueError(f"the active signing key `{active}` is not among the keys")
        if short := [id_ for id_, key in keys.items() if key.key_size < KEY_BITS]:
            raise ValueError(f"the signing key `{short[0]}` has less than {KEY_BITS} bits")
        object.__setattr__(self, "active", active)
        object.__setattr__(self, "keys", MappingProxyType(dict(keys)))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("signing keys do not change; prepare, activate and retire give new ones")

    def __repr__(self) -> str:
        return f"SigningKeys(active={self.active!r}, keys={sorted(self.keys)})"

    def prepare(self, id_: str, key: RSAPrivateKey) -> "SigningKeys":
        """With one more key, which verifies but does not sign. Raises: ValueError, if its id is taken."""
        if id_ in self.keys:
            raise ValueError(f"there is a signing key `{id_}` already")
        return SigningKeys(self.active, {**self.keys, id_: key})

    def activate(self, id_: str) -> "SigningKeys":
        """With a prepared key signing. Raises: ValueError, if it is not there."""
        return SigningKeys(id_, self.keys)

    def retire(self, id_: str) -> "SigningKeys":
        """Without a key; what it signed is believed no more. Raises: ValueError, if it is active or not there."""
        if id_ == self.active:
            raise ValueError(f"the signing key `{id_}` is active; activate another one first")
        if id_ not in self.keys:
            raise ValueError(f"there is no signing key `{id_}`")
        return SigningKeys(self.active, {known: key for known, key in self.keys.items() if known != id_})

    def jwks(self) -> bytes:
        """The JSON Web Key Set to publish: the public half of every key."""
        entries = [as_jwk(key.public_key(), key_id=id_, algorithm=ALGORITHM) for id_, key in self.keys.items()]
        return json.dumps({"keys": entries}, separators=(",", ":")).encode()


def key_id(region: str, number: int) -> str:
    """What AWS's look like: `us-east-1-7`."""
    return f"{region}-{number}"
