"""The agreement: one document that marketing and sales both sign, and that decides everything.

``Agreement`` is the whole of it, frozen and valid. Shapes are checked here; what only makes sense across
sections (a stage nobody can reach, a threshold that no score attains) is ``services.agreement``'s to find,
because it can be told with a path and a remedy.
"""

from hashlib import blake2b
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.agreement.conditions import Condition
from schemas.agreement.handoff import Handoff
from schemas.agreement.lifecycle import Label, Lifecycle
from schemas.agreement.numbers import (
    AlertPolicy,
    Bound,
    Campaign,
    Channel,
    Goal,
    Meeting,
    Persona,
    Term,
    VariablePay,
)
from schemas.agreement.people import Absence, Owner, Source, Team
from schemas.agreement.scoring import Scoring
from schemas.calendars import BusinessCalendar
from schemas.frozen import Frozen
from schemas.vocabulary import Name, Side, Text


class Segment(Frozen):
    """Leads that are told apart in the numbers; a lead belongs to the first segment whose condition holds."""

    id: Name
    label: Label
    when: Condition


class PersonaRule(Persona):
    """A kind of person, recognised by a condition."""

    when: Condition


class Identity(Frozen):
    """Which identifiers make two leads one. An anonymous id always joins."""

    merge_on: tuple[Name, ...] = ("email", "external_id")
    default_region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "ES"
    """ISO 3166 region for phone numbers written without a country code."""


class Agreement(Frozen):
    """The document."""

    version: Name
    title: Text
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    time_zone: Name
    """The zone of the days and months in the numbers."""
    glossary: tuple[Term, ...] = ()
    personas: tuple[PersonaRule, ...] = ()
    segments: tuple[Segment, ...] = ()
    attributes: tuple[Name, ...] = ()
    """What may travel on the line besides what rules read; nothing that names a person."""
    sources: dict[Name, Source] = Field(default_factory=dict)
    identity: Identity = Identity()
    scoring: Scoring
    lifecycle: Lifecycle
    handoff: Handoff | None = None
    calendars: Annotated[dict[Name, BusinessCalendar], Field(min_length=1)]
    teams: tuple[Team, ...] = ()
    owners: tuple[Owner, ...] = ()
    absences: tuple[Absence, ...] = ()
    alerts: tuple[AlertPolicy, ...] = ()
    channels: tuple[Channel, ...] = ()
    bounds: tuple[Bound, ...] = ()
    goals: tuple[Goal, ...] = ()
    variable_pay: tuple[VariablePay, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    digest: str = ""
    """Set by the loader: what tells two documents apart."""

    def team(self, team_id: str | None) -> Team | None:
        """Return the team of this name, or None."""
        return next((team for team in self.teams if team.id == team_id), None)

    def owner(self, owner_id: str | None) -> Owner | None:
        """Return the owner of this name, or None."""
        return next((owner for owner in self.owners if owner.id == owner_id), None)

    def side_of(self, source: str) -> Side:
        """Return the side that a tool speaks for.

        Tools that the agreement does not name speak for the system.
        """
        known = self.sources.get(source)
        return known.side if known else Side.SYSTEM

    def attributes_read(self) -> frozenset[str]:
        """Name every attribute that may travel on the line."""
        conditions = [rule.when for rule in self.scoring.fit.rules]
        conditions += [segment.when for segment in self.segments]
        conditions += [persona.when for persona in self.personas]
        brief = self.handoff.brief.attributes if self.handoff else ()
        return frozenset((*self.attributes, *brief)).union(*(when.attributes_read() for when in conditions))


def document_digest(document: str) -> str:
    """Return 16 hexadecimal digits that tell one document from another."""
    return blake2b(document.encode(), digest_size=8).hexdigest()
