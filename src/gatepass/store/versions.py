"""Which schemas this program knows. Alembic is not needed, nor imported, to read them.

A test proves that they are Alembic's.
"""

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
"""Every schema revision, oldest first; the last is the one this program makes."""

HEAD = REVISIONS[-1]

COMPATIBLE_WITH = "0001"
"""The oldest revision whose programs work on a schema of `HEAD`: a step that only adds leaves it as it is."""
