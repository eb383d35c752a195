"""The proof of a clock as a table: each stretch with what it adds, and the sum so far.

Two verbs draw proofs, ``relevo clock`` and ``relevo lead --clocks``. Both say what kind of time is counted,
in whose zone the rows are, and write every stretch so exactly that the rows add up; where the clocks change
between two rows, each instant has its offset.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.cli.spans import NAMES, exactly
from services.cli.terminal import table
from services.cli.wall import Wall
from services.clock_proof import Segment, SegmentKind

if TYPE_CHECKING:
    from rich.table import Table

_ELSEWHERE = {SegmentKind.OPEN: "runs", SegmentKind.CLOSED: "stands", SegmentKind.PAUSED: "paused"}
"""What a clock does that looks at no opening hours."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment of a proof, and the terms under which it counts."""

    segment: Segment
    wall: Wall
    counts: str
    """``business``, ``calendar`` or ``elapsed``."""
    calendar: str | None
    """Whose opening hours."""

    @property
    def seconds(self) -> float:
        """What it adds."""
        return self.segment.duration.total_seconds() if self.segment.kind is SegmentKind.OPEN else 0.0

    @property
    def what(self) -> str:
        """What the clock does, and by whose opening hours."""
        if self.counts != "business":
            return _ELSEWHERE[self.segment.kind]
        holiday = f", holiday {self.segment.holiday}" if self.segment.holiday else ""
        office = f" ({self.calendar})" if self.calendar else ""
        return f"{self.segment.kind.value}{holiday}{office}"


def proof_table(title: str, pieces: Sequence[Piece]) -> "Table":
    """Return the table of a proof.

    Args:
        title: Above it; the zone is added.
        pieces: In order.
    """
    zones = dict.fromkeys(one.wall.zone_name for one in pieces)
    where = f"{title} (times in {' and '.join(zones)})"
    drawn = table(where, "from", "to", "the clock", _head(pieces), "sum", right=(_head(pieces), "sum"))
    exact = len(zones) > 1 or not _alike(pieces)
    total = 0.0
    for one in pieces:
        total += one.seconds
        write = one.wall.exact if exact else one.wall.to_the_second
        drawn.add_row(
            write(one.segment.began_at),
            write(one.segment.ended_at),
            one.what,
            exactly(one.seconds, one.counts) if one.seconds else "",
            exactly(total, one.counts) if total else "0 min",
        )
    return drawn


def _head(pieces: Iterable[Piece]) -> str:
    kinds = {one.counts for one in pieces}
    return next((name for kind, name in NAMES.items() if kinds == {kind}), "counts")


def _alike(pieces: Sequence[Piece]) -> bool:
    instants = [at for one in pieces for at in (one.segment.began_at, one.segment.ended_at)]
    return not pieces or pieces[0].wall.alike(instants)
