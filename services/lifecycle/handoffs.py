"""Hand-offs from marketing to sales: opened, accepted, rejected, closed.

A hand-off opens when the lead enters the agreed stage and is open until the lead is won, lost, sent back,
leaves the path, or is taken on by sales and worked past the stage of acceptance. Stages that a lead jumps
over open
none: nothing was handed over. What its clocks do is in ``running.py``; where the lead goes is decided in
``stages.py`` and done in ``moves.py``.
"""

from schemas.agreement.handoff import Handoff
from schemas.agreement.lifecycle import Outcome, Stage
from schemas.handoffs import (
    ClockEnd,
    CloseReason,
    HandoffAccepted,
    HandoffClosed,
    HandoffOpened,
    HandoffRejected,
)
from schemas.lifecycle import MoveReason
from schemas.records import replace
from schemas.vocabulary import LeadId, Name
from services.lifecycle import owners, running
from services.lifecycle.brief import brief
from services.lifecycle.state import MOST_HANDOFFS, HandoffState, LifecycleState, SlaClock
from services.lifecycle.turn import Turn

_CLOSED_BY_MOVE = {
    MoveReason.REJECTED: CloseReason.REJECTED,
    MoveReason.EXPIRED: CloseReason.EXPIRED,
}
_CLOSED_BY_OUTCOME = {
    Outcome.WON: CloseReason.WON,
    Outcome.LOST: CloseReason.LOST,
    Outcome.RECYCLED: CloseReason.RECYCLED,
}


def follow(turn: Turn, to: Stage, reason: MoveReason) -> None:
    """Do what a move means for the hand-off: it closes, or one opens."""
    if turn.state.open_handoff:
        why = _close_reason(turn, to, reason)
        if why:
            close(turn, why)
    elif turn.plan.handoff and to.id == turn.plan.handoff.opens_at:
        _open(turn, turn.plan.handoff)


def accept(turn: Turn) -> None:
    """Note that sales took the open hand-off on."""
    handoff = turn.state.handoffs[-1]
    turn.keep_handoff(replace(handoff, accepted_at=turn.at))
    turn.say(HandoffAccepted(handoff_id=handoff.handoff_id, accepted_at=turn.at, by=turn.actor))


def reject(turn: Turn, reason: Name) -> None:
    """Note that sales sends the lead back; the move that follows closes the hand-off."""
    handoff = turn.state.handoffs[-1]
    turn.keep_handoff(replace(handoff, rejected_at=turn.at, rejection_reason=reason))
    turn.say(
        HandoffRejected(handoff_id=handoff.handoff_id, rejected_at=turn.at, reason=reason, by=turn.actor)
    )


def close(turn: Turn, why: CloseReason) -> None:
    """Close the hand-off if it is open: its clocks end, as breached if their deadline has passed."""
    handoff = turn.state.open_handoff
    if handoff is None:
        return
    for clock in handoff.running:
        running.end(turn, clock, ClockEnd.CANCELLED)
    closed = replace(
        turn.state.handoffs[-1], closed_at=turn.at, close_reason=why, pauses=(), early=(), turns={}
    )
    turn.keep_handoff(closed)
    turn.say(HandoffClosed(handoff_id=handoff.handoff_id, closed_at=turn.at, reason=why))


def names_another(handoff_id: Name | None, lead_id: LeadId, handoff: HandoffState | None) -> bool:
    """Say whether a fact names a hand-off of this lead that is not the open one.

    An id of another lead comes from one that was merged into this one, whose hand-offs this one's now are.
    """
    if handoff_id is None or not handoff_id.startswith(f"{lead_id}-h"):
        return False
    return handoff is None or handoff_id != handoff.handoff_id


def slimmed(state: LifecycleState) -> LifecycleState:
    """Return the state without what only proofs of earlier hand-offs need (``witness.py`` finds it again)."""
    earlier = state.handoffs[:-1]
    if not any(each.calendars for each in earlier):
        return state
    return replace(state, handoffs=(*(_slim(each) for each in earlier), state.handoffs[-1]))


def _close_reason(turn: Turn, to: Stage, reason: MoveReason) -> CloseReason | None:
    by_move = _CLOSED_BY_MOVE.get(reason)
    if by_move:
        return by_move
    if to.outcome:
        return _CLOSED_BY_OUTCOME[to.outcome]
    place = turn.plan.place.get(to.id)
    if place is None:
        return CloseReason.DETOUR
    taken_on = turn.works and turn.state.handoffs[-1].accepted_at is not None
    by_work = reason in (MoveReason.FACT, MoveReason.CLAIM)
    return CloseReason.WORKED if taken_on and by_work and place > turn.plan.worked_beyond else None


def _open(turn: Turn, agreed: Handoff) -> None:
    number = turn.state.handoff_count + 1
    owner = turn.state.owner
    keeps = owner is not None and turn.plan.owners.get(owner, turn.state.team) == agreed.to_team
    owners.give(turn, owner if keeps else None, agreed.to_team, "handed_over")
    handoff = HandoffState(
        handoff_id=f"{turn.state.lead_id}-h{number}",
        number=number,
        cycle=turn.state.cycle,
        team=agreed.to_team,
        owner=turn.state.owner,
        opened_at=turn.at,
    )
    earlier = turn.state.handoffs[1 - MOST_HANDOFFS :]
    turn.keep(handoffs=(*earlier, handoff), handoff_count=number)
    turn.say(
        HandoffOpened(
            handoff_id=handoff.handoff_id,
            cycle=handoff.cycle,
            opened_at=turn.at,
            team=handoff.team,
            owner=handoff.owner,
            brief=brief(turn),
        )
    )
    running.start_all(turn, "opened")


def _slim(handoff: HandoffState) -> HandoffState:
    """Return a closed hand-off without what only the proof of its clocks needs."""
    ended = tuple(_bare(clock) for clock in handoff.ended)
    return replace(handoff, ended=ended, calendars={}) if handoff.calendars else handoff


def _bare(clock: SlaClock) -> SlaClock:
    return replace(clock, stood=(), away=(), earlier=())
