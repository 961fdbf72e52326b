"""The keys that sign OpenID tokens: sealed by the key ring, made when first needed, and rotated as they grow old.

They are rows, not a file, so that every replica signs with the same key and verifies what another signed; a copy of
the store gives no one a key. A key is prepared a day before it signs, so that whoever keeps a copy of the public keys
has it in time, and stays for a day after another took its place: longer than the longest token lives.
"""

import asyncio
import logging
import os
from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key

from gatepass.store.database import Connection, Database
from gatepass.tokens.keys import KeyRing
from gatepass.tokens.seal import SALT_BYTES, BrokenSeal, Purpose, open_sealed, seal
from gatepass.tokens.signing_keys import KEY_BITS, PUBLIC_EXPONENT, SigningKeys, key_id

DAY = 86_400.0
SIGNS_FOR = 90 * DAY
"""Seconds that a key signs before the next one is prepared."""

PREPARED_FOR = DAY
KEPT_FOR = DAY + 600
"""Seconds that a key verifies after it last signed: as long as a token may live, and replicas' clocks may differ."""

RELOADED_AFTER = 60.0
LOOKED_FOR_AFTER = 1.0
"""Seconds after which a key that is not known here is looked for again: another replica may have made it."""

_ALL = "SELECT number, sealed_key, created, activated FROM signing_keys ORDER BY number"
_ADD = """
    INSERT INTO signing_keys (number, sealed_key, created, activated)
    VALUES (:number, :sealed_key, :created, :activated)
    ON CONFLICT DO NOTHING
"""
_ACTIVATE = "UPDATE signing_keys SET activated = :now WHERE number = :number AND activated IS NULL"
_DELETE = "DELETE FROM signing_keys WHERE number = :number"

_log = logging.getLogger(__name__)


class _Row(NamedTuple):
    """A key as it is stored; it signs from `activated` on until one with a higher number does."""

    number: int
    sealed_key: bytes
    created: float
    activated: float | None


class _Step(Enum):
    START = auto()
    PREPARE = auto()
    ACTIVATE = auto()
    RETIRE = auto()


