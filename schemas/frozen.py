"""The two shapes that every word is made of: a frozen model and an aware UTC instant.

Words are valid or they do not exist: a model refuses fields that it does not know, refuses NaN and
infinity, and cannot be changed once made. Instants are aware and in UTC, whatever offset they were written
with, so that two of them compare without a thought about zones. What belongs to one topic does not belong
here.
"""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


class Frozen(BaseModel):
    """A word: immutable, closed, and finite in its numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is UTC:
        return instant
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the instant lies outside the years 1 to 9999 in UTC; send a real date") from error


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
"""An aware instant, kept in ``datetime.UTC``.

What pydantic reads has a zone of its own, which takes twenty times as long to compare.
"""
