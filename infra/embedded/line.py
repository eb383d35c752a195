"""The whole line in one process over one SQLite file: one transaction takes a batch through every worker.

Since one transaction holds what every worker decided about a batch, no outbox is needed and nothing between
the workers is ever written: a crash finds the store before the batch or after it. The partitions are those
of any host (``infra.partition``); ticks are not stored.

Order within a tick: each worker fires what is due, what it says goes down the line, and only when it has
nothing left does the next one begin; so the tick passes a worker behind everything that came before it. A
tick by which nothing is due is one transaction, and whether there is a reason for one is seen by reading.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from infra.agreements import AgreementBook
from infra.decision import Decision, JournalDecision
from infra.journal.journal import Journal
from infra.journal.ports import SequencerRule
from infra.keyring import Keyring
from infra.partition import Partition
from infra.store.database import Database, Transaction
from infra.store.journal_memory import (
    StoredJournalMemory,
    forget_log,
    identity_secret,
    is_waiting,
    read_log,
    signed_agreements,
)
from infra.store.memory import StoredMemory
from infra.store.positions import advance, take_over
from infra.store.writing import write_decision, write_journal, write_rows
from infra.time_source import TimeSource
from infra.watching import Noticed, Watch
from infra.worker import Worker
from schemas.entries import Entry, Signing
from schemas.vocabulary import WorkerName

FACTS_A_BATCH = 1000
TIMERS_A_BATCH = 1000
LEADS_A_VISIT = 500

Progress = Callable[[str, int], None]
"""Called with what was done ("facts", "leads", "timers") and how many."""


def no_progress(what: str, count: int) -> None:
    """Say nothing."""


def watch_nothing(*_: object) -> tuple[Noticed, ...]:
    """Look at nothing."""
    return ()


class Line:
    """Every worker of one tenant, in the hands of one process that holds the line's lock."""

    def __init__(
        self,
        database: Database,
        workers: Sequence[Worker],
        sequencer: SequencerRule,
        now: TimeSource,
        *,
        watch: Watch = watch_nothing,
        batch: int = FACTS_A_BATCH,
        progress: Progress = no_progress,
    ) -> None:
        self._database = database
        self._workers = workers
        self._sequencer = sequencer
        self._now = now
        self._watch = watch
        self._batch = batch
        self._progress = progress
        self._log_is_stale = False
        self._take_over()

    def _take_over(self) -> None:
        """Make every partition this process's, and load where each of them stands."""
        with self._database.alone() as connection:
            self.book = AgreementBook(signed_agreements(connection))
            keyring = Keyring(identity_secret(connection))
            self._positions = {name: take_over(connection, name, 0) for name in self._names()}
        first = self._positions[WorkerName.SEQUENCER]
        self._journal = Journal(
            self._sequencer, self.book, keyring, seq=first.seq, stamp=first.clock, cursor=first.cursor
        )
        self._partitions = [
            Partition(worker, 0, self.book, self._positions[worker.name].clock) for worker in self._workers
        ]

    def _names(self) -> tuple[WorkerName, ...]:
        return (WorkerName.SEQUENCER, *(worker.name for worker in self._workers))

    # --- what a host asks

    def drain(self) -> None:
        """Decide everything that is in the log, then let time come to now."""
        while self.turn():
            pass
        self.tick()

    def turn(self) -> bool:
        """Do one batch of whatever comes first; false if there is nothing to do."""
        return self._visit_next() or self._go_on_closing() or self._decide_next()

    def tick(self) -> None:
        """Let the log's time come on, and fire what falls due.

        It comes to now; while records wait, only to the last one decided: a timer fires when everything
        stamped before it has been decided. Nothing happens in the midst of long work.

        Before that, what an erasure blanked is taken out of SQLite's log as well, once nobody is in the way.
        """
        if self._log_is_stale:
            self.fold_log()
        with self._transaction() as connection:
            stamp = self._time_to_come(connection)
            if stamp is None:
                return
            self._advance(connection, WorkerName.SEQUENCER, clock=stamp)
            place = self._fire(connection, 0, stamp)
        self._journal.stamp = stamp
        while place < len(self._partitions):
            with self._transaction() as connection:
                place = self._fire(connection, place, stamp)

    def fold_log(self) -> None:
        """Take what was blanked out of SQLite's log; if others are in the way, the next tick tries again."""
        self._log_is_stale = not self._database.fold_log()

    def is_due(self) -> bool:
        """Say whether a timer is due by now; it reads, and so holds nobody up."""
        until = self._now_or_later()
        with self._database.reading() as connection:
            memory = StoredMemory(connection)
            return any(memory.due(one.worker.name, one.number, until, 1) for one in self._partitions)

    # --- one batch at a time

    def _decide_next(self) -> bool:
        next_offset = self._positions[WorkerName.SEQUENCER].next_offset
        with self._database.reading() as connection:  # an idle line leaves the write lock to those who append
            if not is_waiting(connection, next_offset):
                return False
        with self._transaction() as connection:
            records = read_log(connection, next_offset, self._batch)
            decision = self._journal.decide(StoredJournalMemory(connection), records)
            forget_log(connection, decision.next_offset)
            self._write_journal(connection, decision)
        self._journal.committed(decision)
        if decision.erased or any(row.original is None for row in decision.dead):
            self._log_is_stale = True
        for signed in decision.signed:
            self.book.add(signed)
        self._progress("facts", sum(record.offset < decision.next_offset for record in records))
        return True

    def _go_on_closing(self) -> bool:
        if self._journal.cursor is None:
            return False
        with self._transaction() as connection:
            next_offset = self._positions[WorkerName.SEQUENCER].next_offset
            decision = self._journal.go_on(StoredJournalMemory(connection), next_offset)
            self._reach(connection, decision)
            self._write_journal(connection, decision)
        self._journal.committed(decision)
        self._progress("leads", len(decision.outgoing))
        return True

    def _reach(self, connection: Transaction, decision: JournalDecision) -> None:
        """Let the log's time come to the close of an import, so that its leads are folded up to then."""
        for partition in self._partitions:
            if decision.stamp is None or (partition.clock is not None and partition.clock >= decision.stamp):
                continue
            partition.clock = decision.stamp
            if (
                partition is not self._partitions[-1]
            ):  # whose time comes on by ticks: they look at the numbers
                self._advance(connection, partition.worker.name, clock=decision.stamp)

    def _write_journal(self, connection: Transaction, decision: JournalDecision) -> None:
        self._advance(
            connection,
            WorkerName.SEQUENCER,
            next_offset=decision.next_offset,
            seq=decision.seq,
            clock=decision.stamp,
            cursor=decision.cursor,
        )
        write_journal(connection, decision)
        self._pass_down(connection, [one for one in decision.outgoing if isinstance(one, Entry)])
        for signing in decision.outgoing:
            if isinstance(signing, Signing):
                self._announce(connection, signing)

    def _pass_down(self, connection: Transaction, entries: list[Entry], place: int = 0) -> None:
        """Take entries through the workers from ``place`` on.

        One that does not relay reads what the one before it read.
        """
        memory = StoredMemory(connection)
        for partition in self._partitions[place:]:
            if not entries:
                return
            decision = partition.decide(memory, entries)
            self._write(connection, partition, decision)
            if partition.worker.relays:
                entries = [one for one in decision.outgoing if isinstance(one, Entry)]

    def _write(
        self, connection: Transaction, partition: Partition, decision: Decision, **changes: object
    ) -> None:
        self._advance(connection, partition.worker.name, **changes)
        write_decision(connection, partition.worker.name, partition.number, decision)

    # --- a new agreement

    def _announce(self, connection: Transaction, signing: Signing) -> None:
        """Set every worker to visiting its leads.

        The last of the line first, so that each is done before it hears of others.
        """
        if not self.book.is_empty:
            cursor = json.dumps({"seq": signing.seq, "stamp": signing.stamp.isoformat(), "after": ""})
            for partition in self._partitions:
                self._advance(connection, partition.worker.name, cursor=cursor)

    def _visit_next(self) -> bool:
        for place in reversed(range(len(self._partitions))):
            partition = self._partitions[place]
            cursor = self._positions[partition.worker.name].cursor
            if cursor is not None:
                self._visit(place, partition, json.loads(cursor))
                return True
        return False

    def _visit(self, place: int, partition: Partition, cursor: dict[str, str]) -> None:
        signing = Signing(int(cursor["seq"]), datetime.fromisoformat(cursor["stamp"]), "")
        with self._transaction() as connection:
            decision = partition.visit(StoredMemory(connection), signing, cursor["after"], LEADS_A_VISIT)
            if decision is None:
                self._advance(connection, partition.worker.name, cursor=None)
                return
            following = json.dumps(cursor | {"after": decision.cursor})
            self._write(connection, partition, decision, cursor=following)
            self._hand_on(connection, place, partition, decision)
        self._progress("leads", len(decision.kept))

    # --- a tick

    def _time_to_come(self, connection: Transaction) -> datetime | None:
        """Return what time a tick brings; None while it may bring none."""
        if any(position.cursor is not None for position in self._positions.values()):
            return None
        if is_waiting(connection, self._positions[WorkerName.SEQUENCER].next_offset):
            return self._journal.stamp
        return self._now_or_later()

    def _now_or_later(self) -> datetime:
        now = self._now()
        return now if self._journal.stamp is None else max(now, self._journal.stamp)

    def _fire(self, connection: Transaction, first: int, stamp: datetime) -> int:
        """Fire a batch of the first worker, from this place on, that has a timer due.

        Time comes to those before it, who have none.

        Returns:
            The place to go on from.
        """
        for place, partition in enumerate(self._partitions[first:], first):
            decision = partition.fire(StoredMemory(connection), stamp, TIMERS_A_BATCH)
            if decision is not None:
                self._write(connection, partition, decision)
                self._hand_on(connection, place, partition, decision)
                self._progress("timers", len(decision.kept))
                return place
            self._come_to(connection, partition, stamp)
        return len(self._partitions)

    def _come_to(self, connection: Transaction, partition: Partition, stamp: datetime) -> None:
        """Let a worker's time come on; with the last one's, somebody looks at the numbers."""
        if partition is self._partitions[-1] and not self.book.is_empty:
            before = self._positions[partition.worker.name].clock
            noticed = self._watch(connection, before, stamp, self.book.newest)
            write_rows(connection, [one.row for one in noticed])
        self._advance(connection, partition.worker.name, clock=stamp)
        partition.clock = stamp

    def _hand_on(self, connection: Transaction, place: int, partition: Partition, decision: Decision) -> None:
        if partition.worker.relays:
            entries = [one for one in decision.outgoing if isinstance(one, Entry)]
            self._pass_down(connection, entries, place + 1)

    # --- transactions

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        """One transaction. Whatever ends it early, nothing that was decided in it is remembered."""
        before = dict(self._positions)
        try:
            with self._database.alone() as connection:
                yield connection
        except BaseException:
            self._positions = before
            for partition in self._partitions:
                partition.clock = before[partition.worker.name].clock
                partition.forget()
            raise

    def _advance(self, connection: Transaction, worker: WorkerName, **changes: object) -> None:
        self._positions[worker] = advance(connection, worker, 0, self._positions[worker], **changes)
