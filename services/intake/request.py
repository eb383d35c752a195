"""A request as a vendor's functions see it: bytes and headers as they came, nothing read yet.

``body`` is what stood on the wire, which is what signatures are made over; ``content`` is the same with its
compression undone. Two requests that are equal are read equally: the instant of arrival is part of it, so
that an original can be read again a year later with the same outcome.
"""

from datetime import datetime
from urllib.parse import parse_qs

from infra.arrivals import Headers
from schemas.records import record


@record(frozen=True, slots=True)
class Request:
    """One request to one source.

    Attributes:
        source: The source's name in ``sources.yaml``; the ``source`` of the facts that are made.
        method: In capitals.
        target: Path and query, as they stood in the request.
        headers: In lower case, in order.
        body: As it stood on the wire.
        content: The body, decompressed.
        received_at: When it arrived (UTC, aware).
        url: The public URL of the hook with the query of the request, as the vendor calls it.
    """

    source: str
    method: str
    target: str
    headers: Headers
    body: bytes
    content: bytes
    received_at: datetime
    url: str = ""

    def header(self, name: str) -> str | None:
        """Return the only value of a header (its name in lower case); None if it is absent or repeated."""
        found = self.header_values(name)
        return found[0] if len(found) == 1 else None

    def header_values(self, name: str) -> list[str]:
        """Return every value of a header (its name in lower case)."""
        return [value for known, value in self.headers if known == name]

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case; empty if there is none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def query(self) -> dict[str, list[str]]:
        """The query's values by name."""
        return parse_qs(self.target.partition("?")[2], keep_blank_values=True)
