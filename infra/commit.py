"""The commit of a worker that runs in transactions of its own, free of any transport.

A ``Holding`` is one partition in the hands of this process: its position, which is its fence, and its
outbox. A ``Station`` is a worker at work on it: it reads what its topic delivers, decides, commits and
publishes. Whoever delivers (Kafka, a test's topic) may repeat and may go back; what was seen is dropped by
the versions that records carry.

After any exception a holding is nobody's: what had been decided is forgotten, and nothing is taken until
``take_over`` has made the partition this process's again and has sent what the outbox still holds. So a
crash, an error of delivery and a fence come to the same.

A store that breaks off is asked again for a few seconds (``infra.patience``) before it comes to an exception.
A transaction leaves nothing behind when it fails, except for one that fails at its COMMIT: whether that was
carried out, the position says.
"""

import json
import logging
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from pydantic import ValidationError

from infra.agreements import AgreementBook
from infra.decision import Decision, SignedAgreement
from infra.gaps import Awaited
from infra.json_text import brief
from infra.lull import LAST, Lull
from infra.memory import Memory
from infra.outbox import Outgoing, Publish, in_steps, outgoing, outgoing_letter, packed, unpacked
from infra.partition import Partition
from infra.patience import patiently
from infra.store.caught_up import CaughtUpMemory, StoreBehind
from infra.store.database import Database, Transaction
from infra.store.errors import StoreUnavailable
from infra.store.journal_memory import signed_agreements
from infra.store.positions import Position, advance, stored_version, take_over
from infra.store.writing import stow, stowed, write_decision
from infra.watching import Arrival, watch_nothing
from infra.wire import read_record
from infra.worker import Worker
from schemas.dead_letters import DeadReason, PublishedLetter
from schemas.entries import Entry, JournalRecord, Signing, Tick
from schemas.vocabulary import WorkerName

__all__ = ["Delivered", "Holding", "NotHeld", "Outgoing", "Publish", "Station", "untold"]

Asked = TypeVar("Asked")

log = logging.getLogger(__name__)

TIMERS_A_COMMIT = 1000
LEADS_A_VISIT = 500


@dataclass(frozen=True, slots=True)
class Delivered:
    """One record as a topic delivers it."""

    offset: int
    value: bytes


def untold(_: object) -> None:
    """Tell nobody what was committed."""


class NotHeld(Exception):
    """The partition must be taken over first."""

    def __init__(self, worker: str, partition: int) -> None:
        super().__init__(f"{worker}/{partition} is not held by this process; call take_over first")


class Holding:
    """One partition in the hands of this process."""

    def __init__(self, database: Database, worker: WorkerName, number: int, publish: Publish) -> None:
        self.database = database
        self.worker = worker
        self.number = number
        self._publish = publish
        self._position: Position | None = None
        self._sent: int | None = None

    @property
    def position(self) -> Position:
        """Where the worker stands.

        Raises:
            NotHeld: It was not taken over, or something went wrong since.
        """
        if self._position is None:
            raise NotHeld(self.worker, self.number)
        return self._position

    def take_over(self) -> Position:
        """Make the partition this process's, and publish what the outbox still holds."""
        self._position = None
        position, left = patiently(self._taken_over)
        for _, records in left:
            self._send(unpacked(records))
        self._sent = left[-1][0] if left else None
        self._position = position
        return position

    def _taken_over(self) -> tuple[Position, list[tuple[int, bytes]]]:
        with self.database.writing() as connection:
            position = take_over(connection, self.worker, self.number)
            return position, stowed(connection, self.worker, self.number)

    def commit(
        self,
        write: Callable[[Transaction], None],
        records: Sequence[JournalRecord],
        letters: Sequence[PublishedLetter] = (),
        **changes: Any,
    ) -> None:
        """Make a decision stand, then publish what it says.

        In one transaction:

        1. the position moves on, if its version is still the one in hand;
        2. states, timers and the read model are written (``write``);
        3. the outgoing records become one row of the outbox, and the row of the last commit, whose records
           have been acknowledged, is deleted;

        COMMIT; and after it:

        4. the records are published, ticks and signings when all before them have been acknowledged;
        5. their row is deleted by the next commit (3), or they are published again by who takes over.

        Raises:
            Fenced: Another process has taken the partition over; nothing was written.
            RecordTooBig: No topic takes one of the records; nothing was written.
            StoreUnavailable: The store did not serve for some seconds; what was decided stands or does not.
        """
        position, self._position = self.position, None  # given back when all has gone well
        said = [outgoing(record) for record in records]
        said += [outgoing_letter(letter) for letter in letters]
        row = packed(said)
        moved: Position | None = None

        def stand() -> Position:
            nonlocal moved
            with self.database.writing() as connection:
                if moved is not None and self._stands(connection, moved):  # its COMMIT's answer was lost
                    return moved
                moved = advance(connection, self.worker, self.number, position, **changes)
                write(connection)
                stow(connection, self.worker, self.number, moved.version, row, self._sent)
            return moved

        moved = patiently(stand)
        self._send(said)
        self._sent = moved.version if said else None
        self._position = moved

    def _send(self, records: Sequence[Outgoing]) -> None:
        for some in in_steps(records):
            self._publish(some)

    def _stands(self, connection: Transaction, moved: Position) -> bool:
        return stored_version(connection, self.worker, self.number) == moved.version


