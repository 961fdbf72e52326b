"""Sealed session tokens: the whole session travels in the token, so minting writes no row and opening reads none.

The secret access key is not in the token; it is derived from the ring's key, the token's salt and the access key id.
"""

import zlib
from binascii import Error, a2b_base64, b2a_base64
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from gatepass.arn import assumed_role_arn, root_arn
from gatepass.errors import PackedPolicyTooLarge, UnrecognizedClient
from gatepass.mac import hmac_digest, hmac_states
from gatepass.principal import Kind, Principal
from gatepass.tokens.ids import unique_id
from gatepass.tokens.keys import KeyRing
from gatepass.tokens.seal import BrokenSeal, Purpose, open_sealed, seal

if TYPE_CHECKING:
    from _hashlib import HASH

SESSION_TOKEN_LIMIT: Final = 4096
"""Characters of a token that is minted."""

ARRIVING_LIMIT: Final = 8192
"""Characters of a token that is looked at."""

_PREFIX: Final = b"!\n\torigin_ec"  # in base64 `IQoJb3JpZ2luX2Vj`: tokens look like AWS's
_PLAIN, _DEFLATED = b"\0", b"\1"
_DEFLATE_FROM = 512
_INFLATE_LIMIT = 1 << 20
_NEWER = "it was sealed by a program that knows more than this one"


class Session(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a session may be and do; the fields mean what they mean in `Principal`.

    INVARIANT: it is sealed as a list in this order. A new field goes before `access_key_id`, with a default: a session
    that does not use it is sealed as before, one that does is refused by programs that do not know the field.
    """

    kind: Kind
    account: str
    issued_at: int
    expiration: int
    role_arn: str | None = None
    role_id: str | None = None
    session_name: str | None = None
    identity_id: str | None = None
    identity_pool_id: str | None = None
    amr: tuple[str, ...] = ()
    scoped_down: bool = False
    session_policies: tuple[str, ...] = ()
    session_policy_arns: tuple[str, ...] = ()
    tags: dict[str, str] = {}
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str | None = None
    federated_provider: str | None = None
    user_arn: str | None = None
    user_id: str | None = None
    federation_keys: dict[str, str] = {}
    access_key_id: str = ""  # stays last: not sealed inside, but bound by the seal

    def __repr__(self) -> str:  # an identity id is all a guest needs to become that guest: not for logs
        return f"Session(access_key_id={self.access_key_id!r}, role_arn={self.role_arn!r}, user_arn={self.user_arn!r})"


class Minted(NamedTuple):
    """New credentials; `repr` hides the secrets."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    session: Session

    def __repr__(self) -> str:
        return f"Minted(access_key_id={self.access_key_id!r}, expiration={self.session.expiration})"


_REQUIRED = 4
_DEFAULTS = msgspec.structs.astuple(Session(kind="root", account="", issued_at=0, expiration=0))
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Session).decode


