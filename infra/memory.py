"""What a partition asks of a store: what was kept of its leads, their history, and what falls due.

Given as a protocol, because ``infra.partition`` has no I/O of its own: a host hands it a store in the midst
of a transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from infra.decision import Kept
from infra.fold import BEGINNING
from schemas.entries import Concluded, Entry
from schemas.records import record
from schemas.vocabulary import LeadId, WorkerName


@record(frozen=True, slots=True)
class Ask:
    """Which history is wanted: a lead's, up to an entry, with what stood upstream by a version.

    What lies before ``since`` is not asked for, and need not be read.
    """

    lead_id: LeadId
    upto_seq: int
    upto_version: int
    since: datetime = BEGINNING


@dataclass(slots=True)
class History:
    """A lead's facts (those of leads that it absorbed included) and what stands upstream; unordered."""

    facts: list[Entry] = field(default_factory=list)
    said: list[Concluded] = field(default_factory=list)


class Memory(Protocol):
    """A store, as a partition sees it."""

    def kept(self, worker: WorkerName, partition: int, lead_ids: Sequence[LeadId]) -> dict[LeadId, Kept]:
        """Return what was kept of these leads; those it never saw are left out."""

    def due(
        self, worker: WorkerName, partition: int, until: datetime, limit: int
    ) -> list[tuple[LeadId, datetime]]:
        """Return the timers due by ``until``, ordered by (due_at, lead, kind), at most ``limit``."""

    def leads_after(self, worker: WorkerName, partition: int, after: LeadId, limit: int) -> list[LeadId]:
        """Return the next leads in order of their ids."""

    def prepare(self, worker: WorkerName, upstream: WorkerName | None, lead_ids: Sequence[LeadId]) -> None:
        """Read ahead what refolds of these leads will ask for."""

    def history(self, upstream: WorkerName | None, ask: Ask) -> History:
        """Return the history asked for."""

    def standing(self, worker: WorkerName, lead_id: LeadId, since: datetime = BEGINNING) -> list[Concluded]:
        """Return what a worker's conclusions about a lead's time since then came to before this batch."""
