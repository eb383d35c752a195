"""Durations as counts in logarithmic buckets: they add, subtract, and can be asked for quantiles.

DDSketch's mapping (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with
relative-error guarantees", VLDB 2019, §2): with gamma = (1 + a) / (1 - a), bucket i holds the values in
(gamma^(i-1), gamma^i], and 2 gamma^i / (gamma + 1) is within a of each of them. Here a is 1 %, and one signed
integer says all: 0 is no time at all, n > 0 is DDSketch's bucket n - 1, and -n is its mirror image. Durations
are whole seconds, so that no bucket lies below. No bucket is ever collapsed: a century has 1,100 of them.
"""

from collections.abc import Mapping
from itertools import accumulate
from math import ceil, log

RELATIVE_ERROR = 0.01

_GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_LOG_GAMMA = log(_GAMMA)


def index(seconds: int) -> int:
    """Return the bucket of a duration in whole seconds, which may be negative."""
    if seconds == 0:
        return 0
    bucket = ceil(log(abs(seconds)) / _LOG_GAMMA) + 1
    return bucket if seconds > 0 else -bucket


def value(bucket: int) -> float:
    """Return the seconds that stand for a bucket, within 1 % of any duration in it."""
    if bucket == 0:
        return 0.0
    seconds = 2 * _GAMMA ** (abs(bucket) - 1) / (_GAMMA + 1)
    return seconds if bucket > 0 else -seconds


def quantile(counts: Mapping[int, int], q: float) -> float | None:
    """Return the q-quantile of the durations counted, in seconds; None when there are none.

    Within 1 % of the *lower* quantile: the value of rank ⌊q(n - 1)⌋, from 0 (DDSketch, §1, algorithm 2).

    Args:
        counts: Bucket to how many, none of them negative.
        q: In [0, 1].
    """
    total = sum(counts.values())
    if total <= 0:
        return None
    rank = int(q * (total - 1))
    ordered = sorted(counts)
    up_to = accumulate(counts[bucket] for bucket in ordered)
    return next(value(bucket) for bucket, count in zip(ordered, up_to, strict=True) if count > rank)


def mean(counts: Mapping[int, int]) -> float | None:
    """Return the mean of the durations counted, in seconds, within 1 % when all have one sign, or None."""
    total = sum(counts.values())
    return sum(value(bucket) * count for bucket, count in counts.items()) / total if total > 0 else None