class SigningKeyTable:
    """The table of signing keys. Used from one event loop; `now` is the caller's, in seconds since the epoch."""

    def __init__(self, database: Database, ring: KeyRing, region: str) -> None:
        self._database = database
        self._ring = ring
        self._region = region
        self._loading = asyncio.Lock()
        self._keys: SigningKeys | None = None
        self._loaded = 0.0

    async def get(self, now: float) -> SigningKeys:
        """The keys; the first time, one is made."""
        keys = self._keys
        if keys is not None and 0 <= now - self._loaded < RELOADED_AFTER:
            return keys
        return await self._load(now, RELOADED_AFTER)

    async def find(self, id_: str, now: float) -> SigningKeys:
        """The keys, of which this one should be known if any replica made it."""
        keys = await self.get(now)
        return keys if id_ in keys.keys else await self._load(now, LOOKED_FOR_AFTER)

    async def prepare(self, now: float) -> SigningKeys:
        """Publish a new key that does not sign yet."""
        return await self._step(_Step.PREPARE, now)

    async def activate(self, now: float) -> SigningKeys:
        """Sign with the key that was prepared; without one, nothing changes."""
        return await self._step(_Step.ACTIVATE, now)

    async def retire(self, now: float) -> SigningKeys:
        """Take away every key that signed before the one that signs now: what they signed is believed no more."""
        return await self._step(_Step.RETIRE, now)

    async def _load(self, now: float, fresh_for: float) -> SigningKeys:
        async with self._loading:
            if self._keys is not None and 0 <= now - self._loaded < fresh_for:
                return self._keys
            rows = await self._database.scan(_rows)
            readable = self._readable(rows)
            while (step := _due(readable, now)) is not None:
                rows = await self._do(step, now)
                readable = self._readable(rows)
            return self._take(readable, now)

    async def _step(self, step: _Step, now: float) -> SigningKeys:
        await self.get(now)
        async with self._loading:
            return self._take(self._readable(await self._do(step, now)), now)

    async def _do(self, step: _Step, now: float) -> list[_Row]:
        """Take a step, unless another replica took it, and give what there is then."""
        made = None
        if step in (_Step.START, _Step.PREPARE):
            made = await asyncio.to_thread(generate_private_key, PUBLIC_EXPONENT, KEY_BITS)

        def work(connection: Connection) -> list[_Row]:
            rows = _rows(connection)
            readable = self._readable(rows)
            current = _current(readable)
            prepared = _prepared(readable)
            if made is not None:
                taken = current is not None if step is _Step.START else prepared is not None
                if not taken:
                    number = max((row.number for row in rows), default=0) + 1
                    self._add(connection, number, made, now, active=step is _Step.START)
            elif step is _Step.ACTIVATE and prepared is not None:
                connection.execute(_ACTIVATE, {"now": now, "number": prepared.number})
            elif step is _Step.RETIRE and current is not None:
                for row in rows:
                    if row.number < current.number:
                        connection.execute(_DELETE, {"number": row.number})
            return _rows(connection)

        return await self._database.write(work)

    def _add(self, connection: Connection, number: int, key: RSAPrivateKey, now: float, *, active: bool) -> None:
        plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        id_ = key_id(self._region, number)
        sealed = seal(self._ring, Purpose.SIGNING_KEY, id_, plain, salt=os.urandom(SALT_BYTES))
        given = {"number": number, "sealed_key": sealed, "created": now, "activated": now if active else None}
        connection.execute(_ADD, given)

    def _readable(self, rows: Sequence[_Row]) -> list[tuple[_Row, bytes]]:
        """The rows whose keys the ring opens, with the keys; one that it does not open neither signs nor verifies."""
        found = []
        for row in rows:
            id_ = key_id(self._region, row.number)
            try:
                found.append((row, open_sealed(self._ring, Purpose.SIGNING_KEY, id_, row.sealed_key).value))
            except BrokenSeal as broken:
                _log.warning("signing key %s cannot be used, it cannot be opened: %s", id_, broken)
        return found

    def _take(self, readable: Sequence[tuple[_Row, bytes]], now: float) -> SigningKeys:
        current = _current(readable)
        assert current is not None  # noqa: S101 — `_due` has one made first
        keys = {key_id(self._region, row.number): _private_key(plain) for row, plain in readable}
        self._keys = SigningKeys(key_id(self._region, current.number), keys)
        self._loaded = now
        return self._keys


def _rows(connection: Connection) -> list[_Row]:
    return [_Row(number, bytes(sealed), created, at) for number, sealed, created, at in connection.rows(_ALL)]


def _private_key(plain: bytes) -> RSAPrivateKey:
    # Its numbers were sound when they were sealed; to prove that again takes longer than to sign.
    key = load_der_private_key(plain, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)  # noqa: S101 — no other kind is sealed for this purpose
    return key


def _current(readable: Sequence[tuple[_Row, bytes]]) -> _Row | None:
    """The key that signs."""
    return max((row for row, _ in readable if row.activated is not None), key=lambda row: row.number, default=None)


def _prepared(readable: Sequence[tuple[_Row, bytes]]) -> _Row | None:
    """The key that will sign next."""
    current = _current(readable)
    later = [row for row, _ in readable if row.activated is None and (current is None or row.number > current.number)]
    return max(later, key=lambda row: row.number, default=None)


def _due(readable: Sequence[tuple[_Row, bytes]], now: float) -> _Step | None:
    """What is to be done before the keys are used."""
    current, prepared = _current(readable), _prepared(readable)
    if current is None or current.activated is None:
        return _Step.START
    if prepared is not None:
        return _Step.ACTIVATE if now - prepared.created >= PREPARED_FOR else None
    if now - current.activated >= SIGNS_FOR:
        return _Step.PREPARE
    is_alone = all(row.number >= current.number for row, _ in readable)
    return _Step.RETIRE if not is_alone and now - current.activated >= KEPT_FOR else None
