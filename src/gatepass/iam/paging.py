"""Pages of a listing: a marker names the last entry of the page before."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from gatepass.errors import ValidationFailure


def marker(last: str) -> str:
    """The marker of the page that follows an entry."""
    return urlsafe_b64encode(last.encode()).decode().rstrip("=")


def last_entry(marker: str | None) -> str | None:
    """The entry a page begins after; None for the first page.

    Raises:
        ValidationFailure: the marker is none of ours.
    """
    if marker is None:
        return None
    try:
        last = urlsafe_b64decode(marker.encode("ascii") + b"=" * (-len(marker) % 4)).decode()
    except ValueError:
        last = ""
    if not last:
        raise ValidationFailure("Invalid Marker.")
    return last
