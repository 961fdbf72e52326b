"""`gatepass serve --login-keys`: what cannot be used is said before anything is served."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Command


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("https://login.example.com", "does not say which issuer's keys are where"),
        ("https://login.example.com=missing.json", "`missing.json` cannot be read"),
        ("https://login.example.com=http://login.example.com/keys", "nothing is fetched from there"),
    ],
)
def test_login_keys_that_cannot_be_used(command: Command, value: str, message: str) -> None:
    done = command("serve", "--port", "0", "--login-keys", value)
    assert (done.status, done.out) == (1, "")
    assert message in done.err
    assert "gatepass: hint: " in done.err
