"""What a conclusion of the lifecycle means as a finding: its name, its sentence, its deadline, whose it is.

Wording only. When a finding opens an alert, and when it ends one, is ``services.alerts.rule``'s to say.
Nothing here names a person but by the owner's id in the agreement.
"""

from datetime import datetime

from schemas.agreement import Agreement
from schemas.alerts import AlertKind
from schemas.handoffs import ClockEnded, ClockMoved, Escalated, SlaBreached, SlaWarned
from schemas.lifecycle import LeadStalled
from schemas.records import replace
from schemas.vocabulary import LeadId, OwnerId, TeamId
from services.alerts.state import ClockTurn, Finding, minute


def clock_of(said: ClockMoved | ClockEnded | SlaWarned | SlaBreached | Escalated) -> ClockTurn:
    """Return the run of the clock that a conclusion is about."""
    return ClockTurn(said.handoff_id, said.clock, said.turn)


def warned(said: SlaWarned, agreement: Agreement) -> Finding:
    """Return the finding that so much of the allowance is used up; each rung says it anew."""
    clock = clock_of(said)
    return Finding(
        AlertKind.SLA_WARNING,
        _about(clock),
        f"{_named(clock)} used {said.used_rate:.0%} of its time",
        said.due_at,
        said.owner,
        _queue(said.owner, agreement),
        clock,
    )


def breached(said: SlaBreached, agreement: Agreement) -> Finding:
    """Return the finding that the deadline passed."""
    clock = clock_of(said)
    return Finding(
        AlertKind.SLA_BREACH,
        _about(clock),
        f"{_named(clock)} breached",
        said.breached_at,
        said.owner,
        _queue(said.owner, agreement),
        clock,
    )


def escalated(said: Escalated, at: datetime, known: Finding | None, agreement: Agreement) -> Finding:
    """Return the finding that a breach went on and goes to somebody else.

    Args:
        said: The step.
        at: When it was taken.
        known: What is known of the same clock already: whose it is, and when it was due.
        agreement: The agreement in force.
    """
    clock = clock_of(said)
    return Finding(
        AlertKind.ESCALATION,
        f"{_about(clock)}/{said.step}",
        f"{_named(clock)} escalated to {said.to} (step {said.step}) at {minute(at)}",
        known.due_at if known else None,
        known.owner if known else None,
        known.team if known else _queue(None, agreement),
        clock,
    )


def stalled(said: LeadStalled, lead_id: LeadId, agreement: Agreement) -> Finding:
    """Return the finding that the lead stands still."""
    return Finding(
        AlertKind.STALLED,
        f"{said.cycle}/{said.stage}",
        f"{lead_id} stalled at {said.stage}, there since {minute(said.since)}",
        said.due_at,
        said.owner,
        team_of(said.owner, agreement),
    )


def with_owner(found: Finding, owner: OwnerId | None, team: TeamId | None) -> Finding:
    """Return the finding as somebody else's; the same object when it is theirs already."""
    if (found.owner, found.team) == (owner, team):
        return found
    return replace(found, owner=owner, team=team)


def team_of(owner: OwnerId | None, agreement: Agreement) -> TeamId | None:
    """Return the team of an owner, or None."""
    known = agreement.owner(owner)
    return known.team if known else None


def _queue(owner: OwnerId | None, agreement: Agreement) -> TeamId | None:
    """Return the owner's team; while nobody owns it, the team that hand-offs go to."""
    return team_of(owner, agreement) or (agreement.handoff.to_team if agreement.handoff else None)


def _about(clock: ClockTurn) -> str:
    return f"{clock.handoff_id}/{clock.clock}/{clock.turn}"


def _named(clock: ClockTurn) -> str:
    turn = f" (turn {clock.turn})" if clock.turn > 1 else ""
    return f"{clock.clock}{turn} of {clock.handoff_id}"
