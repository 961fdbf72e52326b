"""The benches' own rules: turns are taken, ratios are medians of rounds, a missed bar is said in words."""

import pytest
from bench.harness import Row, at_least, at_most, interleave, ratio, table


def test_candidates_take_turns() -> None:
    order: list[str] = []
    timings = interleave({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, rounds=3, slice_seconds=1e-9)
    assert [len(of_rounds) for of_rounds in timings.values()] == [3, 3]
    turns = [name for before, name in zip(["", *order], order, strict=False) if name != before]
    assert turns[-6:] == ["a", "b"] * 3


def test_a_candidate_in_another_process_times_itself() -> None:
    class Elsewhere:
        def seconds(self, calls: int) -> float:
            return calls * 0.5

    assert interleave({"a": Elsewhere()}, rounds=3) == {"a": [0.5, 0.5, 0.5]}


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    assert ratio({"slow": [4.0, 90.0, 6.0], "fast": [2.0, 3.0, 3.0]}, "slow", "fast") == 2.0


@pytest.mark.parametrize(
    ("row", "ok", "bar"),
    [
        (at_least("a", 15.0, 15), True, "≥ 15"),
        (at_least("a", 14.9, 15), False, "≥ 15"),
        (at_most("a", 1.2, 1.1), False, "≤ 1.1"),
    ],
)
def test_a_row_keeps_its_promise_or_not(row: Row, ok: bool, bar: str) -> None:
    assert (row.ok, row.bar) == (ok, bar)


def test_the_table_says_it_in_words() -> None:
    text = table([at_least("sign", 16.234, 15), at_most("verify", 3.5, 3), Row("start", 1234.5, "µs")])
    assert text == "sign        16.23 ×  ≥ 15  holds\nverify       3.50 ×  ≤ 3   MISSED\nstart   1,234.50 µs"


def test_what_was_not_measured_says_why() -> None:
    row = Row("times as fast as the peer", None, "not measured: it is not installed")
    assert table([row]) == "times as fast as the peer  not measured: it is not installed"
