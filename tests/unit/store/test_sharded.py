"""A sharded map is a dict of which changed copies are cheap."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.store.sharded import ShardedMap

entries = st.dictionaries(st.text(max_size=3) | st.integers(0, 3000), st.integers())
changes = st.dictionaries(st.text(max_size=3) | st.integers(0, 3000), st.none() | st.integers())


@given(entries, st.lists(changes, max_size=4))
def test_it_is_what_a_dict_would_be(given: dict[Any, int], steps: list[dict[Any, int | None]]) -> None:
    sharded, plain = ShardedMap(given.items()), dict(given)
    for step in steps:
        before, kept = sharded, dict(plain)
        sharded = sharded.changed(step)
        plain.update({key: value for key, value in step.items() if value is not None})
        for key in [key for key, value in step.items() if value is None]:
            plain.pop(key, None)
        assert before == kept, "the map before is as it was"
    assert sharded == plain
    assert len(sharded) == len(plain)
    assert sorted(map(repr, sharded)) == sorted(map(repr, plain))
    for key in (*plain, "absent", -1):
        assert (key in sharded) == (key in plain)
        assert sharded.get(key) == plain.get(key)
        assert sharded.get(key, 7) == plain.get(key, 7)


def test_what_is_not_there() -> None:
    with pytest.raises(KeyError):
        ShardedMap([("a", 1)])["b"]
    assert repr(ShardedMap([("secret", 1)])) == "ShardedMap(1 entries)"
