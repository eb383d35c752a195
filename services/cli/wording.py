"""Numbers and instants as people read them. JSON never comes through here: it has the values themselves."""

from datetime import datetime, timedelta

from schemas.agreement import Agreement
from schemas.agreement.lifecycle import Label
from schemas.scoring import Centipoints
from services.agreement.currencies import minor_digits
from services.cli.options import settings
from services.cli.spans import duration
from services.cli.terminal import NOTHING
from services.cli.wall import Wall


def instants(agreement: Agreement) -> Wall:
    """Return how instants are written under an agreement: to the minute, in its zone."""
    return Wall(agreement.time_zone)


def since(at: datetime, now: datetime) -> str:
    """Write how long ago something was."""
    return duration((now - at) / timedelta(seconds=1))


def points(centipoints: Centipoints | None) -> str:
    """Write hundredths of a point as points: ``35.5``."""
    return NOTHING if centipoints is None else f"{centipoints / 100:.2f}".rstrip("0").rstrip(".")


def money(minor: float | None, currency: str) -> str:
    """Write an amount given in minor units: ``12,500.00 EUR``."""
    if minor is None:
        return NOTHING
    digits = minor_digits(currency)
    return f"{minor / 10**digits:,.{digits}f} {currency}"


def label(labels: Label) -> str:
    """Return a label in the language that was set, or in the one that it has."""
    return labels.get(settings().language) or next(iter(labels.values()))


def stage_label(agreement: Agreement, stage_id: str | None) -> str:
    """Return a stage's label; its id when the agreement no longer has it."""
    if stage_id is None:
        return NOTHING
    stage = agreement.lifecycle.stage(stage_id)
    return label(stage.label) if stage else stage_id


def whose(agreement: Agreement, owner: str | None, team: str | None) -> str:
    """Return whose a lead or a hand-off is: the owner, else the team by its label."""
    known = agreement.team(team)
    return owner or (known.label if known else team) or NOTHING


def reason_label(agreement: Agreement, reason: str | None) -> str:
    """Return the label of a reason for rejecting, recycling or losing a lead; its id when it has none."""
    handoff = agreement.handoff
    if reason is None or handoff is None:
        return reason or ""
    every = (*handoff.rejection_reasons, *handoff.recycle_reasons, *handoff.lost_reasons)
    return next((label(one.label) for one in every if one.id == reason), reason)


def clock_label(agreement: Agreement, clock: str, turn: int | None = None) -> str:
    """Return a clock's label, with the turn of one that repeats: ``Next touch #2``."""
    clocks = agreement.handoff.clocks if agreement.handoff else ()
    named = next((label(one.label) for one in clocks if one.id == clock), clock)
    return f"{named} #{turn}" if (turn or 1) > 1 else named


def metric(value: float | None, unit: str) -> str:
    """Write a metric's value by its unit (``services.metrics.metric``)."""
    if value is None:
        return NOTHING
    match unit.split():
        case ["share"]:
            return f"{value:.1%}"
        case [currency, "minor"]:
            return money(value, currency)
        case [currency, "minor/day"]:
            return f"{money(value, currency)}/day"
        case ["day"]:
            return f"{round(value, 1) + 0.0:,.1f} d"  # adding zero takes the sign off a zero
        case ["minute"]:
            return duration(value * 60)
        case _:
            return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
