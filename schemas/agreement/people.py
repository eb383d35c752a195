"""Who takes part: teams, owners, absences; and the tools that speak for a side."""

from typing import Self

from pydantic import model_validator

from schemas.frozen import Frozen, Instant
from schemas.vocabulary import Name, OwnerId, Side, TeamId, Text


class Team(Frozen):
    """A team of one side."""

    id: TeamId
    """What tools send."""
    label: Text
    """What people call it."""
    side: Side
    """Whose team it is."""
    calendar: Name
    """When its office is open."""
    manager: OwnerId | None = None
    """Who hears of escalations."""


class Owner(Frozen):
    """A person who owns leads."""

    id: OwnerId
    """What tools send."""
    team: TeamId
    """The team that the person belongs to."""
    calendar: Name | None = None
    """When the person works; default: the team's calendar."""


class Absence(Frozen):
    """An owner is away from ``start`` to ``end``."""

    owner: OwnerId
    """Who is away."""
    start: Instant
    """From when."""
    end: Instant
    """Until when."""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end <= self.start:
            raise ValueError("the absence ends before it begins; swap start and end")
        return self


class Source(Frozen):
    """A tool: on whose behalf it speaks when a fact does not say so."""

    side: Side = Side.SYSTEM
    """Whom it speaks for."""
    label: Text | None = None
    """What people call it."""