def mint(ring: KeyRing, session: Session, *, salt: bytes, access_key_entropy: bytes) -> Minted:
    """Make credentials for a session, whose access key id is made here.

    Args:
        salt: 16 random bytes, never used before.
        access_key_entropy: 6 random bytes.

    Raises:
        PackedPolicyTooLarge: session policies and tags do not fit into a token.
    """
    access_key_id = unique_id("ASIA", session.account, access_key_entropy)
    sealed = seal(ring, Purpose.SESSION, access_key_id, _pack(session), salt=salt)
    token = b2a_base64(_PREFIX + sealed, newline=False).decode("ascii")
    if len(token) > SESSION_TOKEN_LIMIT:
        share = -(-len(token) * 100 // SESSION_TOKEN_LIMIT)
        raise PackedPolicyTooLarge(f"Packed policy consumes {share}% of allotted space, please use smaller policy.")
    secret = _secret_access_key(ring.keys[ring.active], salt, access_key_id)
    return Minted(access_key_id, secret, token, msgspec.structs.replace(session, access_key_id=access_key_id))


def open_session(ring: KeyRing, session_token: str, access_key_id: str) -> tuple[Session, str]:
    """The session and the secret access key; whether the session has ended is not looked at.

    Raises:
        UnrecognizedClient: the token was not minted here for this access key, whatever the texts are.
    """
    if len(session_token) > ARRIVING_LIMIT:
        raise UnrecognizedClient(detail="the session token is too long")
    try:
        encoded = session_token.encode("ascii")
        token = a2b_base64(encoded)
    except (UnicodeEncodeError, Error):
        raise UnrecognizedClient(detail="the session token is not base64") from None
    # base64 has several spellings of the same bytes; only the one that was minted is taken
    if not token.startswith(_PREFIX) or b2a_base64(token, newline=False) != encoded:
        raise UnrecognizedClient(detail="the session token was not made here")
    try:
        opened = open_sealed(ring, Purpose.SESSION, access_key_id, token[len(_PREFIX) :])
        session = _unpack(opened.value)
    except BrokenSeal as broken:
        raise UnrecognizedClient(detail=f"the session token cannot be opened: {broken}") from None
    msgspec.structs.force_setattr(session, "access_key_id", access_key_id)
    return session, _secret_access_key(opened.key, opened.salt, access_key_id)


def principal_of(session: Session) -> Principal:
    """Who a request signed with this session's secret access key comes from."""
    role_name = arn = user_name = None
    user_id = session.user_id
    if session.role_arn is not None and session.session_name is not None:
        role_name = session.role_arn.rpartition("/")[2]
        arn = assumed_role_arn(session.account, role_name, session.session_name)
        user_id = f"{session.role_id}:{session.session_name}"
    elif session.user_arn is not None:
        arn = session.user_arn
        user_name = session.user_arn.rpartition("/")[2]
    return Principal(
        kind=session.kind,
        account=session.account,
        arn=arn or root_arn(session.account),
        user_id=user_id or session.account,
        access_key_id=session.access_key_id,
        role_name=role_name,
        role_id=session.role_id,
        role_arn=session.role_arn,
        session_name=session.session_name,
        user_name=user_name,
        issued_at=session.issued_at,
        expiration=session.expiration,
        identity_id=session.identity_id,
        identity_pool_id=session.identity_pool_id,
        amr=session.amr,
        session_policies=session.session_policies,
        session_policy_arns=session.session_policy_arns,
        scoped_down=session.scoped_down,
        tags=session.tags,
        transitive_tag_keys=session.transitive_tag_keys,
        source_identity=session.source_identity,
        federated_provider=session.federated_provider,
        federation_keys=session.federation_keys,
    )


def _secret_access_key(ring_key: bytes, salt: bytes, access_key_id: str) -> str:
    """40 characters, 240 bits."""
    digest = hmac_digest(_deriving(ring_key), salt + access_key_id.encode())
    return b2a_base64(digest[:30], newline=False).decode("ascii")


@lru_cache(maxsize=16)
def _deriving(ring_key: bytes) -> "tuple[HASH, HASH]":
    """HMAC of all but the salt and the access key id."""
    inner, outer = hmac_states(ring_key)
    inner.update(b"gatepass secret access key\0")
    return inner, outer


def _pack(session: Session) -> bytes:
    """The session's fields up to the last one that is used; deflated where policies make it long."""
    fields = msgspec.structs.astuple(session)[:-1]
    end = len(fields)
    while end > _REQUIRED and fields[end - 1] == _DEFAULTS[end - 1]:
        end -= 1
    packed = _encode(fields[:end])
    if len(packed) < _DEFLATE_FROM:
        return _PLAIN + packed
    return _DEFLATED + zlib.compress(packed, 6)


def _unpack(value: bytes) -> Session:
    encoding, packed = value[:1], value[1:]
    try:
        if encoding == _DEFLATED:
            packed = zlib.decompressobj().decompress(packed, _INFLATE_LIMIT)
        session = _decode(packed)
    except (zlib.error, msgspec.MsgspecError):
        raise BrokenSeal(_NEWER) from None
    if encoding not in (_PLAIN, _DEFLATED) or session.access_key_id:
        raise BrokenSeal(_NEWER)
    return session
