"""Numbers and instants as people read them. JSON never comes through here: it has the values themselves."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from schemas.agreement import Agreement
from schemas.agreement.lifecycle import Label
from schemas.scoring import Centipoints
from services.cli.options import settings
from services.zones import zone_info

NOTHING = "–"
"""Stands where there is no value."""

# ISO 4217: the currencies whose minor unit is no hundredth.
_NO_MINOR = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"


def instants(agreement: Agreement) -> Callable[[datetime | None], str]:
    """Return how instants are written under an agreement: to the minute, in its zone."""
    return partial(instant, zone=zone_info(agreement.time_zone))


def instant(at: datetime | None, zone: ZoneInfo) -> str:
    """Write an instant: ``2026-03-02 09:30``."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else NOTHING


def duration(seconds: float) -> str:
    """Write a duration in its two largest units: ``3 d 4 h``, ``2 h 5 min``, ``40 s``."""
    sign, left = ("−" if seconds < 0 else ""), round(abs(seconds))
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return sign + (" ".join(parts[:2]) or "0 s")


def working(seconds: float) -> str:
    """Write working time, of which a day is no unit: ``15 h 30 min``."""
    hours, left = divmod(round(seconds), 3600)
    parts = [f"{hours:,} h"] if hours else []
    if left >= 60 or not parts:
        parts.append(f"{left // 60} min" if left >= 60 or not left else f"{left} s")
    return " ".join(parts)


def counted(count: int, what: str) -> str:
    """Write a count with its noun: ``1 fact``, ``2,000 facts``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


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
    digits = 0 if currency in _NO_MINOR else 3 if currency in _THOUSANDTHS else 2
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
