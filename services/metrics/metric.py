"""The shape of a metric's declaration, and one way to write each kind.

A metric is made of measures and nothing else, so that it can be added up from cells; how, is its kind
(``services.metrics.formulas``). Which metrics there are is ``services.metrics.catalogue``'s to say.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from schemas.metrics import Measure

Measures = tuple[Measure, ...]

SHARE = "share"
MONEY = "{currency} minor"
DAYS = 86_400
MINUTES = 60


class Kind(StrEnum):
    """What a metric is, and how it is made of sums."""

    COUNT = "count"
    """The numerator, divided by ``scale``."""
    MONEY = "money"
    """The numerator in minor units; by the denominator, where there is one."""
    RATE = "rate"
    """Numerator by denominator."""
    DURATION = "duration"
    """Quantiles of the numerator's buckets, divided by ``scale``; the value is the median."""
    VELOCITY = "velocity"
    """Pipeline velocity; see there."""


Against = Literal["same", "all", "next", "first"]
"""What a told-apart numerator is compared with: the denominator of the same detail, or of all; or, on the
success path, this stage for the next one's numerator (``next``), or the path's first (``first``)."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that both teams mean the same by."""

    name: str
    kind: Kind
    unit: str
    """``{currency}`` stands for the agreement's."""
    numerator: Measures
    definition: str
    """One sentence."""
    denominator: Measures = ()
    by: str | None = None
    """The dimension that its detail is shown as."""
    against: Against = "same"
    scale: int = 1
    now: bool = False
    """What stands now: no cohort, no period."""
    source: str = ""


def count(
    name: str, unit: str, measure: Measure, definition: str, *, by: str | None = None, now: bool = False
) -> Metric:
    """Declare a count."""
    return Metric(name, Kind.COUNT, unit, (measure,), definition, by=by, now=now)


def rate(
    name: str,
    numerator: Measure,
    denominator: Measures,
    definition: str,
    *,
    by: str | None = None,
    against: Against = "same",
    source: str = "",
) -> Metric:
    """Declare a share."""
    return Metric(name, Kind.RATE, SHARE, (numerator,), definition, denominator, by, against, source=source)


def duration(
    name: str,
    scale: int,
    measure: Measure,
    definition: str,
    *,
    by: str | None = None,
    source: str = "",
) -> Metric:
    """Declare a duration, in days or minutes."""
    unit = "day" if scale == DAYS else "minute"
    return Metric(name, Kind.DURATION, unit, (measure,), definition, by=by, scale=scale, source=source)
