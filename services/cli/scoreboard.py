"""The scoreboard: the funnel, the SLAs, where leads come from, and the common goals, in tables.

Drawn from the same rows that ``relevo metrics --json`` prints; nothing is computed here. Everything is by
when it happened, over all time, unless a table says otherwise.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from infra.store.database import Transaction
from infra.store.reading.head_count import head_count
from infra.time_source import system_time
from schemas.agreement import Agreement
from schemas.agreement.handoff import Clock
from schemas.metrics import Cut, MetricRow
from services.cli import wording
from services.cli.heads import who_counts
from services.cli.numbers import goals_of, rows_of
from services.cli.terminal import NOTHING, screen, table
from services.zones import zone_info

if TYPE_CHECKING:
    from rich.table import Table

Key = tuple[str, str]
"""A metric, and the value of the one dimension that it is told apart by (or an empty text)."""

Rows = Mapping[Key, MetricRow]


def draw_scoreboard(connection: Transaction, agreement: Agreement) -> None:
    """Draw the whole scoreboard."""
    everything = _keyed(rows_of(connection, agreement, (Cut(), Cut(basis="none"))))
    by_origin = rows_of(connection, agreement, (Cut(by=("origin",), basis="cohort"),))
    screen().print(_funnel(agreement, everything))
    if whose := who_counts(head_count(connection)):
        screen().print(whose + "\n")
    if agreement.handoff is not None:
        screen().print(_slas(agreement.handoff.clocks, everything))
        screen().print(_speed(everything) + "\n")
    screen().print(_origins(by_origin, agreement.currency))
    if agreement.goals:
        screen().print(_goals(connection, agreement))


def _keyed(rows: Iterable[MetricRow]) -> Rows:
    return {(row.metric, next(iter(row.dimensions.values()), "")): row for row in rows}


def _value(rows: Rows, metric: str, detail: str = "") -> str:
    row = rows.get((metric, detail))
    return wording.metric(row.value, row.unit) if row else NOTHING


def _funnel(agreement: Agreement, rows: Rows) -> "Table":
    heads = ("standing now", "reached", "to the next", "of the first", "days there", "days to it")
    drawn = table("The funnel", "stage", *heads, right=heads)
    path = agreement.lifecycle.success_path
    detours = [stage.id for stage in agreement.lifecycle.stages if stage.id not in path]
    for stage in (*path, *detours):
        drawn.add_row(
            wording.stage_label(agreement, stage),
            _value(rows, "stage_standing_count", stage),
            _value(rows, "stage_reached_count", stage),
            _value(rows, "stage_next_rate", stage),
            _value(rows, "stage_cumulative_rate", stage),
            _value(rows, "stage_time_days", stage),
            _value(rows, "stage_lag_days", stage),
            end_section=stage == path[-1],
        )
    return drawn


def _slas(clocks: Iterable[Clock], rows: Rows) -> "Table":
    heads = ("met", "ended", "overdue now")
    drawn = table("The clocks", "clock", *heads, right=heads)
    for clock in clocks:
        ended = rows.get(("clock_compliance_rate", clock.id))
        drawn.add_row(
            wording.label(clock.label),
            _value(rows, "clock_compliance_rate", clock.id),
            f"{ended.denominator:,}" if ended and ended.denominator is not None else NOTHING,
            _value(rows, "clock_overdue_count", clock.id),
        )
    return drawn


def _speed(rows: Rows) -> str:
    """Say speed and quality together, because one without the other misleads."""
    handed_over = rows.get(("handed_over_count", ""))
    if not (handed_over and handed_over.value):
        return "Nothing has been handed over yet."
    return (
        f"Accepted {_value(rows, 'acceptance_rate')}, rejected {_value(rows, 'rejection_rate')}, "
        f"sent back {_value(rows, 'recycle_rate')} of {_value(rows, 'handed_over_count')} hand-offs.\n"
        f"First touch after {_value(rows, 'speed_to_lead_minutes')} on the wall, "
        f"{_value(rows, 'speed_to_lead_working_minutes')} in working hours (medians); "
        f"{_value(rows, 'handed_over_win_rate')} of leads handed over were won."
    )


_BY_ORIGIN = {
    "captured": "captured_count",
    "handed over": "handed_over_lead_count",
    "won": "won_count",
    "win rate": "captured_to_won_rate",
    "days to win": "captured_to_won_days",
    "revenue": "won_revenue",
    "stalled ever": "stalled_count",
}


def _origins(rows: Iterable[MetricRow], currency: str) -> "Table":
    heads = [f"{currency} won" if name == "revenue" else name for name in _BY_ORIGIN]
    drawn = table("By origin, of leads captured there", "origin", *heads, right=heads, whole=("origin",))
    found = {(row.metric, row.dimensions["origin"]): row for row in rows if len(row.dimensions) == 1}
    captured = {key[1]: row.value or 0 for key, row in found.items() if key[0] == "captured_count"}
    for origin in sorted(captured, key=lambda name: (-captured[name], name)):
        values = (_value(found, metric, origin) for metric in _BY_ORIGIN.values())
        drawn.add_row(origin, *(value.removesuffix(f" {currency}") for value in values))
    return drawn


def _goals(connection: Transaction, agreement: Agreement) -> "Table":
    today = system_time().astimezone(zone_info(agreement.time_zone)).date()
    drawn = table("The common goals", "goal", "period", "so far", "target", "reached", right=_GOAL_NUMBERS)
    for one in goals_of(connection, agreement, today):
        unit = _unit(agreement, one.goal.metric)
        drawn.add_row(
            wording.label(one.goal.label),
            one.period,
            wording.metric(one.value, unit),
            wording.metric(one.goal.target, unit),
            wording.metric(one.share_rate, "share"),
        )
    return drawn


_GOAL_NUMBERS = ("so far", "target", "reached")


def _unit(agreement: Agreement, metric: str) -> str:
    from services.metrics.catalogue import CATALOGUE

    unit = next((each.unit for each in CATALOGUE if each.name == metric), "")
    return unit.format(currency=agreement.currency)
