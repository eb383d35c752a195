"""Bearer keys of sources: made once, kept as digests, revoked for good."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from infra.arrivals import KeyRow
from infra.store.tables.front_door import access_keys


def keep_key(connection: Connection, key: KeyRow) -> None:
    """Keep a new key."""
    values = {"id": key.id, "source": key.source, "hash": key.hash, "created_at": key.created_at}
    connection.execute(insert(access_keys), values)


def revoke_key(connection: Connection, key_id: str, at: datetime) -> bool:
    """Revoke a key; False if there is none that is live."""
    live = access_keys.c.id == key_id, access_keys.c.revoked_at.is_(None)
    return connection.execute(update(access_keys).where(*live).values(revoked_at=at)).rowcount == 1


def keys_of(connection: Connection, *, live_only: bool = False) -> Sequence[KeyRow]:
    """Return the keys, the oldest first."""
    statement = select(access_keys).order_by(access_keys.c.created_at, access_keys.c.id)
    if live_only:
        statement = statement.where(access_keys.c.revoked_at.is_(None))
    return [
        KeyRow(row.id, row.source, row.hash, row.created_at, row.revoked_at)
        for row in connection.execute(statement)
    ]
