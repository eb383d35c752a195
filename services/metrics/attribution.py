"""Which touches a win is credited to: the first, the last, and all of them alike.

A **touch** is a captured or engaged fact that names an origin or a campaign. *First touch* and *last touch*
give all credit to one of them, *linear* the same to each (Google Analytics and Salesforce Campaign Influence
know the three by these names). Credit is counted in whole numbers, thousandths of a win and minor units of
money; linear shares are rounded by largest remainder, so that what is credited adds up to what was won,
exactly.

Kept of a lead: its first touch, its last, and how often each pair of origin and campaign touched it. Beyond
``MOST`` pairs the rest are ``other``.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from schemas.metrics import UNKNOWN, Measure
from services.metrics.summary import NOWHERE, Mark, Pair, Touched, Touches

MOST = 64
OTHER = Pair("other", "other")
WIN = 1000
"""A win, in thousandths."""


def named(text: str | None) -> str:
    """Return the name of an origin or a campaign; null, blank and "unknown" are one."""
    stripped = text.strip() if text else ""
    return stripped if stripped and stripped.casefold() != UNKNOWN else UNKNOWN


def touch(origin: str | None, campaign: str | None) -> Pair | None:
    """Return where a fact came from, or None when it does not say."""
    pair = Pair(named(origin), named(campaign))
    return None if pair == NOWHERE else pair


def counted(touches: tuple[Touches, ...], pair: Pair) -> tuple[Touches, ...]:
    """Return the touches with one more."""
    known = [each.pair for each in touches]
    if pair not in known and len(touches) >= MOST:
        pair = OTHER
    if pair not in known:
        return (*touches, Touches(pair, 1))
    return tuple(Touches(each.pair, each.times + (each.pair == pair)) for each in touches)


def shares(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount in proportion to weights, by largest remainder; the shares add up to it.

    Ties go to the earlier weight. A negative amount is divided as its opposite is.

    Source: Hamilton's method (Balinski, Young: "Fair Representation", 1982).
    """
    if amount < 0:
        return [-share for share in shares(-amount, weights)]
    total = sum(weights)
    parts = [amount * weight // total for weight in weights]
    remainders = [amount * weight % total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-remainders[place], place))
    for place in by_remainder[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def credited(measure: Measure, amount: int, on: date, touched: Touched) -> Iterator[Mark]:
    """Yield the marks that credit an amount to touches, by every model.

    Without a touch the credit has no pair of its own: it takes the lead's when it is counted.
    """
    first, last, touches = touched
    if first is None or last is None:
        for model in ("first_touch", "last_touch", "linear"):
            yield Mark(measure, model, on, amount)
        return
    yield Mark(measure, "first_touch", on, amount, pair=first)
    yield Mark(measure, "last_touch", on, amount, pair=last)
    for (pair, _), share in zip(touches, shares(amount, [each.times for each in touches]), strict=True):
        yield Mark(measure, "linear", on, share, pair=pair)
