"""A lead moves: the stage changes, a stall ends, a cycle opens, and the hand-off follows.

A lead goes **forward** along the success path, off it to a **detour**, and back on it only in a new numbered
**cycle**, which leaves everything before it as it was. Where to is decided in ``stages.py``.
"""

from collections.abc import Callable

from schemas.agreement.lifecycle import Outcome, Stage
from schemas.lifecycle import CycleOpened, LeadStalled, MoveReason, StageChanged, StallEnded
from schemas.vocabulary import Name, StageId
from services.lifecycle import handoffs
from services.lifecycle.state import LifecycleState
from services.lifecycle.turn import Turn

BY_PEOPLE = (
    MoveReason.FACT,
    MoveReason.CLAIM,
    MoveReason.ACCEPTED,
    MoveReason.REJECTED,
    MoveReason.RECYCLED,
    MoveReason.REOPENED,
)


def move(turn: Turn, to: Stage, reason: MoveReason, detail: Name | None = None) -> None:
    """Move the lead to a stage where it does not stand."""
    before = turn.state
    end_stall(turn)
    returns = _returns(turn, to, reason)
    if returns:
        turn.keep(cycle=before.cycle + 1, trail=())
        turn.say(CycleOpened(cycle=turn.state.cycle, reason=reason, detail=detail))
    turn.say(
        StageChanged(
            from_stage=before.stage,
            to_stage=to.id,
            entered_at=turn.at,
            cycle=turn.state.cycle,
            reason=reason,
            detail=detail,
            by=turn.actor if reason in BY_PEOPLE else None,
            skipped=() if reason is MoveReason.AGREEMENT else _skipped(turn, to, returns=returns),
            skipped_as=turn.plan.agreement.lifecycle.skipped,
            seconds_in_from_stage=_seconds(turn, before) if before.stage else None,
        )
    )
    _stand(turn, to)
    handoffs.follow(turn, to, reason)


def climb(turn: Turn, holds: Callable[[Stage], bool], reason: MoveReason, detail: Name | None = None) -> None:
    """Move the lead forward through each stage ahead whose condition holds, and through gates that open.

    From a recycling detour the path begins anew.
    """
    plan = turn.plan
    for place in range(plan.standing(turn.state) + 1, len(plan.path)):
        stage = plan.path[place]
        gate = plan.path[place - 1]
        if holds(stage):
            move(turn, stage, reason, detail)
        elif turn.state.stage == gate.id and plan.passes(gate, stage, turn.state.score):
            move(turn, stage, MoveReason.GATE, gate.id)


def pass_gates(turn: Turn) -> None:
    """Let a lead that has come to a gate go on, if the next stage's condition holds already."""
    if turn.state.stage in turn.plan.place:
        climb(turn, lambda _: False, MoveReason.GATE)


def stall(turn: Turn) -> None:
    """Say that the lead has stayed too long, if it has: once a stay."""
    state = turn.state
    if state.stage is None or state.since is None or state.stale_at is None:
        return
    if state.stalled or state.stale_at > turn.at:
        return
    turn.keep(stalled=True)
    turn.say(
        LeadStalled(
            stage=state.stage, cycle=state.cycle, since=state.since, due_at=state.stale_at, owner=state.owner
        )
    )


def end_stall(turn: Turn) -> None:
    """Say that a stalled lead stands no longer where it stood."""
    state = turn.state
    if not state.stalled or state.stage is None or state.stale_at is None:
        return
    turn.keep(stalled=False, stale_at=None)
    seconds = int((turn.at - state.stale_at).total_seconds())
    turn.say(StallEnded(stage=state.stage, cycle=state.cycle, stalled_seconds=seconds))


def _stand(turn: Turn, at: Stage) -> None:
    state = turn.state
    recycled = at.outcome is Outcome.RECYCLED
    turn.keep(
        stage=at.id,
        since=turn.at,
        outcome=at.outcome,
        stale_at=turn.plan.stale_at(at, turn.at),
        trail=(*(each for each in state.trail if each != at.id), at.id)
        if at.id in turn.plan.place
        else state.trail,
        trough=(state.score.engagement if state.score else 0) if recycled else None,
    )


def _returns(turn: Turn, to: Stage, reason: MoveReason) -> bool:
    """Say whether the move begins a new cycle: back on the path from off it, or back along it."""
    state, places = turn.state, turn.plan.place
    if state.stage is None or reason is MoveReason.AGREEMENT or to.id not in places:
        return False
    on_path = state.stage in places or state.stage in state.trail
    return not on_path or places[to.id] < turn.plan.standing(state)


def _skipped(turn: Turn, to: Stage, *, returns: bool) -> tuple[StageId, ...]:
    places = turn.plan.place
    if to.id not in places:
        return ()
    first = 0 if returns else turn.plan.standing(turn.state) + 1
    return tuple(stage.id for stage in turn.plan.path[first : places[to.id]])


def _seconds(turn: Turn, before: LifecycleState) -> int:
    return int((turn.at - before.since).total_seconds()) if before.since else 0
