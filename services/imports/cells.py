"""Cells: the text that stands in a table, read as an instant, a number or an amount, exactly or not at all.

Nothing is guessed. A text that is not of the form asked for raises ``BadCell``, which names the value, what
was expected, and the dead letter's reason; the row then goes aside as a whole. Numbers are ``Decimal`` all
the way, because an amount that went through a float is another amount.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import StringConstraints

from schemas.dead_letters import DeadReason
from schemas.vocabulary import Money
from services.agreement.currencies import minor_digits

Mark = Literal[".", ","]

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)

_LARGEST_MINOR = 10**15
"""Ten trillion in a currency with cents: larger is a slip, and sums must fit 64 bits."""

_LONGEST_NUMBER = 40

_SPACES = " \u00a0\u202f"  # plain, no-break, narrow no-break: how languages set groups of three apart
_FORMS = {
    mark: re.compile(
        rf"[+-]?(?:\d+|\d{{1,3}}(?:([{other}{_SPACES}])\d{{3}})(?:\1\d{{3}})*)(?:[{mark}]\d+)?", re.ASCII
    )
    for mark, other in ((".", ","), (",", "."))
}
_TO_PLAIN = {
    ".": str.maketrans("", "", "," + _SPACES),
    ",": str.maketrans(",", ".", "." + _SPACES),
}


class BadCell(ValueError):
    """A cell that cannot be read; the row it stands in is no fact."""

    def __init__(self, reason: DeadReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def shown(text: str) -> str:
    """Return a value as a message quotes it: in full when it is short."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def refuse_blank_words(blank: Collection[str], sought: Iterable[str]) -> None:
    """Refuse a mapping that seeks a text which it takes for blank: it would never be found.

    Raises:
        ValueError: The text, and the remedy.
    """
    lost = next((text for text in sought if text and text in blank), None)
    if lost is not None:
        raise ValueError(
            f"{shown(lost)} is blank, so no clause finds it; take it out of blank, or out of the clause's in"
        )


def instant(text: str, *, form: str | None = None, zone: ZoneInfo | None = None) -> datetime:
    """Return the instant that a cell names.

    Args:
        text: What stands in the cell.
        form: A ``strptime`` format; None: ISO 8601, with or without a time of day or an offset.
        zone: The zone of a text without an offset; None: UTC. Of a wall time that occurs twice (the clocks
            go back) the first is meant.

    Returns:
        An aware instant in UTC.

    Raises:
        BadCell: The text is of another form, or outside the years 1970 to 2100.
    """
    try:
        read = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007
        at = (read if read.tzinfo else read.replace(tzinfo=zone or UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        wanted = f"written like {form}" if form else "like 2026-03-02, 2026-03-02 09:30 or 2026-03-02T09:30Z"
        raise BadCell(DeadReason.ROW_DATE, f"{shown(text)} is no date {wanted}") from error
    if not _EARLIEST <= at < _LATEST:
        raise BadCell(DeadReason.ROW_DATE, f"{shown(text)} lies outside the years 1970 to 2100")
    return at


CurrencySign = Annotated[str, StringConstraints(pattern=r"^[^\d+-]*$", max_length=8)]
"""What amounts are written with, such as ``$`` or ``EUR``; empty: nothing."""


def number(text: str, *, mark: Mark = ".", sign: CurrencySign = "") -> Decimal:
    """Return the number that a cell names, exactly.

    Args:
        text: ``1234.5``, ``-3`` or, in groups of three, ``1,234.5``; with a decimal comma ``1.234,5``.
        mark: The decimal mark. The other one may only set groups of three apart.
        sign: What may stand before or after it.

    Raises:
        BadCell: The text is no such number.
    """
    bare = _without(sign, text) if sign else text
    if len(bare) > _LONGEST_NUMBER or not _FORMS[mark].fullmatch(bare):
        unnamed = any(unicodedata.category(letter) == "Sc" for letter in bare)
        remedy = "; what it is written with may be named as currency_sign" if unnamed else ""
        raise BadCell(DeadReason.ROW, f"{shown(text)} is no number written like 1234{mark}5{remedy}")
    return Decimal(bare.translate(_TO_PLAIN[mark]))


def _without(sign: str, text: str) -> str:
    """Return a number without its currency sign, at whichever end that stands: ``-$5``, ``$-5``, ``5 €``."""
    minus = text[:1] if text[:1] in ("+", "-") else ""
    number = text.removeprefix(minus)
    if number.startswith(sign):
        return minus + number.removeprefix(sign).lstrip()
    return minus + number.removesuffix(sign).rstrip()


def money(amount: Decimal, currency: str) -> Money:
    """Return an amount in minor units, exactly.

    Raises:
        BadCell: The amount has a fraction of a minor unit, or is beyond 10^15 of them.
    """
    digits = minor_digits(currency)
    minor = Fraction(amount) * 10**digits
    if minor.denominator != 1:
        remedy = f"write at most {digits} decimals" if digits else "write no decimals"
        raise BadCell(DeadReason.ROW, f"{shown(str(amount))} is too fine for {currency}; {remedy}")
    if abs(minor) > _LARGEST_MINOR:
        most = f"{_LARGEST_MINOR // 10**digits} {currency}"
        raise BadCell(DeadReason.ROW, f"{shown(str(amount))} is too large an amount; {most} is the most")
    return Money(amount_minor=int(minor), currency=currency)
