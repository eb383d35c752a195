"""What a corrected mapping makes of a fact that was said: the same person, better known.

A fact that was said keeps its place, for an id is admitted once. What a mapping tells of the person can be
told again: as an ``enriched`` at the instant of the fact, with the attributes that read otherwise, and with
the ids that were missing. It is known by the fact's own id, the number of the correction and the mapping, so
that a second replay finds it said, and a third mapping knows what the second one said. Whatever else a fact
says (its kind, a stage, an amount) would happen twice if it were said again, and stays (ADR-0013).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from infra.keyring import event_key, name_key
from infra.store.database import Transaction
from infra.store.originals import known_facts
from schemas.facts import TYPE_PREFIX, Attributes, Captured, Enriched, FactData, FactEvent, Subject
from services.identifiers import identifiers_of
from services.imports.changes import MOST_ATTRIBUTES, attribute_news, attributes_of, change_id
from services.intake.findings import named

Correction = tuple[int, str]
"""Its number, from 1, and the digest of the mapping that it was read with."""


def correction_id(event_id: str, correction: Correction) -> str:
    """Return what a correction is known by; it sorts after the event, and after earlier corrections."""
    number, digest = correction
    return named(f"{change_id(event_id, number)}~{digest}")


def last_corrections(
    connection: Transaction, events: Iterable[FactEvent], digests: Sequence[str]
) -> dict[bytes, Correction]:
    """Return the last correction of each event that has been corrected, by the event's key.

    Args:
        connection: To the store.
        events: Facts that were said.
        digests: The mappings that any of them may have been read with.
    """
    found: dict[bytes, Correction] = {}
    asked = {event_key(event): event for event in events}
    number = 1
    while asked:
        names = {
            name_key(event.source, correction_id(event.id, (number, digest))): (key, digest)
            for key, event in asked.items()
            for digest in digests
        }
        said = [names[one] for one in known_facts(connection, list(names))]
        found |= {key: (number, digest) for key, digest in said}
        asked = {key: asked[key] for key, _ in said}
        number += 1
    return found


def correction(
    before: FactEvent, now: FactEvent, region: str, *, known_by: str, at: datetime
) -> FactEvent | None:
    """Return what is to be said so that a fact's person is known as a fact reads now.

    Args:
        before: As it was said, or last corrected.
        now: As it reads now, under the same id.
        region: ISO 3166 region of phone numbers without a country code.
        known_by: The correction's own id.
        at: When the fact happened, as it was said.

    Returns:
        None where nothing about the person differs, or where it cannot be said: another person is named.
    """
    news = _news(before, now)
    if not can_be_corrected(before, now, region) or (not news and before.data.subject == now.data.subject):
        return None
    return FactEvent(
        id=known_by,
        source=now.source,
        type=f"{TYPE_PREFIX}enriched",
        time=at,
        data=FactData(subject=now.data.subject, fact=Enriched(attributes=news), test=now.data.test),
    )


def can_be_corrected(before: FactEvent, now: FactEvent, region: str) -> bool:
    """Say whether what a fact tells of its person can be told again: it is the same one, and not too much."""
    facts = (before.data.fact, now.data.fact)
    was, known = (set(identifiers_of(one.data.subject, region)) for one in (before, now))
    return (
        all(isinstance(fact, Captured | Enriched) for fact in facts)
        and before.data.test == now.data.test
        and was <= known
        and len(_news(before, now)) <= MOST_ATTRIBUTES
    )


def stays(before: FactEvent, now: FactEvent, region: str) -> bool:
    """Say whether a fact reads otherwise now in something that no correction can say."""
    if not can_be_corrected(before, now, region):
        return before != now
    return _bare(before) != _bare(now)


def _news(before: FactEvent, now: FactEvent) -> Attributes:
    return attribute_news(attributes_of(before), attributes_of(now))


def _bare(event: FactEvent) -> FactEvent:
    """Return an event without what a correction can say."""
    fact = event.data.fact.model_copy(update={"attributes": {}})
    return event.model_copy(
        update={"data": event.data.model_copy(update={"subject": Subject(), "fact": fact})}
    )
