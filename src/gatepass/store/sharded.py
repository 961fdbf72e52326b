"""An immutable mapping of which a changed copy is cheap: 1,024 small dicts, of which a change copies one each key.

Reading costs the same at one entry and at a million; so, nearly, does changing one entry.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar, overload

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")

_SHARDS = 1024


class ShardedMap(Mapping[K, V], Generic[K, V]):
    """Entries are in no particular order."""

    __slots__ = ("_length", "_shards")

    def __init__(self, entries: Iterable[tuple[K, V]] = ()) -> None:
        empty: dict[K, V] = {}  # shared by all shards that have no entry
        shards = [empty] * _SHARDS
        for key, value in entries:
            index = hash(key) % _SHARDS
            if shards[index] is empty:
                shards[index] = {}
            shards[index][key] = value
        self._shards = shards
        self._length = sum(map(len, shards))

    def changed(self, entries: Mapping[K, V | None]) -> "ShardedMap[K, V]":
        """A copy in which these keys have these values, or are gone where the value is None."""
        copy: ShardedMap[K, V] = ShardedMap.__new__(ShardedMap)
        copy._shards = self._shards.copy()
        copy._length = self._length
        own: set[int] = set()
        for key, value in entries.items():
            index = hash(key) % _SHARDS
            if index not in own:
                own.add(index)
                copy._shards[index] = copy._shards[index].copy()
            shard = copy._shards[index]
            before = len(shard)
            if value is None:
                shard.pop(key, None)
            else:
                shard[key] = value
            copy._length += len(shard) - before
        return copy

    def __getitem__(self, key: K) -> V:
        return self._shards[hash(key) % _SHARDS][key]

    @overload
    def get(self, key: K) -> V | None: ...
    @overload
    def get(self, key: K, default: V | D) -> V | D: ...
    def get(self, key: K, default: V | D | None = None) -> V | D | None:
        return self._shards[hash(key) % _SHARDS].get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._shards[hash(key) % _SHARDS]

    def __iter__(self) -> Iterator[K]:
        for shard in self._shards:
            yield from shard

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return f"ShardedMap({self._length} entries)"
