"""A new agreement comes into force: what it means for a lead that is already on its way.

Nobody is held to a rule before it was agreed: deadlines that a new clause would have put into the past fall
due at the change. A stage that is gone sends the lead to the last stage of its trail that is left, in the
same cycle. A hand-off is neither opened after the fact nor given clocks for what came before they were
agreed.
"""

from schemas.agreement.lifecycle import Stage
from schemas.handoffs import CloseReason
from schemas.lifecycle import MoveReason
from services.lifecycle import handoffs, owners, running
from services.lifecycle.moves import move
from services.lifecycle.plan import Plan
from services.lifecycle.state import LifecycleState
from services.lifecycle.turn import Turn


def fits(state: LifecycleState, plan: Plan) -> bool:
    """Say whether the agreement knows the lead's stage and its running clocks."""
    if state.stage is not None and state.stage not in plan.stages:
        return False
    handoff = state.open_handoff
    if handoff is None:
        return True
    return plan.handoff is not None and all(clock.clock in plan.clocks for clock in handoff.running)


def adopt(turn: Turn) -> None:
    """Put the lead under the agreement of this step."""
    if turn.state.stage is None:
        return
    if turn.plan.handoff is None:
        handoffs.close(turn, CloseReason.AGREEMENT)
    owners.check(turn)
    running.follow_agreement(turn)
    if turn.state.stage not in turn.plan.stages:
        move(turn, _left_of(turn), MoveReason.AGREEMENT)
    _stale_anew(turn)


def _left_of(turn: Turn) -> Stage:
    """Return where a lead goes whose stage is gone."""
    state, plan = turn.state, turn.plan
    same = plan.agreement.lifecycle.outcome_stage(state.outcome) if state.outcome else None
    trail = [plan.stages[name] for name in state.trail if name in plan.place]
    return same or (trail[-1] if trail else plan.path[0])


def _stale_anew(turn: Turn) -> None:
    """Count a stay anew that has not stalled; one that has stalled stays so until the lead moves."""
    state = turn.state
    stage = turn.plan.stages.get(state.stage or "")
    if stage is None or state.since is None or state.stalled:
        return
    due = turn.plan.stale_at(stage, state.since)
    if due != state.stale_at:
        turn.keep(stale_at=due if due is None else max(due, turn.at))
