"""What metrics counts: cells, measures, sums of them, and the rows that people read.

A **cell** is the finest grain of one measure: two days (the lead's cohort, and the day of what is counted)
and the dimensions. Cells hold integers that are only ever added to, with signed amounts, so that a late fact
restates a number by subtracting what was counted and adding what is true. Durations are counted in
logarithmic buckets (DDSketch's mapping with 1 % relative error; Masson, Rim, Lee: "DDSketch", VLDB 2019),
because a sketch that cannot subtract cannot be restated. The store adds cells up to **sums**, as a **cut**
asks; rates and quantiles are made of sums, on read (``services.metrics.report``).
"""

import json
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, NamedTuple, assert_never

from schemas.frozen import Frozen, Instant
from schemas.records import record
from schemas.vocabulary import Name


class Measure(StrEnum):
    """What a cell counts.

    ``detail`` says of which stage, reason, clock or model, and is empty where none is named below. Durations
    are in seconds, counted in buckets.
    """

    CAPTURED = "captured"
    """Leads with a captured fact."""
    DIRTY = "dirty"
    """Facts flagged by the sequencer, and wins before the capture; detail: the flag."""
    ENTERED = "entered"
    """Leads that entered a stage, once a cycle; detail: stage."""
    STANDING = "standing"
    """Leads standing at a stage now, every lead once; detail: stage, or ``none``."""
    TIME_IN_STAGE = "time_in_stage"
    """From entering a stage to leaving it; detail: stage."""
    LAG = "lag"
    """From capture to first entering a stage, once a lead and stage; detail: stage."""
    WON = "won"
    """Leads that were won, each once, on the day of the first win."""
    REVENUE = "revenue"
    """Minor units, of every win on its own day."""
    CAPTURED_TO_WON = "captured_to_won"
    """From capture to first win, once a lead that has both; negative when dirty."""
    LOST = "lost"
    """Detail: reason."""
    RECYCLED = "recycled"
    """Leads sent back to a stage that recycles; detail: reason."""
    REFUSED = "refused"
    """Moves and answers refused; detail: reason."""
    OPPORTUNITY = "opportunity"
    """Leads with an opportunity, once a cycle."""
    OPPORTUNITY_WON = "opportunity_won"
    OPPORTUNITY_LOST = "opportunity_lost"
    SALES_CYCLE = "sales_cycle"
    """From opportunity to win."""
    HANDED_OVER = "handed_over"
    """Hand-offs opened."""
    ACCEPTED = "accepted"
    """Hand-offs accepted."""
    REJECTED = "rejected"
    """Hand-offs rejected; detail: reason."""
    SENT_BACK = "sent_back"
    """Hand-offs that ended with marketing again; detail: rejected, expired or recycled."""
    LEAD_HANDED_OVER = "lead_handed_over"
    """Leads handed over, each once, on the day of the first hand-off."""
    HANDED_OVER_WON = "handed_over_won"
    """Leads handed over and won after it: quality."""
    CLOCK_MET = "clock_met"
    """Detail: clock."""
    CLOCK_BREACHED = "clock_breached"
    """Closed after the deadline; detail: clock."""
    CLOCK_OVERDUE = "clock_overdue"
    """Open past the deadline, now; detail: clock."""
    SPEED_TO_LEAD = "speed_to_lead"
    """From hand-off to first touch, on the wall."""
    SPEED_TO_LEAD_WORKING = "speed_to_lead_working"
    """The same in the opening hours of the owner, or of the team while there is none."""
    STALLED = "stalled"
    """Stays that stalled, ever; detail: stage."""
    LEAD_STALLED = "lead_stalled"
    """Leads that stalled, ever, each once, on the day that the first stall was due."""
    STALLED_OPEN = "stalled_open"
    """Leads stalled now; detail: stage."""
    ATTRIBUTED_WON = "attributed_won"
    """Thousandths of a win; detail: model; origin and campaign are the touch's."""
    ATTRIBUTED_REVENUE = "attributed_revenue"
    """Minor units; detail: model; origin and campaign are the touch's."""

    # Enum hashes names in Python; cells are hashed by the million, and text is hashed in C.
    __hash__ = str.__hash__


