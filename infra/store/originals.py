"""Originals and what was made of them: the front door's share of the log on one machine.

Keeping is one transaction a batch, and so is what was made of a batch; the cursor says how far reading has
come. It is moved only by who names where it stands, so that two gateways on one store never make facts of a
request twice; and a fact's key is remembered, so that one that is sent again is not said again.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

import msgspec
from sqlalchemy import Connection, Select, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from infra.arrivals import Documents, MadeFact, Making, Original
from infra.store.bulk import insert_rows, upsert
from infra.store.burying import bury
from infra.store.forgetting import forget_refused_repeats, forget_repeats
from infra.store.journal_memory import append_log
from infra.store.memory import CHUNK
from infra.store.tables.front_door import cursors, made_facts, mappings, originals, told_again
from infra.store.tables.read_model import dead_letters
from infra.wire import read_fact
from schemas.facts import FactEvent

_CURSOR = "originals"

MOST_BYTES_AT_ONCE = 256 * 1024
"""Originals are read until there is this much of them."""


@dataclass(frozen=True, slots=True)
class KeptOriginal:
    """An original with its number; ``body`` is null where it has been erased."""

    id: int
    original: Original


def keep_originals(connection: Connection, arrived: Sequence[Original]) -> int:
    """Keep requests as they were sent.

    Their numbers follow one another in the order of the commits: what has been read goes by a number, and a
    lower one that were committed later would be passed over. SQLite has one writer anyway.

    Returns:
        The number of the first; the others follow in order.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE originals IN SHARE ROW EXCLUSIVE MODE")
    insert_rows(connection, originals, [_values(one) for one in arrived])
    # In the driver's own words: senders wait, and SQLAlchemy took longer over this than over the rows.
    last = connection.exec_driver_sql("SELECT max(id) FROM originals").scalar_one()
    return int(last) - len(arrived) + 1


def keep_mappings(connection: Connection, documents: Documents) -> None:
    """Remember the mappings that originals are read with."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    rows = [{"digest": digest, "document": text} for digest, text in documents.items()]
    if rows:
        connection.execute(dialect.insert(mappings).on_conflict_do_nothing(), rows)


def mapping_documents(connection: Connection) -> dict[str, str]:
    """Return every mapping that was ever in force, by its digest."""
    return {row.digest: row.document for row in connection.execute(select(mappings))}


def next_unread(connection: Connection) -> int:
    """Return the number of the first original that nothing has been made of."""
    found = connection.execute(select(cursors.c.next_id).where(cursors.c.name == _CURSOR)).scalar()
    return found or 1


def originals_from(connection: Connection, first_id: int, limit: int) -> list[KeptOriginal]:
    """Return originals in their order, from a number on; fewer where they are large."""
    statement = select(originals).where(originals.c.id >= first_id).order_by(originals.c.id).limit(limit)
    return _kept(connection, statement)


def originals_of(
    connection: Connection, source: str, since: datetime, after_id: int, limit: int
) -> list[KeptOriginal]:
    """Return the next originals of a source that were received since an instant and are not erased."""
    statement = (
        select(originals)
        .where(
            originals.c.source == source,
            originals.c.id > after_id,
            originals.c.received_at >= since,
            originals.c.body.is_not(None),
        )
        .order_by(originals.c.id)
        .limit(limit)
    )
    return _kept(connection, statement)


def write_making(connection: Connection, making: Making, received_at: datetime) -> bool:
    """Say the facts made of originals, put their dead letters aside, and move the cursor on.

    Args:
        connection: In a writing transaction.
        making: What was made.
        received_at: The log's time, read inside this transaction.

    Returns:
        False, and nothing is written, when the cursor does not stand where the making begins: somebody else
        has read these originals.
    """
    if not _move_cursor(connection, making):
        return False
    say_made(connection, making, received_at)
    return True


def say_made(connection: Connection, making: Making, received_at: datetime) -> int:
    """Say the facts of a making that have not been said before, and bury its dead letters.

    What is said again is not said; which requests said it is remembered all the same, so that every one of
    them is found when a person is to be forgotten, and emptied at once where that has happened already.

    Returns:
        How many facts were new.
    """
    known = known_facts(connection, [one.key for one in making.facts])
    fresh: dict[bytes, MadeFact] = {}
    again: set[tuple[bytes, int]] = {(one.key, one.original_id) for one in making.dead}
    for one in making.facts:
        if one.key in known or one.key in fresh:
            again.add((one.key, one.original_id))
        else:
            fresh[one.key] = one
    if fresh:
        rows = [{"key": key, "original_id": one.original_id} for key, one in fresh.items()]
        insert_rows(connection, made_facts, rows)
        append_log(connection, [one.value for one in fresh.values()], received_at)
    upsert(connection, told_again, [{"key": key, "original_id": number} for key, number in again])
    forget_repeats(connection, again)
    forget_refused_repeats(connection, [one for each in making.facts for one in _name(each, again)])
    if making.dead:
        bury(connection, [(one.letter, one.value) for one in making.dead], received_at)
    return len(fresh)


def _name(made: MadeFact, again: Collection[tuple[bytes, int]]) -> Iterator[tuple[str, str, int]]:
    """Yield the name of a fact that is said again, with the number of the request that says it."""
    said = read_fact(made.value) if (made.key, made.original_id) in again else None
    if isinstance(said, FactEvent):
        yield said.source, said.id, made.original_id


def known_facts(connection: Connection, keys: Sequence[bytes]) -> set[bytes]:
    """Return which of these facts the front door has said."""
    found: set[bytes] = set()
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        found.update(connection.execute(select(made_facts.c.key).where(made_facts.c.key.in_(some))).scalars())
    return found


def count_taken(connection: Connection) -> tuple[int, int]:
    """Return how many facts the front door has said, and how many dead letters there are."""
    facts = connection.execute(select(func.count()).select_from(made_facts)).scalar_one()
    dead = connection.execute(select(func.count()).select_from(dead_letters)).scalar_one()
    return facts, dead


def _move_cursor(connection: Connection, making: Making) -> bool:
    """Move the cursor from where the making begins; who comes second in PostgreSQL waits, and is refused."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    fresh = dialect.insert(cursors).on_conflict_do_nothing()
    connection.execute(fresh, {"name": _CURSOR, "next_id": 1})
    here = (cursors.c.name == _CURSOR) & (cursors.c.next_id == making.first_id)
    return connection.execute(update(cursors).where(here).values(next_id=making.next_id)).rowcount == 1


def _kept(connection: Connection, statement: Select[tuple[object, ...]]) -> list[KeptOriginal]:
    found: list[KeptOriginal] = []
    size = 0
    for row in connection.execute(statement.execution_options(yield_per=20)).mappings():
        headers = tuple((name, value) for name, value in json.loads(row["headers"]))
        named = {name: row[name] for name in _PLAIN}
        body = row["body"] or b""
        found.append(KeptOriginal(row["id"], Original(**named, headers=headers, body=body)))
        size += len(body)
        if size >= MOST_BYTES_AT_ONCE:
            break
    return found


_PLAIN = ("received_at", "source", "kind", "mapping", "method", "target", "verified")


_KEPT = (*_PLAIN, "body")
_kept_of = attrgetter(*_KEPT)
_as_json = msgspec.json.Encoder().encode


def _values(one: Original) -> dict[str, object]:
    return dict(zip(_KEPT, _kept_of(one), strict=True)) | {"headers": _as_json(one.headers).decode()}
