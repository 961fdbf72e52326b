"""The server's clock."""

from hypothesis import given
from hypothesis import strategies as st

from gatepass.server.running import until_next_second


@given(st.floats(0, 4e9))
def test_a_date_is_renewed_when_its_second_is_over(now: float) -> None:
    """Neither later, which would say the time of a second that is past, nor without a pause."""
    pause = until_next_second(now)
    assert 0 < pause <= 1
    assert int(now + pause) == int(now) + 1