def _read(one: Delivered) -> JournalRecord | PublishedLetter:
    try:
        return read_record(one.value)
    except ValidationError as error:
        detail = f"offset {one.offset} holds no record of the line ({brief(str(error.errors()[0]['msg']))})"
        original = b64encode(one.value).decode()
        return PublishedLetter(reason=DeadReason.SCHEMA, detail=detail, offset=one.offset, original=original)


class Station:
    """One worker at work on one partition."""

    def __init__(
        self,
        worker: Worker,
        number: int,
        database: Database,
        publish: Publish,
        told: Callable[[Decision], None] = untold,
        arrive: Arrival = watch_nothing,
    ) -> None:
        self._holding = Holding(database, worker.name, number, publish)
        self._told = told
        self._arrive = arrive
        self._worker = worker
        self._database = database
        self._begin()

    def _begin(self) -> None:
        """Know nothing but what the store will say."""
        number, self._book = self._holding.number, AgreementBook()
        self._awaited = Awaited(self._worker.name)
        self._lull = Lull()
        self._partition = Partition(self._worker, number, self._book, awaited=self._awaited)

    def take_over(self) -> int:
        """Make the partition this process's; return the offset to read from.

        What was known before is forgotten, agreements included: the store may have been set back.
        """
        self._begin()
        position = self._holding.take_over()
        self._read_agreements()
        self._partition.clock = position.clock
        return position.next_offset

    def process(self, batch: Sequence[Delivered]) -> None:
        """Decide what the topic delivers, in its order: entries together, and with them ticks behind them.

        Each commit follows the numbered steps of ``Holding.commit``.

        A record beyond a lead's next one is passed over: it comes again behind the one that was lost
        (``infra.gaps``).

        Raises:
            Gap: What is missing from the topic has not come for 60 seconds of the log's time.
            Fenced: Another process has taken the partition over.
            RecordTooBig: No topic takes what would be said.
            StoreBehind: The store was put back, and does not hold yet what a record builds on.
        """
        with self._forgetting():
            self._finish_visit()
            entries: list[Entry] = []
            ticks: list[tuple[int, datetime]] = []
            for one in batch:
                record = _read(one)
                if isinstance(record, Tick):
                    ticks.append((one.offset, record.stamp))
                    continue
                if ticks or not isinstance(record, Entry):
                    self._decide(entries, ticks, one.offset)
                    entries, ticks = [], []
                if isinstance(record, Entry):
                    entries.append(record)
                elif isinstance(record, PublishedLetter):
                    self._put_aside(record, one.offset + 1)
                else:
                    self._sign(record, one.offset + 1)
            if batch:
                self._decide(entries, ticks, batch[-1].offset + 1)

    def _decide(
        self, entries: Sequence[Entry], ticks: Sequence[tuple[int, datetime]], next_offset: int
    ) -> None:
        """Decide entries and let time come on behind them: in one commit, as long as nothing falls due.

        What falls due is decided over a store that holds the entries' timers, so then they are committed
        first. Either way a tick is sent when what stands before it in the outbox has been acknowledged.
        """
        if not (entries or ticks):
            return
        decision, stamps = self._decided(entries), list[datetime]()
        for offset, stamp in ticks:
            clock = stamps[-1] if stamps else self._holding.position.clock
            if clock is not None and stamp <= clock:  # a repeat, or a zombie's: the highest wins
                continue
            if self._awaited.missing or self._lull.may_end_by(stamp, decision):
                if entries or stamps:
                    self._stand(decision, stamps, offset)
                decision, entries, stamps = Decision(), (), []
                if self._awaited.holds(stamp):
                    continue
                self._fire(stamp)
            stamps.append(stamp)
        if entries or stamps or not self._awaited.missing:
            self._stand(decision, stamps, next_offset)

    def _stand(self, decision: Decision, stamps: Sequence[datetime], next_offset: int) -> None:
        """Commit a decision, and that time has come to each of the instants behind it."""
        next_offset = self._not_before(next_offset)
        if not stamps:
            self._commit(decision, next_offset=next_offset)
            return
        decision.outgoing += map(Tick, stamps)
        befores = [self._holding.position.clock, *stamps]

        def arrive(connection: Transaction) -> None:
            for before, stamp in zip(befores, stamps, strict=False):
                self._arrive(connection, before, stamp, self._book)

        self._commit(decision, arrive, next_offset=next_offset, clock=stamps[-1])
        self._partition.clock = stamps[-1]

    def _decided(self, entries: Sequence[Entry]) -> Decision:
        if not entries:
            return Decision()
        return self._asked(lambda memory: self._partition.decide(memory, entries))

    def _asked(self, ask: Callable[[Memory], Asked]) -> Asked:
        """Let the partition decide over the store; if that breaks off, anew from what was committed."""

        def once() -> Asked:
            try:
                with self._database.deciding() as connection:
                    return ask(CaughtUpMemory(connection, self._partition.number))
            except StoreUnavailable:
                self._partition.forget()
                raise

        return patiently(once)

    def _put_aside(self, letter: PublishedLetter, next_offset: int) -> None:
        """Pass over what no worker of the line wrote; if it did, its reader finds a version missing."""
        log.warning("%s/%d: %s", self._worker.name, self._partition.number, letter.detail)
        self._holding.commit(lambda _: None, [], [letter], next_offset=self._not_before(next_offset))

    def _fire(self, stamp: datetime) -> None:
        while (decision := self._asked(partial(self._due, stamp))) is not None:
            self._commit(decision)

    def _due(self, stamp: datetime, memory: Memory) -> Decision | None:
        """Return what falls due by ``stamp``; once there is nothing, take note of what does next."""
        decision = self._partition.fire(memory, stamp, TIMERS_A_COMMIT)
        if decision is None:
            self._lull.begin(memory.due(self._worker.name, self._partition.number, LAST, 1))
        return decision

    def _sign(self, signing: Signing, next_offset: int) -> None:
        """Pass a signing on, then visit every lead before anything else is taken."""
        if (known := self._read_agreements()) < signing.seq:
            raise StoreBehind(WorkerName.SEQUENCER, known, signing.seq)
        decision, next_offset = Decision(outgoing=[signing]), self._not_before(next_offset)
        if signing.seq <= self._holding.position.seq:  # visited before: a repeat
            self._commit(Decision(), next_offset=next_offset)
            return
        cursor = json.dumps({"seq": signing.seq, "stamp": signing.stamp.isoformat(), "after": ""})
        self._commit(decision, next_offset=next_offset, seq=signing.seq, cursor=cursor)
        self._finish_visit()

    def _finish_visit(self) -> None:
        while (text := self._holding.position.cursor) is not None:
            cursor = json.loads(text)
            decision = self._asked(partial(self._visited, cursor))
            if decision is None:
                self._commit(Decision(), cursor=None)
            else:
                self._commit(decision, cursor=json.dumps(cursor | {"after": decision.cursor}))

    def _visited(self, cursor: Mapping[str, Any], memory: Memory) -> Decision | None:
        signing = Signing(cursor["seq"], datetime.fromisoformat(cursor["stamp"]), "")
        return self._partition.visit(memory, signing, cursor["after"], LEADS_A_VISIT)

    def _commit(
        self, decision: Decision, also: Callable[[Transaction], object] = untold, **changes: Any
    ) -> None:
        def write(connection: Transaction) -> None:
            write_decision(connection, self._worker.name, self._partition.number, decision)
            also(connection)

        self._lull.arm(decision)
        speaks = [one for one in decision.outgoing if self._worker.relays or isinstance(one, Entry)]
        self._holding.commit(write, speaks, **changes)
        self._told(decision)

    def _not_before(self, next_offset: int) -> int:
        standing = self._holding.position.next_offset
        return self._awaited.stand(standing, max(next_offset, standing))

    def _read_agreements(self) -> int:
        """Read what was signed; return the number of the last signing."""
        found = patiently(self._signed)
        for signed in found:
            self._book.add(signed)
        return found[-1].seq if found else 0

    def _signed(self) -> list[SignedAgreement]:
        with self._database.reading() as connection:
            return signed_agreements(connection)

    @contextmanager
    def _forgetting(self) -> Iterator[None]:
        """Whatever goes wrong, nothing that was decided and not committed is remembered."""
        try:
            yield
        except BaseException:
            self._partition.forget()
            raise
