"""What a hand-off's clocks say when their instant has come: a warning, the breach, an escalation.

Each is dated when it fell due. One timer serves all clocks of a lead; whatever is due at its instant is
said, in the order in which the clocks were started.
"""

from schemas.agreement.handoff import EscalationStep
from schemas.handoffs import Escalated, SlaBreached, SlaWarned
from schemas.records import replace
from schemas.vocabulary import Name
from services.lifecycle import clocks, owners, running
from services.lifecycle.state import HandoffState, SlaClock
from services.lifecycle.turn import Turn


def fire(turn: Turn) -> Name | None:
    """Say what is due.

    Returns:
        The clock whose breach sends the lead back, if the agreement says so of one.
    """
    expired: Name | None = None
    while (handoff := turn.state.open_handoff) and (clock := _due(turn, handoff)):
        definition = turn.plan.clocks[clock.clock]
        step, rung = clocks.escalation_due(clock, definition), clocks.rung_due(clock, definition)
        if clock.breached_at and step:
            _escalate(turn, handoff, clock, step)
        elif rung is None or clock.due_at is None or clock.due_at <= turn.at:
            _breach(turn, handoff, clock)
            expired = expired or (clock.clock if definition.on_breach == "recycle" else None)
        else:
            _warn(turn, handoff, clock, rung)
    return expired


def _due(turn: Turn, handoff: HandoffState) -> SlaClock | None:
    return next((each for each in handoff.running if each.next_at and each.next_at <= turn.at), None)


def _warn(turn: Turn, handoff: HandoffState, clock: SlaClock, rung: float) -> None:
    running.update(turn, clock, replace(clock, warned_rate=rung))
    turn.say(
        SlaWarned(
            handoff_id=handoff.handoff_id,
            clock=clock.clock,
            turn=clock.turn,
            used_rate=rung,
            due_at=clock.due_at or turn.at,
            owner=handoff.owner,
        )
    )


def _breach(turn: Turn, handoff: HandoffState, clock: SlaClock) -> None:
    breached_at = clock.due_at or turn.at
    running.update(turn, clock, replace(clock, breached_at=breached_at))
    turn.say(
        SlaBreached(
            handoff_id=handoff.handoff_id,
            clock=clock.clock,
            turn=clock.turn,
            breached_at=breached_at,
            owner=handoff.owner,
        )
    )


def _escalate(turn: Turn, handoff: HandoffState, clock: SlaClock, step: EscalationStep) -> None:
    running.update(turn, clock, replace(clock, escalated=clock.escalated + 1))
    to, person = _recipient(turn, handoff, step)
    turn.say(
        Escalated(
            handoff_id=handoff.handoff_id,
            clock=clock.clock,
            turn=clock.turn,
            step=clock.escalated + 1,
            to=to,
        )
    )
    if step.reassign and person:
        owners.give(turn, to, None, "escalated")


def _recipient(turn: Turn, handoff: HandoffState, step: EscalationStep) -> tuple[Name, bool]:
    """Return who hears of it, and whether that is a person: a team without a manager hears of it itself."""
    if step.to != "manager":
        return step.to, True
    team = turn.plan.agreement.team(handoff.team)
    return (team.manager, True) if team and team.manager else (handoff.team, False)
