"""The shared numbers out of a store: the catalogue's rows for a cut, ready to print or to draw."""

from collections.abc import Iterable, Sequence
from datetime import date

from infra.store.database import Transaction
from infra.store.reading.sums import sums
from schemas.agreement import Agreement
from schemas.metrics import DIMENSIONS, Basis, Cut, MetricRow, Period
from services.cli.known import check_among
from services.metrics.catalogue import CATALOGUE
from services.metrics.goals import Progress, goal_cuts
from services.metrics.goals import progress as goal_progress
from services.metrics.report import report


def rows_of(connection: Transaction, agreement: Agreement, cuts: Iterable[Cut]) -> list[MetricRow]:
    """Return the rows of some cuts, in their order."""
    return [row for cut in cuts for row in report(cut, sums(connection, cut), agreement)]


def goals_of(connection: Transaction, agreement: Agreement, today: date) -> tuple[Progress, ...]:
    """Return how far each common goal has come on a day of the agreement's zone."""
    rows = rows_of(connection, agreement, goal_cuts(agreement.goals))
    return goal_progress(agreement.goals, rows, today)


def dimensions(asked: Sequence[str]) -> tuple[str, ...]:
    """Read ``--by``, which may be said several times or hold several names with commas.

    Raises:
        Refused: One of them is no dimension.
    """
    names = tuple(dict.fromkeys(name for each in asked for name in each.split(",") if name))
    for name in names:
        check_among(f"--by {name}", name, list(DIMENSIONS))
    return names


def known_metrics(asked: Sequence[str]) -> tuple[str, ...]:
    """Read ``--metric``.

    Raises:
        Refused: The catalogue has no such metric.
    """
    known = [metric.name for metric in CATALOGUE]
    for name in asked:
        check_among(f"--metric {name}", name, known, most=len(known))
    return tuple(asked)


def cuts_for(
    by: tuple[str, ...],
    period: Period | None,
    bases: Sequence[Basis],
    since: date | None,
    until: date | None,
) -> list[Cut]:
    """Return the cuts of a report; what stands now has neither period nor bounds."""
    return [
        Cut(by, basis="none") if basis == "none" else Cut(by, period, basis, since, until) for basis in bases
    ]
