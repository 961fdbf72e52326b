"""Unique ids as AWS makes them: a prefix that says what they name, then the account, then chance.

After the four-letter prefix come eight base32 characters: a one bit and the upper 39 bits of the account number. The
account's last bit is the upper bit of the next character; everything after that is random.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids (prefixes)
"""

from base64 import b32decode, b32encode
from functools import lru_cache
from itertools import product
from typing import Final, Literal

Prefix = Literal["AKIA", "ASIA", "AROA", "AIDA", "AGPA", "ANPA"]

ENTROPY_BYTES = 6

_ENCODES_ACCOUNT = 1 << 39  # ids from before accounts were encoded have this bit clear
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PAIRS: Final = tuple(map("".join, product(_ALPHABET, repeat=2)))
"""Ten bits as two characters of base32."""


def unique_id(prefix: Prefix, account: str, entropy: bytes) -> str:
    """An access key id (20 characters), or the id of a role, user, group or policy (21).

    Args:
        account: 12 digits.
        entropy: 6 random bytes.

    Raises:
        ValueError: the account is not 12 digits, or the entropy not 6 bytes.
    """
    head, last = _head(account)
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"an id needs {ENTROPY_BYTES} random bytes")
    tail = last << 47 | int.from_bytes(entropy, "big") & (1 << 47) - 1
    pairs = f"{_PAIRS[tail >> 38]}{_PAIRS[tail >> 28 & 1023]}{_PAIRS[tail >> 18 & 1023]}{_PAIRS[tail >> 8 & 1023]}"
    if prefix in ("AKIA", "ASIA"):
        return f"{prefix}{head}{pairs}"
    return f"{prefix}{head}{pairs}{_ALPHABET[tail >> 3 & 31]}"


@lru_cache(maxsize=16)
def _head(account: str) -> tuple[str, int]:
    """The eight characters that hold the account but for its last bit, and that bit. Raises: ValueError."""
    if not (len(account) == 12 and account.isascii() and account.isdigit()):
        raise ValueError(f"`{account}` is not an account id of 12 digits")
    upper, last = divmod(int(account), 2)
    return b32encode((_ENCODES_ACCOUNT | upper).to_bytes(5, "big")).decode("ascii"), last


def account_of(unique_id: str) -> str | None:
    """The account encoded in an access key id or other unique id; None if it holds none."""
    if len(unique_id) < 16:
        return None
    try:
        decoded = b32decode(unique_id[4:12] + unique_id[12] + "AAAAAAA")
    except ValueError:
        return None
    head = int.from_bytes(decoded[:5], "big")
    account = (head & ~_ENCODES_ACCOUNT) << 1 | decoded[5] >> 7
    if not head & _ENCODES_ACCOUNT or account >= 10**12:
        return None
    return f"{account:012}"
