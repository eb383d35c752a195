"""The agreement: one document that marketing and sales both sign, and that decides everything.

``Agreement`` is the whole of it, frozen and valid. Shapes are checked here; what only makes sense across
sections (a stage nobody can reach, a threshold that no score attains) is ``services.agreement``'s to find,
because it can be told with a path and a remedy.
"""

from functools import cached_property
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
from schemas.alerts import AlertKind
from schemas.calendars import BusinessCalendar, TimeZoneName
from schemas.frozen import Frozen
from schemas.vocabulary import Name, Side, Text


class Segment(Frozen):
    """Leads that are told apart in the numbers; a lead belongs to the first segment whose condition holds."""

    id: Name
    """What numbers and reports call it."""
    label: Label
    """What people call it."""
    when: Condition
    """Which leads belong to it."""


class PersonaRule(Persona):
    """A kind of person, recognised by a condition."""

    when: Condition
    """Which leads are such a person."""


class Identity(Frozen):
    """Which identifiers make two leads one. An anonymous id always joins."""

    merge_on: tuple[Name, ...] = ("email", "external_id")
    """The identifiers that make two leads one."""
    default_region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "ES"
    """ISO 3166 region for phone numbers written without a country code."""


class Agreement(Frozen):
    """The document."""

    version: Name
    """What tells this version from the one before; everything decided under it names it."""
    title: Text
    """What people call the agreement."""
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    """The ISO 4217 currency of revenue and budgets."""
    time_zone: TimeZoneName
    """The zone of the days and months in the numbers."""
    glossary: tuple[Term, ...] = ()
    """The words that both teams mean the same by."""
    personas: tuple[PersonaRule, ...] = ()
    """The kinds of person you sell to; a lead is of the first whose condition holds."""
    segments: tuple[Segment, ...] = ()
    """The kinds of lead that numbers are told apart by; a lead belongs to the first whose condition holds."""
    attributes: tuple[Name, ...] = ()
    """What may travel on the line besides what rules read; nothing that names a person."""
    sources: dict[Name, Source] = Field(default_factory=dict)
    """The tools that say facts, by the name they give themselves."""
    identity: Identity = Identity()
    """What makes two leads one."""
    scoring: Scoring
    """How fit and engagement are scored."""
    lifecycle: Lifecycle
    """The stages, and how a lead moves."""
    handoff: Handoff | None = None
    """How marketing hands a lead to sales; null: nobody does."""
    calendars: Annotated[dict[Name, BusinessCalendar], Field(min_length=1)]
    """When each office is open."""
    teams: tuple[Team, ...] = ()
    """The teams of both sides."""
    owners: tuple[Owner, ...] = ()
    """The people who own leads."""
    absences: tuple[Absence, ...] = ()
    """When owners are away."""
    alerts: tuple[AlertPolicy, ...] = ()
    """Who hears of what."""
    channels: tuple[Channel, ...] = ()
    """Where notices go."""
    bounds: tuple[Bound, ...] = ()
    """Numbers that must stay within bounds."""
    goals: tuple[Goal, ...] = ()
    """What both sides are judged by."""
    variable_pay: tuple[VariablePay, ...] = ()
    """How much of each side's variable pay hangs on a common goal."""
    campaigns: tuple[Campaign, ...] = ()
    """The campaigns that origins may name."""
    meetings: tuple[Meeting, ...] = ()
    """When both teams meet."""
    digest: str = ""
    """What tells two documents apart: made from the text, never written in it."""

    def team(self, team_id: str | None) -> Team | None:
        """Return the team of this name, or None."""
        return next((team for team in self.teams if team.id == team_id), None)

    def owner(self, owner_id: str | None) -> Owner | None:
        """Return the owner of this name, or None."""
        return next((owner for owner in self.owners if owner.id == owner_id), None)

    def hours_of(self, owner_id: str | None, team_id: str | None) -> Name | None:
        """Name the calendar of an owner, or else of the owner's own team; nobody's is the team's.

        A lead may be in another team's queue than its owner's: hours are the owner's.

        Returns:
            The calendar, or None where the agreement gives them none.
        """
        owner = self.owner(owner_id)
        team = self.team(owner.team if owner else team_id)
        named = (one.calendar for one in (owner, team) if one is not None)
        return next((name for name in named if name in self.calendars), None)

    def policy_on(self, kind: AlertKind) -> AlertPolicy | None:
        """Return who hears of a kind of alert, the first policy if several speak of it; None: nobody does."""
        return next((policy for policy in self.alerts if policy.on is kind), None)

    @property
    def policy_on_bounds(self) -> AlertPolicy:
        """What is said of numbers out of bounds; without a policy a warning, to no channel, once."""
        return self.policy_on(AlertKind.OUT_OF_BOUNDS) or AlertPolicy(on=AlertKind.OUT_OF_BOUNDS)

    def side_of(self, source: str) -> Side:
        """Return the side that a tool speaks for.

        Tools that the agreement does not name speak for the system.
        """
        known = self.sources.get(source)
        return known.side if known else Side.SYSTEM

    @cached_property
    def attributes_read(self) -> frozenset[str]:
        """Every attribute that may travel on the line."""
        conditions = [rule.when for rule in self.scoring.fit.rules]
        conditions += [segment.when for segment in self.segments]
        conditions += [persona.when for persona in self.personas]
        brief = self.handoff.brief.attributes if self.handoff else ()
        return frozenset((*self.attributes, *brief)).union(*(when.attributes_read() for when in conditions))


def document_digest(document: str) -> str:
    """Return 16 hexadecimal digits that tell one document from another."""
    return blake2b(document.encode(), digest_size=8).hexdigest()
