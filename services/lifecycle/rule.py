"""The lifecycle: a lead moves through the agreed stages and is handed over, and both sides keep their clocks.

``step`` is the whole rule, stages and hand-offs composed, so that a breach recycles a lead in the step in
which it falls due. What each kind of fact does and who may say it is the table in ``stages.py``; the order
of one step:

1. the score that came with the entry is noted, and what a brief may tell;
2. the fact is refused with a reason, and then nothing of it counts; or it answers clocks, moves the lead, and
   starts, pauses and resumes clocks;
3. the score moves the lead forward, if it newly says so;
4. a gate that the lead came to is passed, if what lies behind it is open.
"""

from dataclasses import replace
from typing import assert_never

from schemas.agreement import Agreement
from schemas.agreement.lifecycle import Outcome, Stage
from schemas.entries import Change, Entry
from schemas.facts import Assigned, Deed, Enriched, Erased, LeadFact, Reasoned, Rejected, StageClaimed
from schemas.handoffs import CloseReason
from schemas.lifecycle import MoveReason, MoveRefused
from schemas.scoring import ScoreChanged
from schemas.step import AgreementChanged, Event, Step, TimerDue
from schemas.vocabulary import Actor, Flag, Name, Side
from services.lifecycle import handoffs, owners, running
from services.lifecycle.adoption import adopt, fits
from services.lifecycle.brief import forgotten, remember
from services.lifecycle.firing import fire
from services.lifecycle.moves import climb, end_stall, move, pass_gates, stall
from services.lifecycle.plan import plan_for
from services.lifecycle.stages import TABLE, Does, leads_to, refusal, takes_on
from services.lifecycle.state import LifecycleState, Score
from services.lifecycle.turn import STALE, Turn, finished

__all__ = ["LifecycleState", "matters", "step"]

_REASONS = {
    Does.ACCEPT: MoveReason.ACCEPTED,
    Does.REJECT: MoveReason.REJECTED,
    Does.RECYCLE: MoveReason.RECYCLED,
    Does.REOPEN: MoveReason.REOPENED,
    Does.CLAIM: MoveReason.CLAIM,
}
"""Why a lead moves, by what the fact does; the others are facts that enter a stage."""

_SIDES = {side: Actor(side=side) for side in Side}
"""Who speaks when a fact does not say."""


def step(state: LifecycleState | None, event: Event, agreement: Agreement) -> Step[LifecycleState]:
    """Decide one event of one lead.

    Args:
        state: The lead; None before its first event.
        event: An entry with scoring's conclusions, a timer of this rule that fell due, or a new agreement.
        agreement: The one in force at the event.

    Returns:
        The lead's new state (the same object when nothing changed), the conclusions in the order in which
        they follow from one another, and the timers that changed.

    Source: docs/lifecycle.md, ADR-0005.
    """
    return small(decided(state, event, agreement))


def small(step: Step[LifecycleState]) -> Step[LifecycleState]:
    """Return the step with the state as it is kept."""
    state = handoffs.slimmed(step.state)
    return step if state is step.state else replace(step, state=state)


def decided(state: LifecycleState | None, event: Event, agreement: Agreement) -> Step[LifecycleState]:
    """Return what ``step`` does, with the terms of earlier hand-offs' clocks still in the state."""
    plan = plan_for(agreement)
    before = state or LifecycleState(lead_id=event.lead_id)
    if before.erased:
        return Step(before)
    turn = Turn(before, plan, event.at, _known_by(event), signs=isinstance(event, AgreementChanged))
    if turn.signs:
        adopt(turn)
    elif not fits(before, plan):
        if isinstance(event, Entry) and not matters(event, agreement):
            return Step(before)  # from before the agreement that the lead is under: nothing to conclude
        adopt(turn)
    match event:
        case Entry():
            _entry(turn, event)
        case TimerDue():
            _timer(turn, event)
        case AgreementChanged():
            _rescored(turn)
        case unknown:
            assert_never(unknown)
    if turn.state.stage != before.stage:
        pass_gates(turn)
    return finished(turn, before, event.kind if isinstance(event, TimerDue) else None)


def matters(entry: Entry, agreement: Agreement) -> bool:
    """Say whether the entry's place in time changes what is concluded.

    A page view is only noted for the next brief, wherever it lies (``brief.py``); it matters when it
    carries a score, when a pattern of the agreement reads it, or when it is the lead's earliest sign of
    life.
    """
    if any(isinstance(said.body, ScoreChanged) for said in entry.conclusions):
        return True
    fact, plan = entry.fact, plan_for(agreement)
    if fact is None:
        return False
    if Flag.BEFORE_CAPTURE in entry.flags or TABLE[fact.kind].does not in (Does.ENTER, Does.NOTHING):
        return True
    if fact.kind in ("captured", "touched") or plan.reads(fact):
        return True
    said = {*entry.traits, *(fact.attributes if isinstance(fact, Enriched) else ())}
    return not said.isdisjoint(plan.form.attributes)


def _known_by(event: Event) -> int | None:
    """Return the number up to which facts were known at the event; None for timers: whatever lies before."""
    if isinstance(event, TimerDue) or (isinstance(event, Entry) and event.timer):
        return None
    return event.seq


