"""What an origin is: something that yields what it holds, batch by batch, each with where to read on.

An origin knows how a table or a file is read and nothing of a store; the puller takes its batches there, one
transaction each. What an origin yields again after a crash falls away by itself: a row is known by its
content.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from infra.arrivals import Headers, Original
from infra.store.pulls import Batch, Position
from infra.time_source import TimeSource
from services.intake.pulling.rows import JSON, PROBLEM, Row
from services.intake.sources import Source

ROWS_A_BATCH = 500
LONGEST_PROBLEM = 1000


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should know of, and that stops nothing."""

    sentence: str


class Origin(Protocol):
    """A table, a folder or a bucket.

    Both methods raise ``SourceAway`` or ``SourceUnfit``.
    """

    def batches(self, position: Position, files: Mapping[str, str]) -> Iterator[Batch | Notice]:
        """Look once, and yield everything that may be new.

        Args:
            position: Where the last look, or one that was cut short, ended; empty before the first.
            files: Which files were taken, with what their versions are told apart by.
        """

    def close(self) -> None:
        """Close what is open."""


class Keeper:
    """Makes originals of a source's rows.

    Args:
        source: The source.
        now: The time.
    """

    def __init__(self, source: Source, now: TimeSource) -> None:
        self._source = source
        self._now = now

    def rows(self, rows: Iterable[Row]) -> list[tuple[bytes, Original]]:
        """Return rows as they are kept, each with the bytes by which a repeat is known."""
        return [(row.content, self._original(row.place, JSON, row.body)) for row in rows]

    def problem(self, place: str, problem: str, raw: bytes) -> tuple[bytes, Original]:
        """Return what is no row: it is kept with the reason, and becomes a dead letter."""
        said = " ".join(problem.split())[:LONGEST_PROBLEM].encode("ascii", "backslashreplace").decode()
        headers: Headers = (("content-type", "text/csv"), (PROBLEM, said))
        return b"problem\n" + raw, self._original(place, headers, raw)

    def _original(self, place: str, headers: Headers, body: bytes) -> Original:
        source = self._source
        return Original(
            received_at=self._now(),
            source=source.name,
            kind=source.vendor.kind,
            mapping=source.mapping_digest,
            method="PULL",
            target=place,
            headers=headers,
            body=body,
            verified="fetched by Relevo",
        )
