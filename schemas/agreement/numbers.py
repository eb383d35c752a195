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
    label: Label
    metric: Name
    target: float
    period: Literal["month", "quarter", "year"] = "month"
    unit: Text | None = None


class Bound(Frozen):
    """A number that must stay within bounds, looked at over the last ``over_days`` full days."""

    metric: Name
    at_least: float | None = None
    at_most: float | None = None
    over_days: Annotated[int, Field(gt=0, le=366)] = 28
    at_least_count: Annotated[int, Field(ge=0)] = 20
    """Below this denominator the number says too little."""
    severity: Severity = Severity.WARNING
    channels: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("give at_least, at_most or both")
        return self


class AlertPolicy(Frozen):
    """Who hears of what, and how often."""

    on: AlertKind
    severity: Severity = Severity.WARNING
    channels: tuple[Name, ...] = ()
    repeat_every_minutes: Annotated[int, Field(ge=5, le=100_000)] | None = None
    """Null: said once."""


class Channel(Frozen):
    """Where notices go."""

    id: Name
    kind: Literal["console", "email", "slack", "pagerduty", "alertmanager", "webhook"]
    target: Text | None = None


class Campaign(Frozen):
    """A campaign that origins may name."""

    id: Name
    label: Text
    budget_minor: Annotated[int, Field(ge=0)] | None = None


class VariablePay(Frozen):
    """How much of a side's variable pay hangs on a common goal."""

    side: Literal["marketing", "sales"]
    goal: Name
    share_rate: Annotated[float, Field(ge=0, le=1)]


class Meeting(Frozen):
    """A fixed meeting of both teams."""

    label: Text
    every: Literal["week", "fortnight", "month", "quarter"]
    agenda: tuple[Text, ...] = ()


class Term(Frozen):
    """A word that both teams mean the same by."""

    term: Text
    definition: Label
    source: Text | None = None


class Persona(Frozen):
    """A kind of person; see ``Segment``."""

    id: Name
    label: Label