def _entry(turn: Turn, entry: Entry) -> None:
    before = turn.state
    scored = _scored(entry)
    if scored:
        turn.keep(score=Score(scored.fit, scored.engagement, scored.cell, scored.band))
    if entry.fact:
        _fact(turn, entry, entry.fact)
    if scored and not turn.state.erased:
        _score(turn, scored, before)


def _timer(turn: Turn, timer: TimerDue) -> None:
    if timer.kind == STALE:
        stall(turn)
        return
    expired = fire(turn)
    if expired:
        _send_back(turn, MoveReason.EXPIRED, expired, CloseReason.EXPIRED)


def _fact(turn: Turn, entry: Entry, fact: LeadFact) -> None:
    said_by = fact.by if isinstance(fact, Deed) else None
    turn.actor = actor = said_by or _SIDES[turn.plan.agreement.side_of(entry.source)]
    to = leads_to(turn.state, turn.plan, fact)
    why_not = refusal(turn.state, turn.plan, fact, actor, to)
    if why_not:
        asked = fact.stage if isinstance(fact, StageClaimed) else fact.kind
        turn.say(MoveRefused(asked=asked, reason=why_not, at_stage=turn.state.stage, by=actor))
    elif isinstance(fact, Erased):
        _forget(turn)
        return
    else:
        remember(turn, entry, fact)
        _obey(turn, fact, to)
    if turn.state.stage is None:
        move(turn, turn.plan.path[0], MoveReason.FACT, fact.kind)


def _obey(turn: Turn, fact: LeadFact, to: tuple[Stage, ...]) -> None:
    line, opened_before = TABLE[fact.kind], turn.state.handoff_count
    turn.works = line.works
    accepts = takes_on(turn.state, turn.plan, fact, to)
    if accepts:
        handoffs.accept(turn)
    running.answered(turn, fact, accepts=accepts)
    if accepts:
        owners.accept(turn)
    if isinstance(fact, Assigned):
        owners.give(turn, fact.owner, fact.team, "assigned")
    reason = _REASONS.get(line.does, MoveReason.FACT)
    detail = fact.reason if isinstance(fact, Reasoned) else None
    if isinstance(fact, Rejected) and turn.state.open_handoff:
        handoffs.reject(turn, fact.reason)
        _send_back(turn, reason, detail, CloseReason.REJECTED)
        return
    for stage in to:
        move(turn, stage, reason, detail or (fact.kind if line.does in (Does.ENTER, Does.WIN) else None))
    if (
        turn.state.handoff_count == opened_before
    ):  # what opens a hand-off came before it, and is no part of it
        running.hear_pauses(turn, fact)
        if accepts:
            running.start_all(turn, "accepted")
        if fact.kind == "touched":
            running.start_all(turn, "touched")


def _send_back(turn: Turn, reason: MoveReason, detail: Name | None, why: CloseReason) -> None:
    to = turn.plan.rejected_stage
    if to and to.id != turn.state.stage:
        move(turn, to, reason, detail)
    handoffs.close(turn, why)


def _forget(turn: Turn) -> None:
    end_stall(turn)
    handoffs.close(turn, CloseReason.ERASED)
    turn.keep(erased=True, stale_at=None, **forgotten())


def _scored(entry: Entry) -> ScoreChanged | None:
    for said in reversed(entry.conclusions):
        if isinstance(said.body, ScoreChanged) and said.change is not Change.WITHDRAWN:
            return said.body
    return None


def _score(turn: Turn, scored: ScoreChanged, before: LifecycleState) -> None:
    """Move the lead where its new score says.

    On the path a score lifts a lead that it qualifies, and a decay one that it newly qualifies. A recycled
    lead comes back by what it does since: it newly qualifies, or has gained the engagement that the
    agreement asks for.
    """
    state, plan = turn.state, turn.plan
    recycled = state.outcome is Outcome.RECYCLED
    if recycled and before.outcome is not Outcome.RECYCLED:
        return
    if recycled:
        trough = state.trough or 0
        fresh = scored.engagement - trough >= max(plan.return_points, 1)
        turn.keep(trough=min(trough, scored.engagement))
        if scored.reason != "fact":
            return
    elif state.outcome is None and plan.standing(state) >= 0:
        fresh = scored.reason != "decay"
    else:
        return
    _climb_by_score(turn, before.score, fresh=fresh)


def _climb_by_score(turn: Turn, was: Score | None, *, fresh: bool) -> None:
    score, thresholds = turn.state.score, turn.plan.thresholds

    def holds(stage: Stage) -> bool:
        threshold = thresholds.get(stage.id)
        if threshold is None or score is None or not threshold.holds(score):
            return False
        return fresh or was is None or not threshold.holds(was)

    climb(turn, holds, MoveReason.SCORE, score.band if score else None)


def _rescored(turn: Turn) -> None:
    """Let a lead on the path that the new agreement's stages qualify move as its score says."""
    if turn.state.outcome is None and turn.plan.standing(turn.state) >= 0:
        _climb_by_score(turn, None, fresh=True)
