"""Who takes part: teams, owners, absences; and the tools that speak for a side."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.frozen import Frozen, Instant
from schemas.vocabulary import Name, OwnerId, Side, TeamId, Text


class Team(Frozen):
    """A team of one side."""

    id: TeamId
    label: Text
    side: Side
    calendar: Name
    manager: OwnerId | None = None


class Owner(Frozen):
    """A person who owns leads."""

    id: OwnerId
    team: TeamId
    calendar: Name | None = None
    """Default: the team's."""


class Absence(Frozen):
    """An owner is away from ``start`` to ``end``."""

    owner: OwnerId
    start: Instant
    end: Instant

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end <= self.start:
            raise ValueError("the absence ends before it begins; swap start and end")
        return self


class Source(Frozen):
    """A tool: on whose behalf it speaks when a fact does not say so."""

    side: Annotated[Side, Field()] = Side.SYSTEM
    label: Text | None = None
