"""The table of the lifecycle: what each kind of fact does to a lead, and who may say it.

The table comes first; the code below reads it. Besides facts three things move a lead: its **score**
(forward, into the stages that ask for one), a **clock** that ran out (back to nurture, where the agreement
recycles) and an **agreement** that no longer has its stage. ``docs/lifecycle.md`` explains the table and
``diagram.py`` draws it together with an agreement's stages.

Functions here decide and change nothing: whether a fact is refused, and where it leads. ``moves.py`` moves.
"""

from enum import StrEnum
from typing import assert_never

from schemas.agreement.handoff import Reason
from schemas.agreement.lifecycle import Outcome, Stage
from schemas.facts import (
    Accepted,
    Assigned,
    LeadFact,
    Lost,
    Recycled,
    Rejected,
    StageClaimed,
    Touched,
)
from schemas.lifecycle import RefusalReason
from schemas.records import record
from schemas.vocabulary import Actor, Side
from services.lifecycle.handoffs import names_another
from services.lifecycle.plan import Plan
from services.lifecycle.state import LifecycleState


class Does(StrEnum):
    """What a kind of fact does."""

    ENTER = "enters the stages whose pattern it matches, forward only"
    ASSIGN = "gives the lead to an owner or a team"
    ACCEPT = "accepts the open hand-off; the lead goes to the stage of acceptance"
    REJECT = "rejects the open hand-off; the lead goes to the stage of rejection"
    WIN = "enters the won stage from anywhere"
    LOSE = "enters the lost stage"
    RECYCLE = "enters a recycling stage"
    REOPEN = "begins a new cycle at the stage of reopening"
    CLAIM = "enters the stage that it names, forward or to a detour"
    FORGET = "ends everything"
    NOTHING = "moves nothing; whose facts are whose is the sequencer's to say"


class Who(StrEnum):
    """Who may say it. The system always may."""

    ANYBODY = "anybody"
    TARGET = "the side whose stage it leads to"
    STANDING = "the side whose stage the lead stands at, or that has been handed the lead"
    BOTH = "the side whose both stages are; the side that has been handed the lead counts as the first's"
    ANSWERING = "the side that is to answer the hand-off"
    WORKING = "anybody; only the answering side when the lead is handed over, or at or into a stage of theirs"


@record(frozen=True, slots=True)
class Line:
    """One line of the table.

    ``works``: somebody works the lead by it. Forward past the hand-off's stage it takes the hand-off on.
    """

    does: Does
    who: Who
    works: bool = False


# fmt: off
TABLE: dict[str, Line] = {
    # fact                      what it does   who may say it
    "captured":            Line(Does.ENTER,    Who.ANYBODY),
    "enriched":            Line(Does.ENTER,    Who.ANYBODY),
    "engaged":             Line(Does.ENTER,    Who.ANYBODY),
    "consent_changed":     Line(Does.ENTER,    Who.ANYBODY),
    "touched":             Line(Does.ENTER,    Who.WORKING,   works=True),
    "assigned":            Line(Does.ASSIGN,   Who.ANYBODY),
    "accepted":            Line(Does.ACCEPT,   Who.ANSWERING, works=True),
    "rejected":            Line(Does.REJECT,   Who.ANSWERING),
    "opportunity_opened":  Line(Does.ENTER,    Who.TARGET,    works=True),
    "won":                 Line(Does.WIN,      Who.TARGET,    works=True),
    "lost":                Line(Does.LOSE,     Who.TARGET),
    "recycled":            Line(Does.RECYCLE,  Who.STANDING),
    "reopened":            Line(Does.REOPEN,   Who.STANDING),
    "stage_claimed":       Line(Does.CLAIM,    Who.BOTH,      works=True),
    "merged":              Line(Does.NOTHING,  Who.ANYBODY),
    "unmerged":            Line(Does.NOTHING,  Who.ANYBODY),
    "erased":              Line(Does.FORGET,   Who.ANYBODY),
}
# fmt: on

CLOSED = (Outcome.WON, Outcome.LOST)
REOPENABLE = (*CLOSED, Outcome.RECYCLED)


