"""What both teams are judged by.

Goals, bounds, alerts and channels, campaigns, variable pay, the rhythm of meetings.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.agreement.lifecycle import Label
from schemas.alerts import AlertKind, Severity
from schemas.frozen import Frozen
from schemas.vocabulary import Name, Text


class Goal(Frozen):
    """A common goal, in any unit."""

    id: Name
    """What reports call it."""
    label: Label
    """What people call it."""
    metric: Name
    """The number that is looked at."""
    target: float
    """What it should be at the end of the period, in the metric's unit."""
    period: Literal["month", "quarter", "year"] = "month"
    """How long there is for it."""
    unit: Text | None = None
    """The unit as people say it: EUR, enrolments, donations."""


class Bound(Frozen):
    """A number that must stay within bounds, looked at over the last ``over_days`` full days."""

    metric: Name
    """The number that is looked at."""
    at_least: float | None = None
    """Below this it is out of bounds."""
    at_most: float | None = None
    """Above this it is out of bounds."""
    over_days: Annotated[int, Field(gt=0, le=366)] = 28
    """How many of the last full days count."""
    at_least_count: Annotated[int, Field(ge=0)] = 20
    """Below this denominator the number says too little."""
    severity: Severity | None = None
    """How much it matters; null: as the policy on `out_of_bounds` says, or else a warning."""
    channels: tuple[Name, ...] = ()
    """Where the notice goes; without any, where the policy on `out_of_bounds` says."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("the bound has no bounds; give at_least, at_most or both")
        return self


class AlertPolicy(Frozen):
    """Who hears of what, and how often."""

    on: AlertKind
    """What the notice is about."""
    severity: Severity = Severity.WARNING
    """How much it matters."""
    channels: tuple[Name, ...] = ()
    """Where it goes."""
    repeat_every_minutes: Annotated[int, Field(ge=5, le=100_000)] | None = None
    """How often it is said again while it lasts; null: it is said once."""


class Channel(Frozen):
    """Where notices go."""

    id: Name
    """What the rest of the agreement calls it."""
    kind: Literal["console", "email", "slack", "pagerduty", "alertmanager", "webhook"]
    """What it is."""
    target: Text | None = None
    """The address, room or service; never a secret."""


class Campaign(Frozen):
    """A campaign that origins may name."""

    id: Name
    """What tools send."""
    label: Text
    """What people call it."""
    budget_minor: Annotated[int, Field(ge=0)] | None = None
    """What it may cost, in cents (minor units of the currency)."""


class VariablePay(Frozen):
    """How much of a side's variable pay hangs on a common goal."""

    side: Literal["marketing", "sales"]
    """Whose pay."""
    goal: Name
    """Which goal."""
    share_rate: Annotated[float, Field(ge=0, le=1)]
    """The share of the variable pay, from 0 to 1."""


class Meeting(Frozen):
    """A fixed meeting of both teams."""

    label: Text
    """What people call it."""
    every: Literal["week", "fortnight", "month", "quarter"]
    """How often it is held."""
    agenda: tuple[Text, ...] = ()
    """What is talked about."""


class Term(Frozen):
    """A word that both teams mean the same by."""

    term: Text
    """The word."""
    definition: Label
    """What it means, in English and Spanish."""
    source: Text | None = None
    """Who says so."""


class Persona(Frozen):
    """A kind of person."""

    id: Name
    """What reports call it."""
    label: Label
    """What people call it."""
