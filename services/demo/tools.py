"""The tools of the invented team, each with its way of naming people and of being late.

Web analytics knows a visitor by an anonymous id; a form says e-mail and anonymous id in one breath, and so
joins the two; the CRM has an id of its own; the advertising platform delivers once a night. A ``Draft`` is
what a tool has to say before it is made into an event: drafts wait by the ten thousand, so they are small.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.facts import FactEvent, LeadFact, Subject
from services.demo.people import Person
from services.imports.source import fact_event


def _visitor(person: Person) -> Subject:
    return Subject(anonymous_id=person.anonymous_id)


def _filled_in(person: Person) -> Subject:
    return Subject(
        email=person.email,
        phone=person.phone,
        name=person.name,
        company=person.company,
        anonymous_id=person.anonymous_id,
    )


def _address(person: Person) -> Subject:
    return Subject(email=person.email)


def _private(person: Person) -> Subject:
    return Subject(email=person.private_email, name=person.name, anonymous_id=f"{person.anonymous_id}-home")


def _account(person: Person) -> Subject:
    return Subject(
        email=person.email, name=person.name, company=person.company, external_ids={"crm": person.crm_id}
    )


def _number(person: Person) -> Subject:
    return Subject(external_ids={"crm": person.crm_id})


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: the name that it says facts under, whom it says they are about, and when it is heard."""

    source: str
    names: Callable[[Person], Subject]
    seconds: int = 5
    """How long the slowest of its deliveries takes, on a good day."""
    nightly: bool = False
    """Delivers at 04:00 UTC what the day before brought."""


WEB = Tool("web", _visitor)
FORMS = Tool("forms", _filled_in, seconds=20)
PRIVATE_FORMS = Tool("forms", _private, seconds=20)
ADS = Tool("ads", _filled_in, nightly=True)
MAIL = Tool("mail", _address, seconds=900)
EVENTS = Tool("events", _filled_in, seconds=7200)
ENRICHMENT = Tool("enrichment", _address, seconds=60)
CRM_ACCOUNT = Tool("crm", _account, seconds=120)
CRM = Tool("crm", _number, seconds=120)
CALENDAR = Tool("calendar", _address, seconds=300)


@dataclass(frozen=True, slots=True)
class Draft:
    """Something that happened, and when the line hears of it."""

    at: datetime
    arrives_at: datetime
    tool: Tool
    fact: LeadFact
    person: Person
    key: str
    """Makes the event's id; unlike that of any other draft of the tool."""
    test: bool = False

    def event(self, import_id: str | None) -> FactEvent:
        """Return the event that the tool sends."""
        return fact_event(
            self.fact,
            source=self.tool.source,
            event_id=self.key,
            time=self.at,
            subject=self.tool.names(self.person),
            import_id=import_id,
            test=self.test,
        )


def heard_at(tool: Tool, at: datetime, luck: float) -> datetime:
    """Return when the line hears of something.

    Args:
        tool: Who tells.
        at: When it happened.
        luck: In [0, 1): how slow this delivery is.
    """
    if tool.nightly:
        night = at.replace(hour=4, minute=0, second=0, microsecond=0)
        return (night if night > at else night + timedelta(days=1)) + timedelta(seconds=600 * luck)
    return at + timedelta(seconds=tool.seconds * luck)
