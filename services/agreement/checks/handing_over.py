"""Hand-offs that lead the wrong way, and ladders whose rungs are in the wrong order.

Marketing hands a lead to sales: the stage that opens a hand-off is marketing's and on the success path,
the team and the stage of acceptance are sales', and what is rejected goes back to marketing. An agreement
may mean otherwise, so that all of it is doubt.
"""

from infra.plain_errors import Place
from schemas.agreement import Agreement
from schemas.agreement.handoff import Clock, Handoff
from schemas.agreement.lifecycle import Outcome
from schemas.calendars import CalendarAllowance
from schemas.vocabulary import Side
from services.agreement.problems import Findings, doubt


def check_handoff(agreement: Agreement) -> Findings:
    """Yield a doubt for each part of the hand-off that does not fit the rest."""
    handoff = agreement.handoff
    if handoff is None:
        return
    yield from _stages(agreement, handoff)
    yield from _sides(agreement, handoff)
    if not handoff.clocks:
        yield doubt(("handoff",), None, "the hand-off has no clock: sales may take for ever", "add clocks")
    for index, clock in enumerate(handoff.clocks):
        yield from _clock(agreement, handoff, ("handoff", "clocks", index), clock)


def _stages(agreement: Agreement, handoff: Handoff) -> Findings:
    path = agreement.lifecycle.success_path
    for field, stage in (("opens_at", handoff.opens_at), ("accepted_stage", handoff.accepted_stage)):
        if stage is not None and agreement.lifecycle.stage(stage) and stage not in path:
            message = f"{stage!r} is not on the success path"
            yield doubt(("handoff", field), stage, message, f"choose from {', '.join(path)}")
    order = [path.index(stage) for stage in (handoff.opens_at, handoff.accepted_stage) if stage in path]
    if order != sorted(order):
        message = f"{handoff.accepted_stage!r} lies before {handoff.opens_at!r}, where the hand-off opens"
        yield doubt(("handoff", "accepted_stage"), handoff.accepted_stage, message, "choose a later stage")
    back = agreement.lifecycle.stage(handoff.rejected_stage)
    if back is not None and back.outcome is not Outcome.RECYCLED:
        message = f"rejected leads go to {back.id!r}, which does not recycle them"
        yield doubt(("handoff", "rejected_stage"), back.id, message, "give that stage outcome: recycled")


def _sides(agreement: Agreement, handoff: Handoff) -> Findings:
    for field, wanted in (
        ("opens_at", Side.MARKETING),
        ("accepted_stage", Side.SALES),
        ("rejected_stage", Side.MARKETING),
    ):
        stage = agreement.lifecycle.stage(getattr(handoff, field) or "")
        if stage is not None and stage.side not in (wanted, Side.SYSTEM):
            message = f"{stage.id!r} is a stage of {stage.side}"
            yield doubt(
                ("handoff", field), stage.id, message, f"choose a stage of {wanted}, or change its side"
            )
    team = agreement.team(handoff.to_team)
    if team is not None and team.side is not Side.SALES:
        message = f"{team.id!r} is a team of {team.side}"
        yield doubt(("handoff", "to_team"), team.id, message, "choose a team of sales")


def _clock(agreement: Agreement, handoff: Handoff, at: Place, clock: Clock) -> Findings:
    if list(clock.warn_at) != sorted(set(clock.warn_at)):
        written = ", ".join(f"{share:g}" for share in sorted(set(clock.warn_at)))
        yield doubt((*at, "warn_at"), list(clock.warn_at), "warnings are not in order", f"write [{written}]")
    if _amount(clock) == 0:
        yield doubt((*at, "allowance"), 0, f"the clock {clock.id!r} is due as it starts", "grant some time")
    yield from _escalation(agreement, handoff, at, clock)


def _escalation(agreement: Agreement, handoff: Handoff, at: Place, clock: Clock) -> Findings:
    team = agreement.team(handoff.to_team)
    earlier: dict[str, float] = {}
    for index, step in enumerate(clock.escalate):
        if step.to == "manager" and team is not None and team.manager is None:
            message = f"the team {team.id!r} has no manager to escalate to"
            yield doubt(
                (*at, "escalate", index, "to"), step.to, message, "give the team a manager, or name an owner"
            )
        after = step.after.days if isinstance(step.after, CalendarAllowance) else step.after.minutes
        if after < earlier.get(step.after.kind, 0):
            message = "this step comes before the one above it"
            yield doubt((*at, "escalate", index, "after"), after, message, "write the steps in order")
        earlier[step.after.kind] = after


def _amount(clock: Clock) -> float:
    return clock.allowance.days if isinstance(clock.allowance, CalendarAllowance) else clock.allowance.minutes
