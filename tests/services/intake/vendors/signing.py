"""Requests for the tests that sign with a library of the vendor's own, or of somebody else."""

from datetime import UTC, datetime

from services.intake.request import Request

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECONDS = str(int(NOW.timestamp()))


def posted(kind: str, body: bytes, *headers: tuple[str, str], url: str = "") -> Request:
    """Return a request as the vendor's functions see it."""
    return Request(kind, "POST", f"/v1/hooks/{kind}", headers, body, body, NOW, url)
