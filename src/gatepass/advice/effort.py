"""How much is compared in one file: a stranger's file must not keep a machine busy.

Comparing every statement with every other takes the square of their number, and comparing two patterns the product of
their lengths. What AWS would save needs a small part of this; a file that needs more is told so, and gets the findings
that need no comparing.
"""

MOST = 2_000_000
"""Steps, of about a microsecond each."""


class Effort:
    """What is left of the steps of a file."""

    __slots__ = ("_left",)

    def __init__(self, most: int = MOST) -> None:
        self._left = most

    def spend(self, steps: int) -> bool:
        """Take some; whether there were enough."""
        self._left -= steps
        return self._left >= 0

    @property
    def is_over(self) -> bool:
        return self._left < 0
