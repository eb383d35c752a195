"""Decay as a table: the ages at which a contribution loses each of its hundredths.

The definition is ``points × 2^(−age / half-life)``, rounded half-even to a hundredth, and nothing from the
age of ``window`` on. As it only ever falls, and by whole hundredths, it is a list of ages: looking a value up
is one bisection, and the next change is the next entry of the list. Both are exact and equal on every host,
because the list is: floating point only proposes an age, and where it comes too near to a whole second to be
believed, sixty digits decide.
"""

from bisect import bisect_right
from decimal import ROUND_CEILING, Context, Decimal
from functools import lru_cache
from math import ceil, log2

# Proposals are off by 2e-7 s at most (ten years' half-life, 1,000 points); this leaves room for any libm.
_TOO_NEAR = 1e-3
_SIXTY_DIGITS = Context(prec=60)


@lru_cache(maxsize=512)
def losses(worth: int, half_life: int | None, window: int | None) -> tuple[int, ...]:
    """Return the ages at which points are lost, ascending, one for each hundredth.

    Args:
        worth: Hundredths of a point, without the sign, > 0.
        half_life: Seconds; None: no decay.
        window: Seconds; None: no window.

    Returns:
        ``worth`` ages in seconds: at an age, ``bisect_right(losses, age)`` hundredths are gone. Empty when
        nothing is ever lost.
    """
    if half_life is None:
        return () if window is None else (window,) * worth
    ages = (_age_at_most(left, worth, half_life) for left in range(worth - 1, -1, -1))
    return tuple(ages) if window is None else tuple(min(age, window) for age in ages)


def left(worth: int, lost: tuple[int, ...], age: int) -> int:
    """Return the hundredths that are left of ``worth`` at an age in seconds; ``lost`` is its ``losses``."""
    return worth - bisect_right(lost, age)


def _age_at_most(left: int, worth: int, half_life: int) -> int:
    """Return the first age in whole seconds at which no more than ``left`` hundredths are left.

    That is where the exact value has come down to ``left`` and a half: on it when ``left`` is even
    (half-even), past it when odd.
    """
    doubled, half = 2 * worth, 2 * left + 1
    if doubled // (doubled & -doubled) == half:  # a whole number of half-lives: the only ages that hit a half
        return half_life * ((doubled & -doubled).bit_length() - 1) + left % 2
    age = half_life * log2(doubled / half)
    return ceil(age) if abs(age - round(age)) > _TOO_NEAR else _exactly(doubled, half, half_life)


def _exactly(doubled: int, half: int, half_life: int) -> int:
    """Return the age with sixty digits; it is irrational, so it never is a whole number of seconds."""
    context = _SIXTY_DIGITS
    ratio = context.divide(Decimal(doubled), Decimal(half))
    halvings = context.divide(context.ln(ratio), context.ln(Decimal(2)))
    return int(context.multiply(halvings, Decimal(half_life)).to_integral_value(ROUND_CEILING))
