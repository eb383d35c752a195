"""What has grown old or been left over: closed calendars, past holidays, unused parts, wrong sums.

An office that never opens is an error, because no clock of it would ever end. The rest is doubt.
"""

from datetime import date
from itertools import chain

from schemas.agreement import Agreement
from services.agreement.problems import Findings, doubt, error


def check_upkeep(agreement: Agreement, today: date | None) -> Findings:
    """Yield what has been left over or does not add up.

    Args:
        agreement: The agreement.
        today: The day by which holidays are past; null: none is.
    """
    return chain(
        _calendars(agreement, today),
        _unused(agreement),
        _bounds(agreement),
        _pay(agreement),
        _policies(agreement),
    )


def _calendars(agreement: Agreement, today: date | None) -> Findings:
    for name, calendar in agreement.calendars.items():
        at = ("calendars", name)
        if not any(calendar.week.values()):
            yield error((*at, "week"), None, f"{name!r} never opens", "give at least one weekday its hours")
        if today and calendar.holidays and max(calendar.holidays) < today:
            last = max(calendar.holidays).isoformat()
            message = f"the last holiday of {name!r}, {last}, is past"
            yield doubt((*at, "holidays"), last, message, "add those of the coming year")


def _unused(agreement: Agreement) -> Findings:
    handoff = agreement.handoff
    for name in agreement.calendars:
        if name not in _used_calendars(agreement):
            yield doubt(("calendars", name), name, f"nobody uses the calendar {name!r}", "take it out")
    teams = {owner.team for owner in agreement.owners} | ({handoff.to_team} if handoff else set())
    for index, team in enumerate(agreement.teams):
        if team.id not in teams:
            message = f"the team {team.id!r} has no owners and gets no leads"
            yield doubt(("teams", index), team.id, message, "add its owners, or take it out")
    told = {channel for policy in agreement.alerts for channel in policy.channels}
    told |= {channel for bound in agreement.bounds for channel in bound.channels}
    for index, channel in enumerate(agreement.channels):
        if channel.id not in told:
            message = f"nothing is ever said on the channel {channel.id!r}"
            yield doubt(
                ("channels", index), channel.id, message, "name it under alerts or bounds, or take it out"
            )


def _used_calendars(agreement: Agreement) -> set[str | None]:
    house = agreement.lifecycle.calendar or next(iter(agreement.calendars))
    clocks = agreement.handoff.clocks if agreement.handoff else ()
    return {
        house,
        *(team.calendar for team in agreement.teams),
        *(owner.calendar for owner in agreement.owners),
        *(clock.calendar for clock in clocks),
    }


def _bounds(agreement: Agreement) -> Findings:
    for index, bound in enumerate(agreement.bounds):
        if bound.at_least is not None and bound.at_most is not None and bound.at_least > bound.at_most:
            message = f"no number is at least {bound.at_least:g} and at most {bound.at_most:g}"
            yield error(("bounds", index, "at_most"), bound.at_most, message, "swap them")


def _pay(agreement: Agreement) -> Findings:
    sums: dict[str, float] = {}
    for index, pay in enumerate(agreement.variable_pay):
        sums[pay.side] = sums.get(pay.side, 0) + pay.share_rate
        if sums[pay.side] > 1 + 1e-9:
            message = f"the shares of {pay.side} add up to {sums[pay.side]:g}"
            at = ("variable_pay", index, "share_rate")
            yield doubt(at, pay.share_rate, message, "let each side's shares add up to 1 at most")


def _policies(agreement: Agreement) -> Findings:
    seen = set()
    for index, policy in enumerate(agreement.alerts):
        if policy.on in seen:
            message = f"{policy.on} stands twice; only the first counts"
            yield doubt(("alerts", index, "on"), policy.on.value, message, "put both into one")
        seen.add(policy.on)
