"""What a fact alone changes in the numbers: first contact, attributes, touches, opportunities, wins.

Facts that ask for a decision (accepted, rejected, stage claimed, lost …) change nothing here: what was
decided of them comes as a conclusion (``services.metrics.from_conclusions``).
"""

from collections.abc import Mapping
from datetime import datetime

from schemas.entries import Entry
from schemas.facts import Captured, Engaged, Enriched, LeadFact, OpportunityOpened, Touched, Won
from schemas.lifecycle import MoveRefused
from schemas.metrics import Measure
from schemas.records import replace
from schemas.vocabulary import Flag, Scalar
from services.business_time import open_seconds
from services.metrics import buckets
from services.metrics.attribution import counted, named, touch
from services.metrics.early import noted
from services.metrics.marks import added
from services.metrics.plan import Plan
from services.metrics.summary import Attributes, Handoff, LeadSummary, Mark, Pair
from services.metrics.wins import won


def after_fact(summary: LeadSummary, entry: Entry, fact: LeadFact, plan: Plan) -> LeadSummary:
    """Return the summary after a fact; the same object when nothing changed."""
    if summary.first_at is None or entry.at < summary.first_at:
        summary = replace(summary, first_at=entry.at, first_on=plan.day(entry.at))
    if entry.flags:
        day = plan.day(entry.at)
        flags = [flag for flag in entry.flags if flag is not Flag.BEFORE_CAPTURE]  # see ``early``
        dirty = [Mark(Measure.DIRTY, flag, day) for flag in flags]
        summary = replace(summary, marks=added(summary.marks, dirty))
    if entry.traits:
        summary = _learned(summary, entry.traits, {}, plan)
    summary = noted(summary, fact, entry.at, plan)
    if any(isinstance(concluded.body, MoveRefused) for concluded in entry.conclusions):
        return summary  # what was refused wins nothing, opens nothing and touches nobody
    return _after_taken(summary, entry, fact, plan)


def _after_taken(summary: LeadSummary, entry: Entry, fact: LeadFact, plan: Plan) -> LeadSummary:
    match fact:
        case Engaged():
            return _touched(summary, fact.origin, fact.campaign)
        case Captured():
            return _touched(_captured(summary, fact, entry.at, plan), fact.origin, fact.campaign)
        case Enriched():
            return _learned(summary, {}, fact.attributes, plan)
        case Touched():
            return _reached_out(summary, entry.at, plan)
        case OpportunityOpened():
            return _opportunity(summary, entry.at, plan)
        case Won():
            first = summary.won_at is None
            summary = won(summary, fact, entry.at, plan)
            return replace(summary, won_by_fact=True) if first else summary
        case _:
            return summary


def _captured(summary: LeadSummary, fact: Captured, at: datetime, plan: Plan) -> LeadSummary:
    summary = _learned(summary, {}, fact.attributes, plan)
    if summary.captured_at is not None:
        return summary
    return replace(
        summary,
        captured_at=at,
        captured_on=plan.day(at),
        pair=Pair(named(fact.origin), named(fact.campaign)),
    )


def _learned(
    summary: LeadSummary,
    traits: Mapping[str, Scalar | None],
    attributes: Mapping[str, Scalar | None],
    plan: Plan,
) -> LeadSummary:
    """Take in what is known of the lead; what a tool states goes before what was derived."""
    stated = _merged(summary.attributes, attributes, plan)
    derived = _merged(summary.traits, traits, plan)
    if stated == summary.attributes and derived == summary.traits:
        return summary
    return segmented(replace(summary, attributes=stated, traits=derived), plan)


def _merged(known: Attributes, news: Mapping[str, Scalar | None], plan: Plan) -> Attributes:
    relevant = {name: value for name, value in news.items() if name in plan.attributes}
    if not relevant:
        return known
    merged = {**dict(known), **relevant}
    return tuple(sorted((name, value) for name, value in merged.items() if value is not None))


def segmented(summary: LeadSummary, plan: Plan) -> LeadSummary:
    """Return the summary with its segment by this agreement; the same object when it has it already."""
    segment = plan.segment({**dict(summary.traits), **dict(summary.attributes)})
    return summary if segment == summary.segment else replace(summary, segment=segment)


def _touched(summary: LeadSummary, origin: str | None, campaign: str | None) -> LeadSummary:
    pair = touch(origin, campaign)
    if pair is None:
        return summary
    return replace(
        summary,
        first_touch=summary.first_touch or pair,
        last_touch=pair,
        touches=counted(summary.touches, pair),
    )


def _reached_out(summary: LeadSummary, at: datetime, plan: Plan) -> LeadSummary:
    handoff = summary.handoff
    if handoff is None or handoff.closed_on or handoff.touched_on:
        return summary
    seconds = int((at - handoff.opened_at).total_seconds())
    touched = handoff._replace(
        touched_on=plan.day(at), speed=buckets.index(seconds), speed_working=_working(handoff, at, plan)
    )
    return replace(summary, handoff=touched)


def _working(handoff: Handoff, at: datetime, plan: Plan) -> int | None:
    calendar = plan.calendar(handoff.holder)
    if calendar is None:
        return None
    return buckets.index(open_seconds(handoff.opened_at, max(at, handoff.opened_at), calendar))


def _opportunity(summary: LeadSummary, at: datetime, plan: Plan) -> LeadSummary:
    if summary.opportunity_at is not None:
        return summary
    opened = Mark(Measure.OPPORTUNITY, "", plan.day(at))
    return replace(summary, opportunity_at=at, marks=added(summary.marks, [opened]))
