"""What a row that comes again tells that is news: pure, and nothing of it is read from a store here.

A fact is admitted once under its id, so a row that says otherwise than before says what has changed under an
id of its own: the fact's, and the number of the change (ADR-0020). What a row knows of its person is told as
an ``enriched``; who owns the lead, where it stands and what it consented to are told anew; the amount of an
opportunity that has an id is corrected where it stands. Everything else happened once, and stays as it was
said: captures, touches and wins that were told again would be counted again.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from schemas.facts import (
    TYPE_PREFIX,
    Assigned,
    Attributes,
    Captured,
    ConsentChanged,
    Enriched,
    FactEvent,
    LeadFact,
    OpportunityOpened,
    StageClaimed,
    Subject,
    Won,
)
from services.identifiers import identifiers_of
from services.imports.source import RowFacts

MOST_ATTRIBUTES = 128
"""As many as one fact may set."""

_LATEST_COUNTS = Assigned | StageClaimed | ConsentChanged
_PERSON = Captured | Enriched


def change_id(event_id: str, number: int) -> str:
    """Return what the so-manieth change of a fact is known by, from 1; 0 is the fact itself.

    It sorts behind the fact and behind earlier changes, which decides between facts of one instant: a number
    of more digits begins with more tildes, which sort behind digits.
    """
    digits = f"{number:03d}"
    return f"{event_id}{'~' * (len(digits) - 2)}{digits}" if number else event_id


def retold(
    said: Sequence[FactEvent], now: FactEvent, row: RowFacts, *, of_subject: bool, region: str
) -> FactEvent | None:
    """Return what is to be said of a fact that was said before.

    Args:
        said: The fact as it was said first, and its changes since.
        now: As its row says it now.
        row: The row. When nobody knows when it was written, a change counts as of its import.
        of_subject: Whether it is for this fact of the row to tell what is new of the subject.
        region: ISO 3166 region of phone numbers without a country code.

    Returns:
        None: nothing is news, or later words are known. The fact itself where the row is about somebody else
        than before: under the id it has, so that it is seen to contradict.
    """
    subject, changed_at = now.data.subject, row.changed_at
    known = {one for event in said for one in identifiers_of(event.data.subject, region)}
    if known.isdisjoint(identifiers_of(subject, region)):
        return now
    times = [event.time for event in said[1:] if event.time is not None]
    if changed_at is not None and any(time > changed_at for time in times):
        return None
    fact, time = _news(said, now, row)
    if fact is None and of_subject and _tells_more(said, subject):
        fact, time = Enriched(), changed_at
    if fact is None:
        return None
    return FactEvent(
        id=change_id(now.id, len(said)),
        source=now.source,
        type=TYPE_PREFIX + fact.kind,
        time=time,
        data=now.data.model_copy(update={"fact": fact}),
    )


def stays(said: Sequence[FactEvent], now: FactEvent) -> bool:
    """Say whether a fact reads otherwise than it was said in something that no change tells."""
    first, fact = said[0], now.data.fact
    match fact:
        case Enriched() | Assigned() | StageClaimed() | ConsentChanged():
            return False
        case Captured():
            is_same = _bare(first) == _bare(now)
        case _:
            is_same = fact == first.data.fact or _corrects_amount(first.data.fact, fact)
    return first.time != now.time or not is_same


def attribute_news(before: Attributes, now: Attributes) -> Attributes:
    """Return the attributes that read otherwise; those that are read no more are forgotten."""
    changed = {name: value for name, value in now.items() if name not in before or before[name] != value}
    # In order: said again after a crash, it must be the same bytes.
    return changed | dict.fromkeys(sorted(before.keys() - now.keys()))


def attributes_of(event: FactEvent) -> Attributes:
    """Return the attributes that an event tells."""
    return event.data.fact.attributes if isinstance(event.data.fact, _PERSON) else {}


def _news(
    said: Sequence[FactEvent], now: FactEvent, row: RowFacts
) -> tuple[LeadFact | None, datetime | None]:
    """Return what is to be told, and as of when."""
    fact = now.data.fact
    # A fact's own time counts where it has moved with its words: what was captured then changed later.
    moved = now.time is not None and all(event.time != now.time for event in said)
    at = now.time if moved and not isinstance(fact, Captured) else row.changed_at
    if isinstance(fact, _PERSON):
        # Another mapping may read other columns of the same rows; what it told is not gone.
        mine = {name: value for name, value in _attributes(said).items() if name in row.attributes}
        # What is too much for one fact is told by the next import.
        news = dict(islice(attribute_news(mine, fact.attributes).items(), MOST_ATTRIBUTES))
        return (Enriched(attributes=news) if news else None), at
    last = next(event.data.fact for event in reversed(said) if isinstance(event.data.fact, type(fact)))
    if fact == last:
        return None, None
    if isinstance(fact, _LATEST_COUNTS):
        return fact, at
    if isinstance(fact, Won | OpportunityOpened) and _corrects_amount(last, fact):
        return fact, said[0].time
    return None, None


def _corrects_amount(before: object, now: object) -> bool:
    """Say whether a fact gives the amount of the same opportunity otherwise, which counts once."""
    return (
        isinstance(now, Won | OpportunityOpened)
        and isinstance(before, type(now))
        and now.opportunity_id is not None
        and now.amount is not None
        and before == now.model_copy(update={"amount": before.amount})
    )


def _bare(event: FactEvent) -> object:
    return event.data.fact.model_copy(update={"attributes": {}})


def _attributes(said: Sequence[FactEvent]) -> Attributes:
    """Return the attributes as they were told last, without those that were forgotten."""
    known: Attributes = {}
    for event in said:
        known |= attributes_of(event)
    return {name: value for name, value in known.items() if value is not None}


def _tells_more(said: Sequence[FactEvent], subject: Subject) -> bool:
    """Say whether a subject tells something that was not told last; what is blank takes nothing back."""
    known: dict[str, str] = {}
    for event in said:
        known |= _told(event.data.subject)
    return any(known.get(name) != value for name, value in _told(subject).items())


def _told(subject: Subject) -> dict[str, str]:
    told = subject.model_dump(exclude={"external_ids"}, exclude_none=True)
    return told | {f"external {name}": value for name, value in subject.external_ids.items()}
