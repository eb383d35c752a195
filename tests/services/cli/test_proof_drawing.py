"""Proofs as tables: what counts, in whose zone, and rows that add up."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.cli.proof_drawing import Piece, proof_table
from services.cli.wall import Wall
from services.clock_proof import Segment, SegmentKind

BEFORE = datetime(2026, 10, 24, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MADRID, MEXICO = Wall("Europe/Madrid"), Wall("America/Mexico_City")


def piece(
    kind: SegmentKind,
    from_: datetime,
    to: datetime,
    *,
    wall: Wall = MADRID,
    counts: str = "business",
    holiday: date | None = None,
) -> Piece:
    return Piece(Segment(kind, from_, to, holiday), wall, counts, "office")


def rows(*pieces: Piece) -> list[tuple[object, ...]]:
    return list(zip(*(column.cells for column in proof_table("P", pieces).columns), strict=True))


def test_rows_say_what_the_clock_does_and_add_up() -> None:
    assert rows(
        piece(SegmentKind.OPEN, BEFORE, BEFORE + HOUR / 2),
        piece(SegmentKind.PAUSED, BEFORE + HOUR / 2, BEFORE + HOUR),
        piece(SegmentKind.CLOSED, BEFORE + HOUR, BEFORE + 2 * HOUR, holiday=date(2026, 10, 24)),
        piece(SegmentKind.OPEN, BEFORE + 2 * HOUR, BEFORE + 2 * HOUR + timedelta(seconds=90)),
    ) == [
        ("2026-10-24 12:00", "2026-10-24 12:30", "open (office)", "30 min", "30 min"),
        ("2026-10-24 12:30", "2026-10-24 13:00", "paused (office)", "", "30 min"),
        ("2026-10-24 13:00", "2026-10-24 14:00", "closed, holiday 2026-10-24 (office)", "", "30 min"),
        ("2026-10-24 14:00", "2026-10-24 14:01:30", "open (office)", "1 min 30 s", "31 min 30 s"),
    ]


def test_rows_on_both_sides_of_a_change_of_the_clocks_have_offsets() -> None:
    after = BEFORE + timedelta(days=1, hours=1)
    assert rows(piece(SegmentKind.OPEN, BEFORE, after, counts="calendar")) == [
        ("2026-10-24 12:00 +02:00", "2026-10-25 12:00 +01:00", "runs", "1 d 1 h", "1 d 1 h")
    ]


def test_rows_of_two_offices_have_offsets_and_both_zones_are_named() -> None:
    pieces = (
        piece(SegmentKind.OPEN, BEFORE, BEFORE + HOUR),
        piece(SegmentKind.OPEN, BEFORE + HOUR, BEFORE + 2 * HOUR, wall=MEXICO),
    )
    assert [row[:2] for row in rows(*pieces)] == [
        ("2026-10-24 12:00 +02:00", "2026-10-24 13:00 +02:00"),
        ("2026-10-24 05:00 -06:00", "2026-10-24 06:00 -06:00"),
    ]
    assert proof_table("P", pieces).title == "P (times in Europe/Madrid and America/Mexico_City)"


@pytest.mark.parametrize(
    ("counts", "head"),
    [("business", "working time"), ("calendar", "calendar days"), ("elapsed", "elapsed time")],
)
def test_the_time_is_named_at_the_head_of_its_column(counts: str, head: str) -> None:
    drawn = proof_table("P", [piece(SegmentKind.OPEN, BEFORE, BEFORE + HOUR, counts=counts)])
    assert [column.header for column in drawn.columns][3] == head


def test_a_clock_that_counted_two_kinds_of_time_says_neither() -> None:
    kinds = [
        piece(SegmentKind.OPEN, BEFORE, BEFORE + HOUR, counts=counts) for counts in ("business", "elapsed")
    ]
    assert [column.header for column in proof_table("P", kinds).columns][3] == "counts"
