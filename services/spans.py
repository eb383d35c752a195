"""Elapsed time as documents write it: ``30s``, ``5m``, ``2h``, ``1d``."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _span(value: object) -> object:
    if isinstance(value, str) and (found := re.fullmatch(r"(\d{1,6})\s?([smhd])", value)):
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    if isinstance(value, timedelta):
        return value
    raise ValueError("write a time like 30s, 5m, 2h or 1d")


Span = Annotated[timedelta, BeforeValidator(_span), Field(le=timedelta(days=366))]
"""Elapsed time, a year at most."""
