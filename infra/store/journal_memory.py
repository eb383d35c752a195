"""A store in the midst of a transaction, as the journal sees it, and the embedded log."""

import secrets as chance
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from infra.decision import SignedAgreement
from infra.journal import LogRecord
from infra.keyring import SECRET_BYTES
from infra.store.memory import CHUNK, chunks
from infra.store.tables import (
    agreements,
    facts,
    identities,
    imports,
    positions,
    records,
    secrets,
    seen,
    states,
)
from schemas.sequencing import Bound
from schemas.vocabulary import LeadId, WorkerName


class StoredJournalMemory:
    """What the journal asks of a store, answered from one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def seen(self, keys: Sequence[bytes]) -> set[bytes]:
        """Return which of these events were admitted before."""
        found: set[bytes] = set()
        for start in range(0, len(keys), CHUNK):
            some = keys[start : start + CHUNK]
            found.update(self._connection.execute(select(seen.c.key).where(seen.c.key.in_(some))).scalars())
        return found

    def bound(self, keys: Sequence[bytes]) -> dict[bytes, Bound]:
        """Return which leads these identifiers name."""
        found: dict[bytes, Bound] = {}
        for start in range(0, len(keys), CHUNK):
            some = keys[start : start + CHUNK]
            for row in self._connection.execute(select(identities).where(identities.c.key.in_(some))):
                found[row.key] = Bound(row.lead_id, row.erased)
        return found

    def files(self, lead_ids: Sequence[LeadId]) -> dict[LeadId, str]:
        """Return what the sequencer kept of these leads, as JSON."""
        found: dict[LeadId, str] = {}
        for some in chunks(lead_ids):
            rows = self._connection.execute(
                select(states.c.lead_id, states.c.state).where(
                    states.c.worker == WorkerName.SEQUENCER,
                    states.c.partition == 0,
                    states.c.lead_id.in_(some),
                )
            )
            found.update((row.lead_id, row.state) for row in rows)
        return found

    def imports(self) -> dict[str, bool]:
        """Return the ids of imports, and whether each is still open."""
        return {row.import_id: row.closed_seq is None for row in self._connection.execute(select(imports))}

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


def read_log(connection: Connection, next_offset: int, limit: int) -> list[LogRecord]:
    """Return the next records of the embedded log."""
    rows = connection.execute(
        select(records).where(records.c.offset >= next_offset).order_by(records.c.offset).limit(limit)
    )
    return [LogRecord(row.offset, row.received_at, row.value) for row in rows]


def append_log(connection: Connection, values: Sequence[bytes], received_at: datetime) -> None:
    """Append records to the embedded log; ``received_at`` has been read inside this transaction."""
    connection.execute(insert(records), [{"received_at": received_at, "value": value} for value in values])


def waiting(connection: Connection, next_offset: int) -> int:
    """Return how many records wait to be decided."""
    statement = select(func.count()).select_from(records).where(records.c.offset >= next_offset)
    return connection.execute(statement).scalar_one()


def undecided(connection: Connection) -> int:
    """Return how many records wait, whoever runs the line."""
    where = positions.c.worker == WorkerName.SEQUENCER
    return waiting(connection, connection.execute(select(positions.c.next_offset).where(where)).scalar() or 0)


def forget_log(connection: Connection, next_offset: int) -> None:
    """Delete records that have been decided: every reader is done with them."""
    connection.execute(delete(records).where(records.c.offset < next_offset))


def signed_agreements(connection: Connection) -> list[SignedAgreement]:
    """Return the agreements that were signed, oldest first."""
    rows = connection.execute(select(agreements).order_by(agreements.c.seq))
    return [SignedAgreement(row.seq, row.version, row.digest, row.effective_at, row.document) for row in rows]


def identity_secret(connection: Connection) -> bytes:
    """Return the store's own secret for hashing identifiers; made on first use."""
    known = connection.execute(select(secrets.c.value).where(secrets.c.name == "identity")).scalar()
    if known is None:
        known = chance.token_bytes(SECRET_BYTES)
        connection.execute(insert(secrets), {"name": "identity", "value": known})
    return known
