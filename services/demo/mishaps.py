"""What goes wrong between tools: events sent twice, late, from clocks that are ahead, and nonsense.

None of it changes what happened, so a line that is right shows the same numbers with these mishaps as
without: the same id twice is one fact, a late fact is put in its place, a clock that is ahead is held to the
log's, and what cannot be read is a dead letter. A few people also change what is known of them: two addresses
turn out to be one person, consent is withdrawn, somebody asks to be forgotten.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from infra.wire import write_fact
from schemas.facts import Captured, ConsentChanged, Erased, FactEvent, Merged, Subject, Won
from schemas.vocabulary import EngagementChannel, Money
from services.demo.life import Life, engaged, form
from services.demo.tools import CALENDAR, CRM, CRM_ACCOUNT, FORMS, MAIL, PRIVATE_FORMS, Draft

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)

_FAR_FUTURE = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

_GARBLED = (
    (b"}", b""),
    (b'{"', '{"señal":1,"'.encode("latin-1")),
    (b'"data":{', b'"data":{"test":true,"test":false,'),
    (b'"data":{', b'"data":{"score":NaN,'),
    (b'"relevo.lead.', b'"tool.lead.'),
)
"""What to replace by what, so that it is no fact: no JSON, no UTF-8, a key twice, NaN, no type of ours."""

_CRM_DOWN = ((timedelta(days=140), 26 * _HOUR), (timedelta(days=47), 9 * _HOUR))
"""How long before the end the CRM's connection broke, and for how long; what it said came afterwards."""


def delivered(rng: random.Random, draft: Draft, until: datetime) -> Iterator[Draft]:
    """Yield a draft as it really arrives: on time, late, twice, or with a clock that is ahead."""
    draft = _held_up(draft, until)
    luck = rng.random()
    if luck < 0.006:
        draft = replace(draft, arrives_at=draft.arrives_at + rng.randrange(60, 72 * 60) * _MINUTE)
    elif luck < 0.009 and draft.tool in (FORMS, CALENDAR):
        draft = replace(draft, at=draft.arrives_at + rng.randrange(10, 180) * _MINUTE)
    elif luck < 0.024:
        yield replace(draft, arrives_at=draft.arrives_at + rng.randrange(1, 600) * _MINUTE)
    yield draft


def _held_up(draft: Draft, until: datetime) -> Draft:
    if draft.tool.source != CRM.source:
        return draft
    for before, lasts in _CRM_DOWN:
        up_at = until - before + lasts
        if up_at - lasts <= draft.arrives_at < up_at:
            return replace(draft, arrives_at=up_at + (draft.arrives_at - up_at + lasts) / 60)
    return draft


def be_known_twice(life: Life, at: datetime) -> None:
    """Tell of a form that the person sent from home, and of the day on which the CRM finds out."""
    life.say(PRIVATE_FORMS, at, form("download guide"))
    life.say(PRIVATE_FORMS, at, Captured(origin="direct", landing_page="/landing/guide"))
    found_at = life.days_later(at, life.rng.randrange(10, 40))
    life.say(CRM_ACCOUNT, found_at, Merged(other=Subject(email=life.person.private_email)))


def withdraw_consent(life: Life, at: datetime) -> None:
    """Tell of somebody who wants no more e-mail."""
    at = life.days_later(at, life.rng.randrange(5, 90))
    life.say(MAIL, at, engaged(EngagementChannel.EMAIL, "unsubscribe", "newsletter"))
    life.say(MAIL, at, ConsentChanged(channel="email", granted=False))


def ask_to_be_forgotten(life: Life, at: datetime) -> None:
    """Tell of somebody who wants to be forgotten, and of a tool that has not heard of it."""
    at = life.days_later(at, life.rng.randrange(20, 60))
    life.say(CRM_ACCOUNT, at, Erased())
    life.say(FORMS, life.days_later(at, 9), form("newsletter"))


def nonsense(rng: random.Random, draft: Draft, currency: str, import_id: str | None) -> FactEvent | bytes:
    """Return something that cannot be taken, made from something that could."""
    odd = replace(draft, key=f"{draft.key}-odd")
    if rng.random() < 0.5:
        found, instead = rng.choice(_GARBLED)
        return write_fact(odd.event(import_id)).replace(found, instead, 1)
    match rng.choice(("when", "who", "which address", "how much")):
        case "when":
            return replace(odd, at=_FAR_FUTURE).event(import_id)
        case "who":
            return _about(odd.event(import_id), Subject(name="somebody"))
        case "which address":
            return _about(odd.event(import_id), Subject(email="ana at example dot com"))
        case _:
            foreign = Money(amount_minor=990_000, currency="USD" if currency != "USD" else "EUR")
            return replace(odd, fact=Won(amount=foreign)).event(import_id)


def _about(event: FactEvent, subject: Subject) -> FactEvent:
    return event.model_copy(update={"data": event.data.model_copy(update={"subject": subject})})
