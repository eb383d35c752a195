"""Stretches of time in words, named by what is counted: working time, calendar days, elapsed time.

An agreement grants three kinds of time that never mix, so no table calls one by another's name. Working time
is written in hours, because a working day has no fixed length; the others in days.
"""

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from schemas.agreement import Agreement
    from schemas.calendars import Allowance

Kind = Literal["business", "elapsed", "calendar"]

NAMES: dict[Kind, str] = {
    "business": "working time",
    "elapsed": "elapsed time",
    "calendar": "calendar days",
}
"""What each kind of time is called, at the head of a column."""

_OF: dict[Kind, str] = {
    "business": "of working time",
    "elapsed": "of elapsed time",
    "calendar": "on the calendar",
}

_DAY = 86_400
_UNITS = (("d", _DAY), ("h", 3_600), ("min", 60), ("s", 1))


def kind_of(agreement: "Agreement", clock: str) -> Kind | None:
    """Return what a clock of the agreement counts; None when the agreement no longer has it."""
    allowance = allowance_of(agreement, clock)
    return allowance.kind if allowance else None


def allowance_of(agreement: "Agreement", clock: str) -> "Allowance | None":
    """Return what a clock of the agreement grants; None when the agreement no longer has it."""
    clocks = agreement.handoff.clocks if agreement.handoff else ()
    return next((one.allowance for one in clocks if one.id == clock), None)


def duration(seconds: float) -> str:
    """Write a duration in its two largest units: ``3 d 4 h``, ``2 h 5 min``, ``40 s``."""
    return _written(seconds, _UNITS, most=2)


def working(seconds: float) -> str:
    """Write working time, of which a day is no unit: ``15 h 30 min``; seconds only of less than a minute."""
    whole = round(seconds)
    return _written(whole if whole < 60 else whole // 60 * 60, _UNITS[1:], most=2) if whole else "0 min"


def exactly(seconds: float, kind: str) -> str:
    """Write a stretch to the second, so that rows add up: ``15 d 1 h``; working time in hours."""
    return _written(seconds, _UNITS[1:] if kind == "business" else _UNITS, most=4)


def taken(seconds: float, kind: Kind | None) -> str:
    """Write how long a clock ran, and in which time: ``4 h 43 min of working time``."""
    if kind is None:
        return duration(seconds)
    return f"{working(seconds) if kind == 'business' else duration(seconds)} {_OF[kind]}"


def granted(seconds: float, kind: str) -> str:
    """Write what a clock grants: ``4 h of working time``, ``15 calendar days``.

    Calendar days keep the time on the wall, so they are an hour longer or shorter when the clocks change;
    that is said beside them.
    """
    if kind != "calendar":
        return f"{exactly(seconds, kind)} {_OF['business' if kind == 'business' else 'elapsed']}"
    days = round(seconds / _DAY)
    also = f" (here {exactly(seconds, kind)})" if days * _DAY != round(seconds) else ""
    return f"{days} calendar day{'' if days == 1 else 's'}{also}"


def _written(seconds: float, units: tuple[tuple[str, int], ...], *, most: int) -> str:
    sign, left = ("−" if seconds < 0 else ""), abs(round(seconds))
    parts = []
    for unit, size in units:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count:,} {unit}")
    return sign + (" ".join(parts[:most]) or f"0 {units[-1][0] if most == 2 else 'min'}")
