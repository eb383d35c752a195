"""A store that has to catch up with its log: one that was put back from a backup.

The topics then hold what workers said before, and their readers may come to a record before the worker that
wrote it has decided it again. To take the record is right, because it says again what it said. To fold a lead
again is not: the facts, the mergers and the conclusions upstream that its history consists of are not in the
store yet. Here each history is asked for together with how far the store has come.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from infra.memory import Ask, History
from infra.store.arrays import among
from infra.store.memory import StoredMemory, chunks
from infra.store.tables.hosts import positions, states
from schemas.vocabulary import LeadId, WorkerName


class StoreBehind(Exception):
    """The store does not hold yet what a record builds on; it will once whoever wrote it has caught up."""

    def __init__(self, worker: WorkerName, stands: int, needed: int) -> None:
        super().__init__(
            f"the store was put back, and {worker} has not caught up with its log: it stands at {stands} and "
            f"{needed} is needed"
        )


class CaughtUpMemory(StoredMemory):
    """A store in the midst of a transaction, whose histories are whole or not given at all."""

    def __init__(self, connection: Connection, partition: int) -> None:
        super().__init__(connection)
        self._partition = partition
        self._decided: int | None = None
        """The number of the last fact that the sequencer has decided."""
        self._versions: dict[LeadId, int] = {}
        """By lead: the last version that the worker upstream has said."""

    def prepare(self, worker: WorkerName, upstream: WorkerName | None, lead_ids: Sequence[LeadId]) -> None:
        """Read ahead what refolds of these leads will ask for."""
        super().prepare(worker, upstream, lead_ids)
        if upstream is not None:
            self._said_by(upstream, lead_ids)

    def history(self, upstream: WorkerName | None, ask: Ask) -> History:
        """Return the history asked for.

        Raises:
            StoreBehind: Not all of it is in the store yet.
        """
        decided = self._seq()
        if decided < ask.upto_seq:
            raise StoreBehind(WorkerName.SEQUENCER, decided, ask.upto_seq)
        if upstream is not None:
            said = self._said_by(upstream, [ask.lead_id])[ask.lead_id]
            if said < ask.upto_version:
                raise StoreBehind(upstream, said, ask.upto_version)
        return super().history(upstream, ask)

    def _seq(self) -> int:
        if self._decided is None:
            where = positions.c.worker == WorkerName.SEQUENCER
            self._decided = self._connection.execute(select(positions.c.seq).where(where)).scalar() or 0
        return self._decided

    def _said_by(self, upstream: WorkerName, lead_ids: Sequence[LeadId]) -> dict[LeadId, int]:
        """Return the last version that a worker has said of each lead, as far as the store knows."""
        known = self._versions
        wanted = [lead_id for lead_id in lead_ids if lead_id not in known]
        known |= dict.fromkeys(wanted, 0)
        for some in chunks(wanted):
            rows = self._connection.execute(
                select(states.c.lead_id, states.c.said).where(
                    states.c.worker == upstream,
                    states.c.partition == self._partition,
                    among(self._connection, states.c.lead_id, some),
                )
            )
            known |= {row.lead_id: row.said for row in rows}
        return known
