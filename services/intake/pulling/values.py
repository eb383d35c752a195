"""A database's values, as JSON has them and as a position keeps them.

As JSON a value is for a mapping to read: instants in ISO 8601, exact decimals as text, bytes not at all. In a
position it must come back as the database gave it, so its type stands beside it.
"""

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.imports.cells import Mark

_TYPES: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "Decimal": Decimal,
    "UUID": UUID,
    "bytes": bytes.fromhex,
}


def as_json(value: Any, *, mark: Mark = ".") -> Any:
    """Return a value for a mapping to read; None if it has none.

    Args:
        value: A database's.
        mark: How the mapping reads decimals, and so how an exact one is written.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case list() | tuple():
            return [as_json(one, mark=mark) for one in value]
        case dict():
            return {str(name): as_json(one, mark=mark) for name, one in value.items()}
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return format(value, "f").replace(".", mark)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes() | bytearray() | memoryview():
            return None
        case _:
            return str(value)


def kept(value: Any) -> Any:
    """Return a value as a position keeps it.

    Raises:
        TypeError: Nothing can be ordered by a value of this type.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    kind = type(value).__name__
    if kind not in _TYPES:
        raise TypeError(f"a {kind} is no value to order rows by")
    written = value.hex() if isinstance(value, bytes) else str(value)
    return {"type": kind, "value": value.isoformat() if isinstance(value, date) else written}


def restored(value: Any) -> Any:
    """Return what ``kept`` kept."""
    return _TYPES[value["type"]](value["value"]) if isinstance(value, dict) else value


def before(value: Any, lookback: timedelta | int | None) -> Any:
    """Return how far back to look again: a cursor's value less a lookback.

    Args:
        value: The cursor's; ISO 8601 text counts as an instant.
        lookback: Elapsed time for instants, a number for numbers; None: five minutes, or a thousand.

    Raises:
        ValueError: The lookback does not fit what the column holds.
    """
    match value, lookback:
        case None, _:
            return None
        case datetime(), timedelta() | None:
            return value - (LOOKBACK if lookback is None else lookback)
        case date(), timedelta() | None:
            return value - timedelta(days=math.ceil((lookback or timedelta()) / timedelta(days=1)))
        case int() | float() | Decimal(), int() | None:
            return value - (LOOKBACK_NUMBERS if lookback is None else lookback)
        case str(), timedelta() | None:
            return _text_before(value, lookback)
        case _:
            fits = "a number" if isinstance(value, int | float | Decimal) else "elapsed time like 5m"
            raise ValueError(f"its cursor holds {type(value).__name__}; write its lookback as {fits}")


LOOKBACK = timedelta(minutes=5)
LOOKBACK_NUMBERS = 1000


def _text_before(value: str, lookback: timedelta | None) -> str:
    """Return an earlier text that sorts before all that is later; one that is no instant stays as it is."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        if lookback is None:
            return value
        raise ValueError("its cursor holds text that is no instant; leave its lookback out") from error
    return _like(value, at - (LOOKBACK if lookback is None else lookback))


def _like(value: str, at: datetime) -> str:
    """Return an instant as a text of this form, without fraction and offset: so it sorts before all of it."""
    if len(value) == len("2026-03-02"):
        return at.date().isoformat()
    return at.replace(tzinfo=None, microsecond=0).isoformat(sep="T" if "T" in value else " ")


def at_most(value: Any, now: datetime) -> Any:
    """Return a cursor's value, or now if it lies ahead: a row of 2099 must not hide all that comes."""
    match value:
        case datetime():
            return min(value, now if value.tzinfo else now.replace(tzinfo=None))
        case date():
            return min(value, now.date())
        case str():
            return _text_at_most(value, now)
        case _:
            return value


def _text_at_most(value: str, now: datetime) -> str:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    known = now if at.tzinfo is None else now.astimezone(at.tzinfo)
    return _like(value, known) if at.replace(tzinfo=None) > known.replace(tzinfo=None) else value