def leads_to(state: LifecycleState, plan: Plan, fact: LeadFact) -> tuple[Stage, ...]:
    """Return the stages that the fact enters, in order; nowhere new is an empty answer.

    Several patterns may match one fact: the lead enters each of their stages that lies ahead, so that none
    with a meaning of its own (a hand-off opens there) is jumped over.
    """
    match TABLE[fact.kind].does:
        case Does.ENTER:
            return _entered(state, plan, fact)
        case Does.ACCEPT:
            accepted = plan.accepted_stage
            return _ahead(state, plan, (accepted,)) if accepted else _entered(state, plan, fact)
        case Does.REJECT:
            return _elsewhere(state, plan.rejected_stage) or _entered(state, plan, fact)
        case Does.WIN:
            return _won(state, plan, fact)
        case Does.LOSE:
            return _elsewhere(state, plan.outcome_stage(Outcome.LOST, fact))
        case Does.RECYCLE:
            return _elsewhere(state, plan.outcome_stage(Outcome.RECYCLED, fact))
        case Does.REOPEN:
            return _elsewhere(state, plan.stages[plan.agreement.lifecycle.reopen_to or plan.path[0].id])
        case Does.CLAIM:
            return _elsewhere(state, _claimed(plan, fact))
        case Does.ASSIGN | Does.FORGET | Does.NOTHING:
            return ()
        case unknown:
            assert_never(unknown)


def refusal(
    state: LifecycleState, plan: Plan, fact: LeadFact, actor: Actor, to: tuple[Stage, ...]
) -> RefusalReason | None:
    """Return why the fact is refused, or None.

    Args:
        state: The lead.
        plan: The agreement.
        fact: What was said.
        actor: Who said it.
        to: Where it leads (``leads_to``).
    """
    line = TABLE[fact.kind]
    if line.does is Does.ENTER and not line.works:
        return None  # what a lead does is nobody's request
    return (
        _no_such_stage(plan, fact)
        or _not_theirs(state, plan, line.who, actor.side, to)
        or _unknown(plan, fact)
        or _unanswerable(state, plan, fact)
        or _wrong_way(state, plan, fact, to)
    )


def takes_on(state: LifecycleState, plan: Plan, fact: LeadFact, to: tuple[Stage, ...]) -> bool:
    """Say whether the fact accepts the open hand-off: in so many words, or by working the lead past it."""
    handoff = state.open_handoff
    line = TABLE[fact.kind]
    if handoff is None or handoff.accepted_at is not None or not line.works:
        return False
    if line.does is Does.ACCEPT:
        return True
    opened = plan.place.get(plan.opens_at or "", -1)
    return bool(to) and (to[-1].outcome is Outcome.WON or plan.place.get(to[-1].id, -1) > opened)


def _entered(state: LifecycleState, plan: Plan, fact: LeadFact) -> tuple[Stage, ...]:
    entered = plan.entered_by(fact)
    if not entered or state.outcome in CLOSED:
        return ()
    ahead = _ahead(state, plan, entered)
    detour = next((stage for stage in entered if stage.id not in plan.place), None)
    return ahead or _elsewhere(state, detour)