NOW = frozenset({Measure.STANDING, Measure.CLOCK_OVERDUE, Measure.STALLED_OPEN})
"""Measures of what is true now: they have neither cohort nor period (basis ``none``)."""

DIMENSIONS = ("origin", "campaign", "segment", "team", "owner")
"""What a cell is told apart by, besides days; unknown values are the word ``unknown``."""

UNKNOWN = "unknown"
"""The value of a dimension, or a reason, that nobody has given."""


class Cell(NamedTuple):
    """The finest grain of one measure. A tuple: made and hashed three times as fast as a frozen dataclass."""

    measure: Measure
    detail: str
    cohort_on: date
    """The local day on which the lead was captured; without a capture, of its first fact."""
    on: date
    """The local day of what is counted."""
    origin: str
    campaign: str
    segment: str
    team: str
    owner: str
    bucket: int | None = None
    """Of a duration: its logarithmic bucket (``services.metrics.buckets``); null for counts."""


@record(frozen=True, slots=True)
class Restatement:
    """A number that was said before and is now another: old, new, cause."""

    cell: Cell
    old: int
    new: int
    seq: int
    """The entry that caused it."""
    stamp: datetime


Period = Literal["day", "week", "month", "quarter", "year"]
"""How days are put together; weeks are ISO 8601's."""

Basis = Literal["cohort", "period", "none"]
"""``cohort``: by when the lead was captured. ``period``: by when it happened. ``none``: what stands now."""


def period_key(day: date, period: Period) -> str:
    """Return the name of the period that holds a day: 2018, 2018-Q1, 2018-01, 2018-W05 or 2018-01-31."""
    match period:
        case "day":
            return day.isoformat()
        case "week":
            year, week, _ = day.isocalendar()
            return f"{year:04}-W{week:02}"
        case "month":
            return f"{day.year:04}-{day.month:02}"
        case "quarter":
            return f"{day.year:04}-Q{(day.month + 2) // 3}"
        case "year":
            return f"{day.year:04}"
        case _:
            assert_never(period)


@record(frozen=True, slots=True)
class Cut:
    """How cells are to be added up.

    ``by`` are the dimensions to tell apart; ``period`` the period of ``cohort_on`` (basis cohort) or ``on``
    (basis period), null for all time. ``since`` and ``until`` (exclusive) keep to days of that basis. Basis
    none takes the measures of ``NOW`` alone, and neither period nor bounds.
    """

    by: tuple[str, ...] = ()
    period: Period | None = None
    basis: Basis = "period"
    since: date | None = None
    until: date | None = None


@record(frozen=True, slots=True)
class Sum:
    """Cells of one measure added up as a cut asks; ``dimensions`` are values in the order of ``Cut.by``."""

    measure: Measure
    detail: str
    basis: Basis
    period: str | None
    dimensions: tuple[str, ...]
    bucket: int | None
    value: int


class MetricRow(Frozen):
    """One number as people and dashboards read it."""

    metric: Name
    basis: Literal["cohort", "period"] | None
    """``cohort``: by when the lead was captured. ``period``: by when it happened. Null: what stands now."""
    period: str | None
    """``2018``, ``2018-Q1``, ``2018-01``, ``2018-W05`` or ``2018-01-31``; null for all time."""
    dimensions: dict[Name, str]
    value: float | int | None
    numerator: int | None = None
    denominator: int | None = None
    unit: str
    quantiles: dict[str, float] | None = None


class Total(MetricRow):
    """One number as it is published: a row, with the revision by which a reader tells the newer of two."""

    revision: int
    """Rises with everything that is published together; of two of one key the higher counts."""
    as_of: Instant
    """How far the log's time had come when it was added up."""


def total_key(row: MetricRow) -> str:
    """Return what a total is filed under: metric, basis, period and dimensions, as a JSON array."""
    parts = [row.metric, row.basis, row.period, dict(sorted(row.dimensions.items()))]
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
