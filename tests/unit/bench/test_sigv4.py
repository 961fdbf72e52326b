"""The signature bench runs and has a row for every promise; whether they hold is for `make bench` to say."""

from bench.sigv4 import run


def test_every_promise_is_measured() -> None:
    rows = run(1)
    assert [(row.name, row.bar) for row in rows if row.bar] == [
        ("sign GET: faster than botocore", "≥ 15"),
        ("sign GET: faster than awscrt", "≥ 3.5"),
        ("verify GET: over the floor", "≤ 3"),
        ("verify POST 1 KiB: over the floor", "≤ 2"),
        ("verify POST 1 MiB: over the floor", "≤ 1.1"),
    ]
    assert all(row.value is not None and row.value > 0 for row in rows)
