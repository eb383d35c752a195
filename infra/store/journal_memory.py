"""A store in the midst of a transaction, as the journal sees it, and the embedded log."""

import json
import secrets as chance
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from infra.agreements import AgreementBook
from infra.decision import SignedAgreement
from infra.journal.ports import FirstSaid, LogRecord, Sent, Shown
from infra.keyring import SECRET_BYTES
from infra.store.arrays import among
from infra.store.bulk import insert_rows
from infra.store.filing import buried, filed_under, tombstones
from infra.store.memory import CHUNK, chunks
from infra.store.tables.hosts import (
    agreements,
    identities,
    imports,
    merges,
    positions,
    records,
    secrets,
    seen,
    states,
    topics,
)
from infra.store.tables.read_model import dead_letters, facts, leads
from schemas.agreement import Identity
from schemas.vocabulary import LeadId, WorkerName


class StoredJournalMemory:
    """What the journal asks of a store, answered from one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def seen(self, keys: Sequence[bytes]) -> dict[bytes, FirstSaid]:
        """Return which of these events were admitted before, and what they said."""
        found: dict[bytes, FirstSaid] = {}
        for start in range(0, len(keys), CHUNK):
            some = keys[start : start + CHUNK]
            rows = self._connection.execute(_FIRST_SAID.where(among(self._connection, seen.c.key, some)))
            for key, original, fact, lead_id in rows:
                found[key] = FirstSaid(original, fact, forgotten=original is None and lead_id is not None)
        return found

    def bound(self, keys: Sequence[bytes]) -> dict[bytes, LeadId]:
        """Return which leads these identifiers name."""
        found: dict[bytes, LeadId] = {}
        for start in range(0, len(keys), CHUNK):
            some = keys[start : start + CHUNK]
            rows = self._connection.execute(_BOUND.where(among(self._connection, identities.c.key, some)))
            found.update((key, lead_id) for key, lead_id in rows)
        return found

    def files(self, lead_ids: Sequence[LeadId]) -> dict[LeadId, str]:
        """Return what the sequencer kept of these leads, as JSON."""
        found: dict[LeadId, str] = {}
        for some in chunks(lead_ids):
            rows = self._connection.execute(
                select(states.c.lead_id, states.c.state).where(
                    states.c.worker == WorkerName.SEQUENCER,
                    states.c.partition == 0,
                    among(self._connection, states.c.lead_id, some),
                )
            )
            found.update((lead_id, state) for lead_id, state in rows)
        return found

    def imports(self, import_ids: Sequence[str]) -> dict[str, bool]:
        """Return which of these imports there are, and whether each is still open."""
        found: dict[str, bool] = {}
        for some in chunks(import_ids):
            rows = self._connection.execute(
                select(imports).where(among(self._connection, imports.c.import_id, some))
            )
            found.update((row.import_id, row.closed_seq is None) for row in rows)
        return found

    def touched(self, import_id: str, after: LeadId, limit: int) -> list[LeadId]:
        """Return the next leads that an import has facts about, in order of their ids."""
        rows = self._connection.execute(
            select(facts.c.lead_id)
            .where(facts.c.import_id == import_id, facts.c.lead_id > after)
            .distinct()
            .order_by(facts.c.lead_id)
            .limit(limit)
        )
        return list(rows.scalars())

    def shown(self, lead_ids: Sequence[LeadId]) -> dict[LeadId, Shown]:
        """Return the personal data that is shown of these leads."""
        found: dict[LeadId, Shown] = {}
        for some in chunks(lead_ids):
            for row in self._connection.execute(_SHOWN.where(among(self._connection, leads.c.lead_id, some))):
                external_ids = json.loads(row.external_ids or "{}")
                found[row.lead_id] = Shown(row.name, row.email, row.phone, row.company, external_ids)
        return found

    def absorbed(self, lead_id: LeadId) -> list[LeadId]:
        """Return the leads that this one has absorbed, and not what those had absorbed."""
        statement = select(merges.c.absorbed).where(merges.c.survivor == lead_id, merges.c.to_seq.is_(None))
        return list(self._connection.execute(statement.order_by(merges.c.from_seq)).scalars())

    def originals(self, lead_id: LeadId) -> list[Sent]:
        """Return the facts placed on a lead as they were sent, oldest first; erased ones are left out."""
        rows = self._connection.execute(
            select(facts.c.seq, facts.c.original, facts.c.source)
            .where(facts.c.lead_id == lead_id, facts.c.original.is_not(None))
            .order_by(facts.c.seq)
        )
        return [Sent(row.seq, row.original, row.source) for row in rows]

    def filed(self, keys: Sequence[bytes]) -> list[int]:
        """Return the numbers of the dead letters that are filed under any of these clues, in order."""
        return filed_under(self._connection, keys)

    def letters(self, numbers: Sequence[int]) -> list[Sent]:
        """Return those of these dead letters that still have their bytes."""
        rows = self._connection.execute(
            select(dead_letters.c.id, dead_letters.c.original, dead_letters.c.source)
            .where(dead_letters.c.id.in_(numbers), dead_letters.c.original.is_not(None))
            .order_by(dead_letters.c.id)
        )
        return [Sent(row.id, row.original, row.source) for row in rows]

    def tombstones(self, keys: Sequence[bytes]) -> set[bytes]:
        """Return which of these clues are of people who were forgotten."""
        return tombstones(self._connection, keys)

    def buried(self, keys: Sequence[bytes]) -> set[tuple[bytes, str]]:
        """Return which of these letters were put aside before, and why; not those that are in order since."""
        return buried(self._connection, keys)


_FIRST_SAID = select(seen.c.key, facts.c.original, facts.c.fact, facts.c.lead_id).join(
    facts, facts.c.seq == seen.c.seq
)
_BOUND = select(identities.c.key, identities.c.lead_id)
_SHOWN = select(
    leads.c.lead_id, leads.c.name, leads.c.email, leads.c.phone, leads.c.company, leads.c.external_ids
)


def read_log(connection: Connection, next_offset: int, limit: int) -> list[LogRecord]:
    """Return the next records of the embedded log."""
    columns = select(records.c.offset, records.c.received_at, records.c.value)
    rows = connection.execute(
        columns.where(records.c.offset >= next_offset).order_by(records.c.offset).limit(limit)
    )
    return [LogRecord(*row) for row in rows]


def append_log(connection: Connection, values: Sequence[bytes], received_at: datetime) -> None:
    """Append records to the embedded log; ``received_at`` has been read inside this transaction.

    The transaction is one that is alone with the store: records must become visible in the order of their
    numbers, or a reader would pass over one that is committed late.
    """
    insert_rows(connection, records, [{"received_at": received_at, "value": value} for value in values])


def is_waiting(connection: Connection, next_offset: int) -> bool:
    """Say whether a record waits to be decided; as quick with a million of them as with one."""
    statement = select(records.c.offset).where(records.c.offset >= next_offset).limit(1)
    return connection.execute(statement).first() is not None


def waiting(connection: Connection, next_offset: int) -> int:
    """Return how many records wait to be decided."""
    statement = select(func.count()).select_from(records).where(records.c.offset >= next_offset)
    return connection.execute(statement).scalar_one()


def undecided(connection: Connection) -> int:
    """Return how many records wait, whoever runs the line.

    Where the log is a topic, the sequencer's position is a place there, and a record here is a fact of the
    front door that has not been sent.
    """
    if connection.execute(select(topics.c.name).limit(1)).first() is not None:
        return waiting(connection, 0)
    where = positions.c.worker == WorkerName.SEQUENCER
    return waiting(connection, connection.execute(select(positions.c.next_offset).where(where)).scalar() or 0)


def forget_log(connection: Connection, next_offset: int) -> None:
    """Delete records that have been decided: every reader is done with them."""
    connection.execute(delete(records).where(records.c.offset < next_offset))


def forget_records(connection: Connection, offsets: Sequence[int]) -> None:
    """Delete records that have been sent."""
    for start in range(0, len(offsets), CHUNK):
        connection.execute(delete(records).where(records.c.offset.in_(offsets[start : start + CHUNK])))


def signed_agreements(connection: Connection) -> list[SignedAgreement]:
    """Return the agreements that were signed, oldest first."""
    rows = connection.execute(select(agreements).order_by(agreements.c.seq))
    return [SignedAgreement(row.seq, row.version, row.digest, row.effective_at, row.document) for row in rows]


def default_region(connection: Connection) -> str:
    """Return where phone numbers without a country's prefix are dialled, as the agreement has it."""
    book = AgreementBook(signed_agreements(connection)[-1:])
    return (Identity() if book.is_empty else book.newest.identity).default_region


def identity_secret(connection: Connection) -> bytes:
    """Return the store's own secret for hashing identifiers; made on first use."""
    known: bytes | None = connection.execute(_SECRET).scalar()
    if known is not None:
        return known
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    fresh = {"name": "identity", "value": chance.token_bytes(SECRET_BYTES)}
    connection.execute(dialect.insert(secrets).on_conflict_do_nothing(), fresh)  # another may be as new here
    made: bytes = connection.execute(_SECRET).scalar_one()
    return made


_SECRET = select(secrets.c.value).where(secrets.c.name == "identity")
