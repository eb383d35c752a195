"""Forgetting people: their personal data blanked wherever facts have it; keyed hashes stay, as tombstones.

A fact that came in at the front door stands there, too, in the request as it was sent. A request that says
several facts is emptied as a whole when one of them is about somebody who was forgotten: what was made of it
stays, and it cannot be read again. Dead letters are forgotten by ``infra.store.burying``.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, select, tuple_, union, update

from infra.keyring import name_key
from infra.store.memory import CHUNK, chunks
from infra.store.reading.leads import absorbed_by
from infra.store.tables.front_door import made_facts, originals, told_again
from infra.store.tables.hosts import identities, seen
from infra.store.tables.read_model import dead_letters, facts, leads
from schemas.vocabulary import LeadId

_BLANK = {"name": None, "email": None, "phone": None, "company": None, "external_ids": None}


def forget_lead(connection: Connection, lead_id: LeadId) -> None:
    """Blank a lead's personal data, with those that it absorbed."""
    homes = [lead_id, *absorbed_by(connection, lead_id)]
    for some in chunks(homes):
        _blank_facts(connection, facts.c.lead_id.in_(some))
        connection.execute(update(identities).where(identities.c.lead_id.in_(some)).values(erased=True))
        connection.execute(update(leads).where(leads.c.lead_id.in_(some)).values(erased=True, **_BLANK))


def forget_facts(connection: Connection, numbers: Sequence[int]) -> None:
    """Blank facts on other leads that somebody who was forgotten stands in."""
    for start in range(0, len(numbers), CHUNK):
        _blank_facts(connection, facts.c.seq.in_(numbers[start : start + CHUNK]))


def forget_requests(connection: Connection, events: Iterable[tuple[str, str]]) -> None:
    """Empty the requests that said these events (source, id)."""
    if connection.execute(select(originals.c.id).limit(1)).first() is None:
        return
    keys = [name_key(*one) for one in events]
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        said = [select(each.c.original_id).where(each.c.key.in_(some)) for each in (made_facts, told_again)]
        _empty(connection, connection.execute(union(*said)).scalars().all())


def forget_repeats(connection: Connection, repeats: Iterable[tuple[bytes, int]]) -> None:
    """Empty requests that say again what is blank: vendors send again what somebody said who is forgotten.

    Args:
        connection: In a writing transaction.
        repeats: Keys of events, each with the number of a request that says it again.
    """
    said = list(repeats)
    for start in range(0, len(said), CHUNK):
        some = said[start : start + CHUNK]
        statement = (
            select(seen.c.key)
            .join(facts, facts.c.seq == seen.c.seq)
            .where(seen.c.key.in_([key for key, _ in some]))
            .where(facts.c.lead_id.is_not(None), facts.c.original.is_(None))
        )
        blank = set(connection.execute(statement).scalars())
        _empty(connection, [number for key, number in some if key in blank])


def forget_refused_repeats(connection: Connection, repeats: Sequence[tuple[str, str, int]]) -> None:
    """Empty requests that say again what was refused because its person had been forgotten.

    Args:
        connection: In a writing transaction.
        repeats: The source and the id of each event, with the number of a request that says it again.
    """
    name = dead_letters.c.source, dead_letters.c.event_id
    for start in range(0, len(repeats), CHUNK):
        some = [((one[:128], event[:128]), number) for one, event, number in repeats[start : start + CHUNK]]
        said = tuple_(*name).in_({one for one, _ in some})
        rows = connection.execute(select(*name).where(said, dead_letters.c.original.is_(None)))
        empty = {(row.source, row.event_id) for row in rows}
        _empty(connection, [number for one, number in some if one in empty])


def _empty(connection: Connection, numbers: Sequence[int]) -> None:
    gone = {"body": None, "target": "", "headers": "[]"}
    connection.execute(update(originals).where(originals.c.id.in_(numbers)).values(gone))


def _blank_facts(connection: Connection, these: ColumnElement[bool]) -> None:
    events = connection.execute(select(facts.c.source, facts.c.event_id).where(these))
    forget_requests(connection, [(row.source, row.event_id) for row in events])
    connection.execute(update(facts).where(these).values(original=None))
