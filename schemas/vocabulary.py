"""The names that more than one word uses: identifiers, sides, channels, reasons that are shared, and money.

Each enum's members are the field's standard terms; where a term is disputed the docstring names its source,
and ``docs/glossary.md`` holds the definitions in Spanish and English. Stages, teams and reasons of refusal
by people are not here: the agreement names those.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from schemas.frozen import Frozen

Name = Annotated[str, StringConstraints(min_length=1, max_length=128)]
"""A short identifier that a person or a tool chose."""

Text = Annotated[str, StringConstraints(max_length=2048)]
"""A line of text shown to people."""

LeadId = str
"""Opaque id that the sequencer derives from the lead's first fact."""

StageId = Name
OwnerId = Name
TeamId = Name

Scalar = bool | int | float | Annotated[str, StringConstraints(max_length=1024)]
"""A value of an attribute."""


class WorkerName(StrEnum):
    """Who says something on the line."""

    SEQUENCER = "sequencer"
    SCORING = "scoring"
    LIFECYCLE = "lifecycle"
    METRICS = "metrics"
    ALERTS = "alerts"


class Side(StrEnum):
    """Whose stage it is, and on whose behalf a fact is said."""

    MARKETING = "marketing"
    SALES = "sales"
    SYSTEM = "system"


class EngagementChannel(StrEnum):
    """Where a lead did something."""

    PAGE = "page"
    EMAIL = "email"
    FORM = "form"
    EVENT = "event"
    AD = "ad"


class TouchChannel(StrEnum):
    """How sales reached out."""

    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"


class Flag(StrEnum):
    """What the sequencer found odd about a fact that it admitted all the same."""

    CLOCK_SKEW = "clock_skew"
    """``occurred_at`` lay in the future; the log's time was taken instead."""
    BACKDATED = "backdated"
    """An answer to an SLA claimed to be older than the agreement allows; the limit was taken instead."""
    BEFORE_CAPTURE = "before_capture"
    """The fact lies before the lead's first contact: dirty, kept and counted."""
    UNUSABLE_IDENTITY = "unusable_identity"
    """The e-mail address or phone number was none; something else named the lead."""


class Money(Frozen):
    """An amount in minor units (cents) of an ISO 4217 currency."""

    amount_minor: int
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Actor(Frozen):
    """Who says a fact: a side of the agreement, and a person when one is known."""

    side: Side
    owner: OwnerId | None = None
