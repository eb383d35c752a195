"""What hand-offs and their clocks change in the numbers.

A hand-off is counted as it stands under whoever has it, and becomes marks when the next one opens. A clock
counts when it has ended: met, or breached; one that nobody answered (cancelled) counts as breached when its
deadline had passed, and not at all when it had not. Until it ends, a clock past its deadline is overdue, and
apart.
"""

from typing import assert_never

from schemas.entries import Conclusion
from schemas.handoffs import (
    ClockEnd,
    ClockEnded,
    CloseReason,
    HandoffAccepted,
    HandoffClosed,
    HandoffOpened,
    HandoffRejected,
    SlaBreached,
)
from schemas.metrics import Measure
from schemas.records import replace
from services.metrics.from_stages import held_by
from services.metrics.marks import added, handoff_marks
from services.metrics.plan import Plan
from services.metrics.summary import Handoff, Holder, LeadSummary, Mark, Overdue

COUNTED = frozenset({HandoffOpened, HandoffAccepted, HandoffRejected, HandoffClosed, SlaBreached, ClockEnded})
"""What is counted here."""

MOST = 64
"""Clocks overdue at once; an agreement has a handful."""

_SENT_BACK = frozenset({CloseReason.REJECTED, CloseReason.EXPIRED, CloseReason.RECYCLED})


def after(summary: LeadSummary, said: Conclusion, plan: Plan) -> LeadSummary:
    """Return the summary after a conclusion; the same object when it is none of ``COUNTED``."""
    match said:
        case HandoffOpened():
            return _opened(summary, said, plan)
        case HandoffAccepted() | HandoffRejected() | HandoffClosed():
            return _answered(summary, said, plan)
        case SlaBreached():
            return _breached(summary, said, plan)
        case ClockEnded():
            return _ended(summary, said, plan)
        case _:
            return summary


def _opened(summary: LeadSummary, said: HandoffOpened, plan: Plan) -> LeadSummary:
    on = plan.day(said.opened_at)
    holder = plan.holder(said.team, said.owner)
    if summary.handoff:
        summary = replace(summary, marks=added(summary.marks, handoff_marks(summary.handoff)))
    if summary.handed_over_at is None:
        summary = replace(summary, handed_over_at=said.opened_at, handed_over_on=on)
    summary = replace(summary, handoff=Handoff(said.handoff_id, said.opened_at, on, holder))
    return held_by(summary, holder)


def _answered(
    summary: LeadSummary, said: HandoffAccepted | HandoffRejected | HandoffClosed, plan: Plan
) -> LeadSummary:
    handoff = summary.handoff
    if handoff is None or handoff.handoff_id != said.handoff_id:
        return summary
    return replace(summary, handoff=_answer(handoff, said, plan))


def _answer(handoff: Handoff, said: HandoffAccepted | HandoffRejected | HandoffClosed, plan: Plan) -> Handoff:
    match said:
        case HandoffAccepted():
            return handoff._replace(accepted_on=plan.day(said.accepted_at))
        case HandoffRejected():
            return handoff._replace(rejected_on=plan.day(said.rejected_at), rejected_reason=said.reason)
        case HandoffClosed():
            back = said.reason.name.lower() if said.reason in _SENT_BACK else None
            return handoff._replace(closed_on=plan.day(said.closed_at), sent_back=back)
        case _:
            assert_never(said)


def _breached(summary: LeadSummary, said: SlaBreached, plan: Plan) -> LeadSummary:
    holder = _holder(summary)
    if said.owner is not None:
        holder = holder._replace(owner=said.owner)
    overdue = Overdue(said.subject, said.clock, plan.day(said.breached_at), holder)
    others = _without(summary, said.subject).overdue
    return replace(summary, overdue=(*others, overdue)[-MOST:])


def _ended(summary: LeadSummary, said: ClockEnded, plan: Plan) -> LeadSummary:
    late = next((overdue for overdue in summary.overdue if overdue.subject == said.subject), None)
    summary = _without(summary, said.subject)
    if said.end is ClockEnd.CANCELLED and late is None:
        return summary
    measure = Measure.CLOCK_MET if said.end is ClockEnd.MET else Measure.CLOCK_BREACHED
    holder = late.holder if late else _holder(summary)
    ended = Mark(measure, said.clock, plan.day(said.ended_at), holder=holder)
    return replace(summary, marks=added(summary.marks, [ended]))


def _holder(summary: LeadSummary) -> Holder:
    """Return who has the hand-off."""
    return summary.handoff.holder if summary.handoff else summary.holder


def _without(summary: LeadSummary, subject: str) -> LeadSummary:
    """Take a clock off those that are overdue; the same object when it was not."""
    others = tuple(overdue for overdue in summary.overdue if overdue.subject != subject)
    return summary if len(others) == len(summary.overdue) else replace(summary, overdue=others)
