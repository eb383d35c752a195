"""Leads for the tests of metrics: a history in, what is counted out.

``history`` folds entries by their place, as a host does; ``tally`` adds up cells by measure and detail,
because most tests are about one number and not about its days; ``sums`` answers a cut as a store does.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from infra.fold import place_of
from schemas.agreement import Agreement
from schemas.entries import Conclusion, Entry
from schemas.facts import Captured, LeadFact, Touched
from schemas.handoffs import (
    Brief,
    ClockEnd,
    ClockEnded,
    CloseReason,
    HandoffAccepted,
    HandoffClosed,
    HandoffOpened,
    HandoffRejected,
    SlaBreached,
)
from schemas.lifecycle import MoveReason, StageChanged
from schemas.metrics import DIMENSIONS, NOW, Cell, Cut, Measure, Sum, period_key
from schemas.vocabulary import Money, TouchChannel
from services.metrics.cells import counts
from services.metrics.rule import step
from services.metrics.summary import LeadSummary
from tests.builders import agreement, entry, instant

SMALL = agreement()


def on(at: str | datetime, fact: LeadFact | None = None, *said: Conclusion, **fields: Any) -> Entry:
    """Return an entry at an instant, with the conclusions that came with it."""
    return entry(fact, at=at, said=said, **fields)


def after(*entries: Entry, before: LeadSummary | None = None, under: Agreement = SMALL) -> LeadSummary:
    """Take entries in, in the order given."""
    state = before
    for each in entries:
        state = step(state, each, under).state
    return state or LeadSummary()


def history(*entries: Entry, under: Agreement = SMALL) -> LeadSummary:
    """Fold a lead's entries in their places."""
    return after(*sorted(entries, key=place_of), under=under)


def tally(found: Mapping[Cell, int] | LeadSummary) -> dict[str, int]:
    """Add cells up by measure and detail: ``{"standing:lead": 1}``."""
    cells = counts(found) if isinstance(found, LeadSummary) else found
    added: Counter[str] = Counter()
    for cell, amount in cells.items():
        added[f"{cell.measure}:{cell.detail}" if cell.detail else cell.measure.value] += amount
    return dict(added)


def the(measure: Measure, state: LeadSummary) -> Cell:
    """Return the only cell of a measure."""
    (cell,) = [cell for cell in counts(state) if cell.measure is measure]
    return cell


def sums(cells: Mapping[Cell, int], cut: Cut) -> list[Sum]:
    """Add cells up as a store does."""
    added: Counter[Sum] = Counter()
    for cell, amount in cells.items():
        day = cell.cohort_on if cut.basis == "cohort" else cell.on
        now = cut.basis == "none"
        if (
            now != (cell.measure in NOW)
            or (cut.since and day < cut.since)
            or (cut.until and day >= cut.until)
        ):
            continue
        period = None if now or cut.period is None else period_key(day, cut.period)
        values = dict(zip(DIMENSIONS, cell[4:9], strict=True))
        dimensions = tuple(values[name] for name in cut.by)
        added[Sum(cell.measure, cell.detail, cut.basis, period, dimensions, cell.bucket, 0)] += amount
    return [
        Sum(one.measure, one.detail, one.basis, one.period, one.dimensions, one.bucket, amount)
        for one, amount in added.items()
    ]


def totals(states: Iterable[LeadSummary]) -> Counter[Cell]:
    """Add up the cells of several leads."""
    added: Counter[Cell] = Counter()
    for state in states:
        added.update(counts(state))
    return added


def euros(amount: int) -> Money:
    """Return so many cents."""
    return Money(amount_minor=amount, currency="EUR")


def moved(at: str | datetime, to: str, *, since: str = "", **fields: Any) -> StageChanged:
    """Return a move to a stage; ``since`` says which was left, and when it was entered: "lead@2026-03-01"."""
    moment = instant(at) if isinstance(at, str) else at
    left, _, entered = since.partition("@")
    return StageChanged(
        from_stage=left or None,
        to_stage=to,
        entered_at=moment,
        seconds_in_from_stage=int((moment - instant(entered)).total_seconds()) if entered else None,
        **{"cycle": 1, "reason": MoveReason.FACT, **fields},
    )


def captured(at: str = "2026-03-02 09:00", origin: str | None = "search", seq: int = 1) -> Entry:
    """Return a capture that enters the first stage."""
    return on(at, Captured(origin=origin, campaign="spring"), moved(at, "lead"), seq=seq)


def _instant(at: str | datetime) -> datetime:
    return instant(at) if isinstance(at, str) else at


def opened(at: str | datetime, number: int = 1, *, owner: str | None = "ana") -> HandoffOpened:
    """Return the opening of a hand-off to sales."""
    return HandoffOpened(
        handoff_id=f"L1-{number}",
        cycle=number,
        opened_at=_instant(at),
        team="sales",
        owner=owner,
        brief=Brief(lead_id="L1", why_now="hot"),
    )


def accepted(at: str | datetime, number: int = 1) -> HandoffAccepted:
    """Return the acceptance of a hand-off."""
    return HandoffAccepted(handoff_id=f"L1-{number}", accepted_at=_instant(at))


def rejected(at: str | datetime, number: int = 1, reason: str = "bad_fit") -> HandoffRejected:
    """Return the rejection of a hand-off."""
    return HandoffRejected(handoff_id=f"L1-{number}", rejected_at=_instant(at), reason=reason)


def closed(at: str | datetime, why: CloseReason, number: int = 1) -> HandoffClosed:
    """Return the end of a hand-off."""
    return HandoffClosed(handoff_id=f"L1-{number}", closed_at=_instant(at), reason=why)


def called() -> Touched:
    """Return a call by sales."""
    return Touched(channel=TouchChannel.CALL)


def breached(at: str | datetime, clock: str = "acceptance", owner: str | None = None) -> SlaBreached:
    """Return a deadline that passed."""
    return SlaBreached(handoff_id="L1-1", clock=clock, breached_at=_instant(at), owner=owner)


def ended(at: str | datetime, end: ClockEnd, clock: str = "acceptance") -> ClockEnded:
    """Return the end of a clock."""
    return ClockEnded(
        handoff_id="L1-1",
        clock=clock,
        ended_at=_instant(at),
        end=end,
        elapsed_seconds=3600,
        working_seconds=3600,
    )
