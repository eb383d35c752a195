"""What metrics counts: cells, measures, and the rows that people read.

A **cell** is the finest grain of one measure: two days (the lead's cohort, and the day of what is counted),
and the dimensions. Cells hold integers that are only ever added to, with signed amounts, so that a late
fact restates a number by subtracting what was counted and adding what is true. Durations are counted in
logarithmic buckets (DDSketch's mapping with 1 % relative error; Masson, Rim, Lee: "DDSketch", VLDB 2019),
because a sketch that cannot subtract cannot be restated. Rates, sums over days, and quantiles are made on
read.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from schemas.frozen import Frozen
from schemas.vocabulary import Name


class Measure(StrEnum):
    """What a cell counts. ``detail`` says of which stage, reason, clock or model."""

    CAPTURED = "captured"
    DIRTY = "dirty"
    """Facts flagged by the sequencer or dated before the capture; detail: the flag."""
    ENTERED = "entered"
    """Leads that entered a stage, once a cycle; detail: stage."""
    STANDING = "standing"
    """Leads standing at a stage now; detail: stage."""
    TIME_IN_STAGE = "time_in_stage"
    """Seconds, in buckets; detail: stage."""
    LAG = "lag"
    """Seconds from capture to first entering a stage, in buckets; detail: stage."""
    WON = "won"
    REVENUE = "revenue"
    """Minor units."""
    CAPTURED_TO_WON = "captured_to_won"
    """Seconds, in buckets."""
    LOST = "lost"
    """Detail: reason."""
    RECYCLED = "recycled"
    """Detail: reason."""
    REFUSED = "refused"
    """Moves refused; detail: reason."""
    HANDED_OVER = "handed_over"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    """Detail: reason."""
    EXPIRED = "expired"
    HANDED_OVER_WON = "handed_over_won"
    """Leads handed over that were won: quality."""
    CLOCK_MET = "clock_met"
    """Detail: clock."""
    CLOCK_BREACHED = "clock_breached"
    """Closed after the deadline; detail: clock."""
    CLOCK_OVERDUE = "clock_overdue"
    """Open past the deadline, now; detail: clock."""
    SPEED_TO_LEAD = "speed_to_lead"
    """Seconds from hand-off to first touch on the wall, in buckets."""
    SPEED_TO_LEAD_WORKING = "speed_to_lead_working"
    """The same in open, unpaused seconds, in buckets."""
    STALLED = "stalled"
    """Stays that stalled, ever; detail: stage."""
    STALLED_OPEN = "stalled_open"
    """Leads stalled now; detail: stage."""
    ATTRIBUTED_WON = "attributed_won"
    """Thousandths of a win; detail: model; origin and campaign are the touch's."""
    ATTRIBUTED_REVENUE = "attributed_revenue"
    """Minor units; detail: model; origin and campaign are the touch's."""


DIMENSIONS = ("origin", "campaign", "segment", "team", "owner")
"""What a cell is told apart by, besides days; unknown values are the word ``unknown``."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The finest grain of one measure."""

    measure: Measure
    detail: str
    cohort_on: date
    """The local day on which the lead was captured."""
    on: date
    """The local day of what is counted."""
    origin: str
    campaign: str
    segment: str
    team: str
    owner: str
    bucket: int | None = None
    """Of a duration: DDSketch's index; null for counts."""


@dataclass(frozen=True, slots=True)
class Restatement:
    """A number that was said before and is now another: old, new, cause."""

    cell: Cell
    old: int
    new: int
    seq: int
    """The entry that caused it."""
    stamp: datetime


class MetricRow(Frozen):
    """One number as people and dashboards read it."""

    metric: Name
    basis: Literal["cohort", "period"] | None
    """``cohort``.

    By when the lead was captured. ``period``: by when it happened. Null: neither (what stands now).
    """
    period: str | None
    """``2018``, ``2018-Q1``, ``2018-01``, ``2018-W05`` or ``2018-01-31``; null for all time."""
    dimensions: dict[Name, str]
    value: float | int | None
    numerator: int | None = None
    denominator: int | None = None
    unit: str
    quantiles: dict[str, float] | None = None
