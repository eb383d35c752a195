"""What stages, owners and refusals change in the numbers.

A stage is entered once a cycle, and first entered once a lead; what was passed through counts as entered, but
no time was spent there.
"""

from schemas.agreement.lifecycle import Outcome
from schemas.entries import Conclusion, Entry
from schemas.facts import OpportunityOpened, Reasoned, Won
from schemas.lifecycle import (
    CycleOpened,
    LeadStalled,
    MoveReason,
    MoveRefused,
    OwnerChanged,
    StageChanged,
    StallEnded,
)
from schemas.metrics import UNKNOWN, Measure
from schemas.records import replace
from services.metrics import buckets
from services.metrics.marks import added
from services.metrics.plan import Plan
from services.metrics.summary import Holder, LeadSummary, Mark, Reached, Stall
from services.metrics.wins import won

COUNTED = frozenset({StageChanged, CycleOpened, OwnerChanged, LeadStalled, StallEnded, MoveRefused})
"""What is counted here."""

MOST = 64
"""Stages remembered; an agreement has a dozen."""


def after(summary: LeadSummary, said: Conclusion, entry: Entry, plan: Plan) -> LeadSummary:
    """Return the summary after a conclusion; the same object when it is none of ``COUNTED``."""
    match said:
        case StageChanged():
            return _came_out(_moved(summary, said, plan), said, entry, plan)
        case CycleOpened():
            return _in_cycle(summary, said.cycle)
        case OwnerChanged():
            return _changed_hands(summary, said, plan)
        case LeadStalled():
            return _stalled(summary, said, plan)
        case StallEnded():
            return replace(summary, stalled=None)
        case MoveRefused():
            return _marked(summary, Mark(Measure.REFUSED, said.reason.name.lower(), plan.day(entry.at)))
        case _:
            return summary


def before_fact(summary: LeadSummary, entry: Entry, plan: Plan) -> LeadSummary:
    """Return the summary with what an entry concludes and its fact is counted under.

    An opportunity that brings a lead back is one of the cycle that it begins; a win that also takes the lead
    on is the win of whoever got the lead by it.
    """
    for concluded in entry.conclusions:
        match entry.fact, concluded.body:
            case OpportunityOpened(), CycleOpened(cycle=cycle):
                summary = _in_cycle(summary, cycle)
            case Won(), OwnerChanged(team=team, owner=owner):
                summary = held_by(summary, plan.holder(team, owner))
            case _:
                pass
    return summary


def _moved(summary: LeadSummary, said: StageChanged, plan: Plan) -> LeadSummary:
    summary = _in_cycle(summary, said.cycle)
    on = plan.day(said.entered_at)
    through = said.skipped if said.skipped_as == "passed_through" else ()
    entered = [stage for stage in (*through, said.to_stage) if stage not in summary.cycle_stages]
    known = {reached.stage for reached in summary.reached}
    marks = [Mark(Measure.ENTERED, stage, on) for stage in entered]
    if said.from_stage is not None and said.seconds_in_from_stage is not None:
        bucket = buckets.index(said.seconds_in_from_stage)
        marks.append(Mark(Measure.TIME_IN_STAGE, said.from_stage, on, bucket=bucket))
    first = [Reached(stage, said.entered_at, on) for stage in entered if stage not in known]
    return replace(
        summary,
        stage=said.to_stage,
        entered_on=on,
        stalled=None,
        cycle_stages=(*summary.cycle_stages, *entered)[:MOST],
        reached=(*summary.reached, *first)[:MOST],
        marks=added(summary.marks, marks),
    )


def _in_cycle(summary: LeadSummary, cycle: int) -> LeadSummary:
    if cycle == summary.cycle:
        return summary
    return replace(summary, cycle=cycle, cycle_stages=(), opportunity_at=None)


def _came_out(summary: LeadSummary, said: StageChanged, entry: Entry, plan: Plan) -> LeadSummary:
    """Count what the stage means; to a lead that only its agreement moved, no more than it meant before."""
    outcome = plan.outcomes.get(said.to_stage)
    renamed = said.reason is MoveReason.AGREEMENT
    if outcome is None or (renamed and outcome is not Outcome.WON):
        return summary
    if outcome is Outcome.WON:
        decides = summary.opportunity_at is not None and not renamed
        return won(summary, None, said.entered_at, plan) if decides or not summary.won_at else summary
    on = plan.day(said.entered_at)
    if outcome is Outcome.RECYCLED:
        return _marked(summary, Mark(Measure.RECYCLED, _reason(said, entry), on))
    lost = [Mark(Measure.LOST, _reason(said, entry), on)]
    if summary.opportunity_at is not None:
        lost.append(Mark(Measure.OPPORTUNITY_LOST, "", on))
    return replace(summary, opportunity_at=None, marks=added(summary.marks, lost))


def _reason(said: StageChanged, entry: Entry) -> str:
    """Return the reason that a person gave, or else what moved the lead when that is a reason."""
    if isinstance(entry.fact, Reasoned) and entry.fact.reason:
        return entry.fact.reason
    return UNKNOWN if said.reason in (MoveReason.FACT, MoveReason.CLAIM) else said.reason.name.lower()


def _changed_hands(summary: LeadSummary, said: OwnerChanged, plan: Plan) -> LeadSummary:
    holder = plan.holder(said.team, said.owner)
    if summary.handoff and not summary.handoff.closed_on:
        summary = replace(summary, handoff=summary.handoff._replace(holder=holder))
    return held_by(summary, holder)


def held_by(summary: LeadSummary, holder: Holder) -> LeadSummary:
    """Give the lead over; once it is won, it stays in the numbers of those who won it."""
    return summary if summary.won_at else replace(summary, holder=holder)


def _stalled(summary: LeadSummary, said: LeadStalled, plan: Plan) -> LeadSummary:
    on = plan.day(said.due_at)
    return replace(
        summary,
        stalled=Stall(said.stage, on),
        first_stalled_on=summary.first_stalled_on or on,
        marks=added(summary.marks, [Mark(Measure.STALLED, said.stage, on)]),
    )


def _marked(summary: LeadSummary, mark: Mark) -> LeadSummary:
    return replace(summary, marks=added(summary.marks, [mark]))
