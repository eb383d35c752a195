"""What scoring keeps of one lead: short, bounded, and in the order of the facts rather than of their arrival.

A **mark** says that a fact earned, and which fact it was; the marks of a rule stand in order. What a mark is
worth is not kept: it follows from the agreement and the instant. A **saying** is what a fact said about the
lead's attributes, as far as no later fact says otherwise. Both are ordered by (``at``, source, event id), so
that two facts of the same instant come out the same whichever was heard first.

Instants are whole numbers here, microseconds since 1970 where they order facts and seconds where points are
counted: they are compared in every step, and written once a lead and batch.
"""

from dataclasses import field
from datetime import UTC, datetime, timedelta

from schemas.records import record
from schemas.scoring import Centipoints
from schemas.vocabulary import Scalar

SECOND = 1_000_000
"""Microseconds in a second."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Mark = tuple[int, str, str]
"""A fact: its ``at`` in microseconds since 1970, its source, its event id."""

Values = dict[str, Scalar | None]
"""Attributes; null: unknown, or to be forgotten."""

Saying = tuple[int, str, str, Values]
"""A fact, and the attributes that it was the last to speak of."""


@record(frozen=True, slots=True)
class Profile:
    """What is known of the lead, by who said it; each in the order of the facts."""

    stated: tuple[Saying, ...] = ()
    """By tools."""
    derived: tuple[Saying, ...] = ()
    """By the sequencer, from personal data."""


@record(frozen=True, slots=True)
class Earned:
    """What the lead did, by rule."""

    marks: dict[str, tuple[Mark, ...]] = field(default_factory=dict)
    """The facts that earned, in order."""
    summed: dict[str, tuple[int, int]] = field(default_factory=dict)
    """How many earned before the marks, and the ``at`` of the last of them."""


@record(frozen=True, slots=True)
class Said:
    """The score as it was last said, at ``at``."""

    fit: Centipoints
    engagement: Centipoints
    cell: str
    band: str
    at: int
    """Microseconds since 1970."""


@record(frozen=True, slots=True)
class ScoringState:
    """One lead."""

    agreement: str
    """The key of the book that it was last counted by."""
    profile: Profile = Profile()
    earned: Earned = Earned()
    said: Said | None = None
    decay_due: int | None = None
    """When the live timer is due, in seconds since 1970."""
    erased: bool = False


def microseconds(instant: datetime) -> int:
    """Return microseconds since 1970 for an aware instant, exactly."""
    since = instant - EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def instant(at: int) -> datetime:
    """Return the UTC instant so many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=at)
