"""The numbers that are published to other teams: which roll-ups of the cells, as of when.

Every number as a whole and by week, month, quarter and year; and told apart by each dimension alone, as a
whole and by month. What is finer than that (days, two dimensions at once) is for who asks the store.
"""

from itertools import chain

from infra.agreements import AgreementBook
from infra.store.database import Transaction
from infra.store.journal_memory import signed_agreements
from infra.store.positions import clocks_of
from infra.store.reading.sums import sums
from infra.totals import Look
from schemas.metrics import DIMENSIONS, Basis, Cut, Period
from schemas.vocabulary import WorkerName
from services.metrics.report import cuts, report

PERIODS: tuple[Period, ...] = ("week", "month", "quarter", "year")
_DATED: tuple[Basis, ...] = ("cohort", "period")
"""What stands now has no period."""


def published_cuts() -> tuple[Cut, ...]:
    """Return the roll-ups that are published."""
    whole = (cuts(), *(cuts((), period, _DATED) for period in PERIODS))
    parts = ((cuts((name,)), cuts((name,), "month", _DATED)) for name in DIMENSIONS)
    return tuple(chain(*whole, *chain.from_iterable(parts)))


def look(transaction: Transaction) -> Look | None:
    """Return every number that is published; None before there are any.

    As of the instant to which the log's time has come in every partition: what lies behind it is counted.
    """
    clocks = clocks_of(transaction, WorkerName.METRICS)
    known = [clock for clock in clocks if clock is not None]
    newest = signed_agreements(transaction)[-1:]
    if not newest or not known or len(known) < len(clocks):
        return None
    agreement = AgreementBook(newest).newest
    found = (report(cut, sums(transaction, cut), agreement) for cut in published_cuts())
    return Look(min(known), tuple(chain.from_iterable(found)))