def _ahead(state: LifecycleState, plan: Plan, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    place = plan.standing(state)
    return tuple(stage for stage in stages if plan.place.get(stage.id, -1) > place)


def _elsewhere(state: LifecycleState, stage: Stage | None) -> tuple[Stage, ...]:
    return (stage,) if stage and stage.id != state.stage else ()


def _won(state: LifecycleState, plan: Plan, fact: LeadFact) -> tuple[Stage, ...]:
    stage = plan.outcome_stage(Outcome.WON, fact)
    if stage is None or state.outcome is Outcome.WON:
        return ()
    return _ahead(state, plan, (stage,)) if stage.id in plan.place else (stage,)


def _claimed(plan: Plan, fact: LeadFact) -> Stage | None:
    return plan.stages.get(fact.stage) if isinstance(fact, StageClaimed) else None


def _no_such_stage(plan: Plan, fact: LeadFact) -> RefusalReason | None:
    wanted = {"won": Outcome.WON, "lost": Outcome.LOST, "recycled": Outcome.RECYCLED}.get(fact.kind)
    if wanted and plan.outcome_stage(wanted, fact) is None:
        return RefusalReason.UNKNOWN_STAGE
    if not isinstance(fact, StageClaimed):
        return None
    stage = _claimed(plan, fact)
    if stage is None:
        return RefusalReason.UNKNOWN_STAGE
    return None if stage.enter.claim else RefusalReason.NOT_CLAIMABLE


def _not_theirs(
    state: LifecycleState, plan: Plan, who: Who, side: Side, to: tuple[Stage, ...]
) -> RefusalReason | None:
    if side is Side.SYSTEM or who is Who.ANYBODY:
        return None
    at = plan.stages.get(state.stage or "")
    handed = state.open_handoff is not None and side is plan.answering
    stands_at_own = at is None or at.side is side or handed
    goes_to_own = not to or to[-1].side is side
    if who is Who.ANSWERING:
        allowed = side is plan.answering or (plan.handoff is None and goes_to_own)
    elif who is Who.WORKING:
        touched = [stage.side for stage in (*to, *((at,) if at else ()))]
        allowed = side is plan.answering or not (state.open_handoff or plan.answering in touched)
    elif who is Who.TARGET:
        allowed = goes_to_own
    elif who is Who.STANDING:
        allowed = stands_at_own
    else:
        allowed = stands_at_own and goes_to_own
    return None if allowed else RefusalReason.NOT_YOUR_STAGE


def _unknown(plan: Plan, fact: LeadFact) -> RefusalReason | None:
    if isinstance(fact, Assigned):
        owner_known = fact.owner is None or plan.knows_owner(fact.owner)
        team_known = fact.team is None or plan.knows_team(fact.team)
        return None if owner_known and team_known else RefusalReason.UNKNOWN_OWNER
    listed = _reasons(plan, fact)
    given = fact.reason if isinstance(fact, Rejected | Lost | Recycled | StageClaimed) else None
    if given is None or not listed or given in {reason.id for reason in listed}:
        return None
    return RefusalReason.UNKNOWN_REASON


def _reasons(plan: Plan, fact: LeadFact) -> tuple[Reason, ...]:
    """Return the reasons that the agreement lists for what the fact does; none: any will do."""
    if plan.handoff is None:
        return ()
    stage = _claimed(plan, fact)
    outcome = stage.outcome if stage else None
    if isinstance(fact, Rejected):
        return plan.handoff.rejection_reasons
    if isinstance(fact, Lost) or outcome is Outcome.LOST:
        return plan.handoff.lost_reasons
    return plan.handoff.recycle_reasons if isinstance(fact, Recycled) or outcome is Outcome.RECYCLED else ()


def _unanswerable(state: LifecycleState, plan: Plan, fact: LeadFact) -> RefusalReason | None:
    handoff = state.open_handoff
    if plan.handoff is None or not isinstance(fact, Accepted | Rejected | Touched | Assigned):
        return None
    if names_another(fact.handoff_id, state.lead_id, handoff):
        return RefusalReason.STALE_HANDOFF
    if isinstance(fact, Touched | Assigned):
        return None
    if handoff is None:
        return RefusalReason.NO_HANDOFF
    return None if handoff.accepted_at is None else RefusalReason.ALREADY_ANSWERED


def _wrong_way(
    state: LifecycleState, plan: Plan, fact: LeadFact, to: tuple[Stage, ...]
) -> RefusalReason | None:
    line = TABLE[fact.kind]
    if line.does is Does.REOPEN:
        return None if state.outcome in REOPENABLE else RefusalReason.NOT_CLOSED
    if line.does is Does.ENTER and line.works and state.outcome is Outcome.LOST:
        on_path = any(stage.id in plan.place for stage in plan.entered_by(fact))
        return RefusalReason.CLOSED if on_path else None
    if not to:
        return None
    if state.outcome is Outcome.WON and line.does in (Does.LOSE, Does.RECYCLE):
        return RefusalReason.CLOSED
    if line.does is Does.CLAIM:
        return _wrong_claim(state, plan, to[0])
    return None


def _wrong_claim(state: LifecycleState, plan: Plan, to: Stage) -> RefusalReason | None:
    recycles = state.outcome is Outcome.LOST and to.outcome is Outcome.RECYCLED
    if state.outcome in CLOSED and not recycles:
        return RefusalReason.CLOSED
    place = plan.standing(state)
    back = to.id in plan.place and plan.place[to.id] < place
    return RefusalReason.BACKWARD if back else None
