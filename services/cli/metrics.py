"""``relevo metrics``: the one set of numbers, as the scoreboard, a table, or JSON."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from services.cli.options import Json, ShownBy, Since, Store, Until, one_of
from services.cli.terminal import NOTHING, screen, table, tell, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from schemas.metrics import Basis, MetricRow

HEADLINES = (
    "captured_count",
    "handed_over_count",
    "acceptance_rate",
    "sla_compliance_rate",
    "won_count",
    "captured_to_won_rate",
    "won_revenue",
)
"""What a table shows unless ``--metric`` says otherwise."""

By = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME", help="Tell apart by origin, campaign, segment, team or owner; say it again for more."
    ),
]
PeriodName = Annotated[
    Literal["day", "week", "month", "quarter", "year"] | None,
    typer.Option(
        parser=one_of("day", "week", "month", "quarter", "year"),
        metavar="day|week|month|quarter|year",
        show_default=False,
        help="Tell days, ISO weeks, months, quarters or years apart.",
    ),
]
Cohort = Annotated[
    bool, typer.Option("--cohort", help="By when leads were captured instead of by when things happened.")
]
Names = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Only this metric (docs/metrics.md); say it again for more."),
]


def metrics(
    *,
    store: Store = "",
    agreement: ShownBy = None,
    by: By = None,
    period: PeriodName = None,
    cohort: Cohort = False,
    metric: Names = None,
    since: Since = None,
    until: Until = None,
    json: Json = False,
) -> None:
    """Show the shared numbers: the scoreboard, or what the options ask for.

    With --json every metric comes on both bases (cohort and period) unless --cohort asks for one; what stands
    now has neither. --since and --until are days of the basis.

    Example: relevo metrics --by origin --period month --cohort
    """
    from infra.store.reading.head_count import head_count
    from services.cli.heads import who_counts
    from services.cli.looking import looking_at
    from services.cli.numbers import cuts_for, dimensions, known_metrics, rows_of
    from services.cli.scoreboard import draw_scoreboard

    names, chosen = dimensions(by or ()), known_metrics(metric or ())
    with looking_at(store, agreement) as looking:
        if not (names or period or cohort or chosen or since or until or json):
            draw_scoreboard(looking.connection, looking.agreement)
            return
        bases = _bases(cohort=cohort, both=json)
        found = rows_of(looking.connection, looking.agreement, cuts_for(names, period, bases, since, until))
        if json:
            write_json(row.model_dump(mode="json") for row in found if not chosen or row.metric in chosen)
        else:
            bounded = since is not None or until is not None
            _draw(found, names, chosen or HEADLINES, basis=bases[0], bounded=bounded)
            if whose := who_counts(head_count(looking.connection)):
                screen().print(whose)


def _bases(*, cohort: bool, both: bool) -> "tuple[Basis, ...]":
    if cohort:
        return ("cohort", "none")
    return ("cohort", "period", "none") if both else ("period", "none")


def _draw(
    found: "Sequence[MetricRow]", by: tuple[str, ...], chosen: tuple[str, ...], *, basis: str, bounded: bool
) -> None:
    """Draw a line a group, with a column a metric; metrics told apart by a detail are tables of their own."""
    plain = [row for row in found if row.metric in chosen and set(row.dimensions) == set(by)]
    detailed = [row for row in found if row.metric in chosen and set(row.dimensions) != set(by)]
    if not plain and not detailed:
        tell(f"Nothing {'was counted in these days' if bounded else 'has been counted yet'}.")
        return
    title = "By when leads were captured" if basis == "cohort" else "By when it happened"
    if plain:
        screen().print(_pivot(title, plain, by))
    for name in dict.fromkeys(row.metric for row in detailed):
        screen().print(_long(f"{name}: {title.lower()}", [row for row in detailed if row.metric == name]))


def _pivot(title: str, rows: "Sequence[MetricRow]", by: tuple[str, ...]) -> "Table":
    from services.cli.wording import metric

    names = list(dict.fromkeys(row.metric for row in rows))
    units = {row.metric: row.unit for row in rows}
    heads = {name: _head(name, units[name]) for name in names}
    drawn = table(title, "period", *by, *heads.values(), right=heads.values(), whole=("period", *by))
    cells = {(row.metric, *_group(row, by)): _bare(metric(row.value, row.unit), row.unit) for row in rows}
    for group in sorted({_group(row, by) for row in rows}):
        drawn.add_row(
            *(part or "all" for part in group), *(cells.get((name, *group), NOTHING) for name in names)
        )
    return drawn


def _head(name: str, unit: str) -> str:
    """Return a column's head: the metric's name in words, with the currency if it is money."""
    words = name.removesuffix("_count").replace("_", " ")
    return f"{words} ({unit.split(maxsplit=1)[0]})" if unit.endswith("minor") else words


def _bare(text: str, unit: str) -> str:
    return text.removesuffix(f" {unit.split(maxsplit=1)[0]}") if unit.endswith("minor") else text


def _group(row: "MetricRow", by: tuple[str, ...]) -> tuple[str, ...]:
    return (row.period or "", *(row.dimensions[name] for name in by))


def _long(title: str, rows: "Sequence[MetricRow]") -> "Table":
    from services.cli.wording import metric

    names = list(dict.fromkeys(name for row in rows for name in row.dimensions))
    drawn = table(title, "period", *names, "value", "of", right=("value", "of"), whole=("period", *names))
    for row in rows:
        drawn.add_row(*_cells(row, names), metric(row.value, row.unit), _out_of(row))
    return drawn


def _cells(row: "MetricRow", names: "Sequence[str]") -> "Iterator[str]":
    yield row.period or "all"
    for name in names:
        yield row.dimensions.get(name, "all")


def _out_of(row: "MetricRow") -> str:
    if row.numerator is None or row.denominator is None:
        return ""
    return f"{row.numerator:,} of {row.denominator:,}"
