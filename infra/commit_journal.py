"""The sequencer's commit, as a worker in transactions of its own: the sibling of ``infra.commit.Station``.

The numbered steps are those of ``Holding.commit``; what differs is where the input comes from (the log of
facts, with its own times) and that ticks are born here. A heartbeat, read back, becomes a tick behind
everything that came before it in the log. The close of an import sends a tick ahead of the leads that it
has folded again, so that each worker folds them up to the close.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from infra.agreements import AgreementBook
from infra.commit import Holding, Publish, untold
from infra.decision import DeadRow, JournalDecision, SignedAgreement
from infra.journal.journal import Journal
from infra.journal.ports import LogRecord, SequencerRule
from infra.keyring import Keyring
from infra.patience import patiently
from infra.store.database import Database
from infra.store.journal_memory import StoredJournalMemory, identity_secret, signed_agreements
from infra.store.writing import write_journal
from infra.wire import read_fact
from schemas.dead_letters import PublishedLetter
from schemas.entries import Tick
from schemas.facts import TYPE_PREFIX, FactEvent, Heartbeat
from schemas.vocabulary import WorkerName

_MARK = f"{TYPE_PREFIX}heartbeat".encode()


class JournalStation:
    """The sequencer at work on the log of facts."""

    def __init__(
        self,
        rule: SequencerRule,
        database: Database,
        publish: Publish,
        told: Callable[[JournalDecision], None] = untold,
    ) -> None:
        self._holding = Holding(database, WorkerName.SEQUENCER, 0, publish)
        self._told = told
        self._rule = rule
        self._database = database
        self._book = AgreementBook()
        self._journal: Journal

    def take_over(self) -> int:
        """Make the log this process's to read; return the offset to read from."""
        position = self._holding.take_over()
        secret, signed = patiently(self._kept)
        self._book = AgreementBook(signed)
        self._journal = Journal(
            self._rule,
            self._book,
            Keyring(secret),
            seq=position.seq,
            stamp=position.clock,
            cursor=position.cursor,
        )
        return position.next_offset

    def _kept(self) -> tuple[bytes, list[SignedAgreement]]:
        with self._database.writing() as connection:
            return identity_secret(connection), signed_agreements(connection)

    def process(self, records: Sequence[LogRecord]) -> None:
        """Decide records of the log; those before the position have been decided and are passed over.

        Raises:
            Fenced: Another process has taken the log over.
        """
        self._finish_closing()
        left = [one for one in records if one.offset >= self._holding.position.next_offset]
        while left:
            some = _upto_heartbeat(left)
            decision = self._asked(partial(self._journal.decide, records=some))
            last = max((one for one in some if one.offset < decision.next_offset), key=lambda one: one.offset)
            if is_heartbeat(last):
                decision.stamp = _later(decision.stamp, last.received_at)
                decision.outgoing.append(Tick(decision.stamp))
            self._commit(decision)
            self._finish_closing()
            left = [one for one in left if one.offset >= decision.next_offset]

    def _finish_closing(self) -> None:
        while self._journal.cursor is not None:
            next_offset = self._holding.position.next_offset
            decision = self._asked(partial(self._journal.go_on, next_offset=next_offset))
            if decision.stamp is not None:
                decision.outgoing.insert(0, Tick(decision.stamp))
            self._commit(decision)

    def _asked(self, ask: Callable[[StoredJournalMemory], JournalDecision]) -> JournalDecision:
        """Let the journal decide over the store; if that breaks off, again: nothing has changed."""

        def once() -> JournalDecision:
            with self._database.deciding() as connection:
                return ask(StoredJournalMemory(connection))

        return patiently(once)

    def _commit(self, decision: JournalDecision) -> None:
        self._holding.commit(
            lambda connection: write_journal(connection, decision),
            decision.outgoing,
            [_published(row) for row in decision.dead],
            next_offset=decision.next_offset,
            seq=decision.seq,
            clock=decision.stamp,
            cursor=decision.cursor,
        )
        self._journal.committed(decision)
        self._told(decision)
        for signed in decision.signed:
            self._book.add(signed)


def is_heartbeat(record: LogRecord) -> bool:
    """Say whether a record is one of the sequencer's own heartbeats."""
    if _MARK not in record.value:  # spares every other fact a second reading
        return False
    event = read_fact(record.value)
    return isinstance(event, FactEvent) and isinstance(event.data.fact, Heartbeat)


def _published(row: DeadRow) -> PublishedLetter:
    """Return a dead letter as its topic carries it."""
    original = None if row.original is None else b64encode(row.original).decode()
    letter = row.letter.model_dump() | {"received_at": row.received_at}
    return PublishedLetter(**letter, offset=row.offset, original=original)


def _upto_heartbeat(records: Sequence[LogRecord]) -> Sequence[LogRecord]:
    for place, record in enumerate(records):
        if is_heartbeat(record):
            return records[: place + 1]
    return records


def _later(stamp: datetime | None, received_at: datetime) -> datetime:
    return received_at if stamp is None else max(stamp, received_at)
