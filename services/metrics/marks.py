"""Marks: what is counted for good, kept in order and within a bound; and the marks that a hand-off makes.

A lead that is refused every day for years must not grow without end. Beyond ``MOST`` the two oldest marks of
the same measure and detail become one, on the later day: their sum is exact, their day and bucket blur. There
are fewer measures than ``MOST``, so that two of the same measure are always found.
"""

from collections.abc import Iterable
from datetime import date

from schemas.metrics import Measure
from services.metrics.summary import Handoff, Mark

MOST = 160
"""A lead with three hand-offs, a win and two recyclings has about 60."""


def added(marks: tuple[Mark, ...], more: Iterable[Mark]) -> tuple[Mark, ...]:
    """Return the marks with more of them, within the bound; marks of nothing are left out."""
    marks = (*marks, *(mark for mark in more if mark.amount))
    while len(marks) > MOST:
        earlier, later = _oldest_pair(marks)
        together = marks[later]._replace(amount=marks[earlier].amount + marks[later].amount)
        marks = (*marks[:earlier], *marks[earlier + 1 : later], together, *marks[later + 1 :])
    return marks


def _oldest_pair(marks: tuple[Mark, ...]) -> tuple[int, int]:
    """Return the places of the first two marks of one measure and detail, or failing that of one measure."""
    by_detail: dict[tuple[Measure, str], int] = {}
    by_measure: dict[Measure, int] = {}
    of_one_measure: tuple[int, int] | None = None
    for place, mark in enumerate(marks):
        alike = by_detail.setdefault((mark.measure, mark.detail), place)
        if alike != place:
            return alike, place
        akin = by_measure.setdefault(mark.measure, place)
        if akin != place:
            of_one_measure = of_one_measure or (akin, place)
    return of_one_measure or (0, 1)


def handoff_marks(handoff: Handoff) -> tuple[Mark, ...]:
    """Return what a hand-off counts, under whoever has it now."""
    found: list[tuple[Measure, str, date, int | None]] = [(Measure.HANDED_OVER, "", handoff.opened_on, None)]
    if handoff.accepted_on:
        found.append((Measure.ACCEPTED, "", handoff.accepted_on, None))
    if handoff.rejected_on:
        found.append((Measure.REJECTED, handoff.rejected_reason, handoff.rejected_on, None))
    if handoff.sent_back and handoff.closed_on:
        found.append((Measure.SENT_BACK, handoff.sent_back, handoff.closed_on, None))
    if handoff.touched_on:
        speeds = [
            (Measure.SPEED_TO_LEAD, handoff.speed),
            (Measure.SPEED_TO_LEAD_WORKING, handoff.speed_working),
        ]
        found += [(measure, "", handoff.touched_on, speed) for measure, speed in speeds if speed is not None]
    return tuple(
        Mark(measure, detail, on, 1, bucket, handoff.holder) for measure, detail, on, bucket in found
    )
