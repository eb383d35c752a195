"""Opening the line on a store: who holds its log and runs it, and an agreement in force.

The verbs that write (say, import, demo, sign, up) come through here; those that read open the store alone.
Whoever opens the line makes sure that something is signed: the agreement that was named, when it differs from
the newest in the store; for a new store the first of the files that it falls back on. Facts that Relevo says
of the line itself have ids that follow from the store, so that saying them twice changes nothing. A store
that was filled from Kafka remembers its topics: its facts are said there, and workers there decide them.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import services.sequencer
from infra.decision import SignedAgreement
from infra.embedded.host import EmbeddedHost
from infra.embedded.line import Progress, no_progress
from infra.embedded.lock import LineBusy, line_lock
from infra.settings import read_settings
from infra.store.address import read_address
from infra.store.database import Database
from infra.store.errors import SchemaMismatch
from infra.store.journal_memory import signed_agreements
from infra.store.opening import Durability, open_store
from infra.store.topics import known_topics
from infra.time_source import TimeSource, system_time
from infra.wire import write_fact
from schemas.agreement import Agreement, document_digest
from schemas.facts import AgreementSigned, FactEvent
from services import watch
from services.agreement.loader import parse
from services.agreement.money import refuse_other_money
from services.line_host import Host, Standstill, control_event
from services.pipeline import WORKERS

_LOOK_SECONDS = 0.1

TELL_SECONDS = 5
"""For how long nothing may move before those who wait are told for whom."""
STANDS_SECONDS = 30
"""For how long nothing may move before nobody waits any more; another process takes over within 20."""


class LineStands(Exception):
    """Nobody decides what was said; it is safe in the log."""

    def __init__(self, worker: str, seconds: float) -> None:
        super().__init__(
            f"{worker} has taken nothing for {seconds:.0f} s, so what was said is not decided yet; it is "
            f"safe in the log. Start it (relevo worker {worker}, or docker compose up --wait), then run this "
            "again: nothing is counted twice"
        )


@dataclass(frozen=True, slots=True)
class Signed:
    """An agreement that has just been signed."""

    agreement: Agreement
    where: str
    """Where its text came from."""
    instead_of: SignedAgreement | None
    is_name_taken: bool
    """Whether other words were signed under the name of this version before."""


def no_word(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class OpenLine:
    """The line on one store, ready to take facts; ``told`` hears for whom it waits, in a sentence."""

    database: Database
    host: Host
    told: Callable[[str], None] = no_word

    def newest(self) -> SignedAgreement | None:
        """Return the newest agreement signed, or None."""
        return next(reversed(self._signed()), None)

    def _signed(self) -> list[SignedAgreement]:
        with self.database.reading() as connection:
            return signed_agreements(connection)

    def sign(self, document: str, where: str) -> Signed | None:
        """Have an agreement signed, if it is not the newest already; it is in force from the next fact on.

        Args:
            document: The agreement's text.
            where: Its name, for people.

        Raises:
            AgreementInvalid: The text is no agreement that may be signed.
            MoneyCounted: It is in another currency than the revenue that the store has counted.
        """
        digest, signed = document_digest(document), self._signed()
        newest = signed[-1] if signed else None
        if newest is not None and newest.digest == digest:
            return None
        agreement = parse(document, where)
        refuse_other_money(self.database, newest, agreement, where)
        event_id = f"agreement:{digest}:{newest.seq if newest else 0}"
        self.say([control_event(AgreementSigned(document=document), event_id)])
        self.decide()
        is_name_taken = any(one.version == agreement.version and one.digest != digest for one in signed)
        return Signed(agreement, where, newest, is_name_taken)

    def say(self, events: Iterable[FactEvent]) -> None:
        """Append facts to the log; they are safe at return, and decided by ``decide`` or a running line."""
        self.host.append([write_fact(event) for event in events])

    def refuse_if_busy(self) -> None:
        """Raise LineBusy if another process runs the line until it is stopped."""
        self.host.refuse_if_busy()

    def decide(self, progress: Progress = no_progress, patience_seconds: float | None = None) -> bool:
        """Decide everything in the log, or wait until the process that runs the line has.

        Args:
            progress: Told what is being done, while it is done here.
            patience_seconds: How long to wait for another process; None: as long as it gets on.

        Returns:
            Whether everything is decided.

        Raises:
            LineStands: Somebody else is to decide it and gets nowhere.
        """
        begun, known, told = time.monotonic(), float("inf"), False
        while True:
            try:
                self.host.drain(progress)
            except LineBusy as busy:  # tried again each time: who has the line now may go before it is done
                if self.host.is_at_rest():
                    return True
                if busy.passing and not told and time.monotonic() - begun >= TELL_SECONDS:
                    told = True
                    self.told(busy.waiting)
            else:
                return True
            known = self._expect_it_moves(known)
            if patience_seconds is not None and time.monotonic() - begun >= patience_seconds:
                return False
            time.sleep(_LOOK_SECONDS)

    def _expect_it_moves(self, known: float) -> float:
        """Return for how long nothing has moved; ``known`` is what it was at the last look."""
        worker, still = self.host.standstill() or Standstill("", 0)
        if known < TELL_SECONDS <= still:
            self.told(f"Waiting for {worker}, which has taken nothing for {still:.0f} s.")
        if still >= STANDS_SECONDS:
            raise LineStands(worker, still)
        return still


@contextmanager
def open_line(
    store: str,
    *,
    durability: Durability = "full",
    now: TimeSource = system_time,
    told: Callable[[str], None] = no_word,
) -> Iterator[OpenLine]:
    """Open the line on a store, and close the store at the end. A new store is made, an old one migrated.

    Args:
        store: Its address.
        durability: How a commit is synced to disk.
        now: Where the time comes from.
        told: Hears, in a sentence, for whom it waits.

    Raises:
        StoreError: The store does not serve.
        LineBusy: It must be migrated, and another process runs the line on it.
    """
    with up_to_date(store, durability) as database:
        yield OpenLine(database, _host(database, now), told)


def _host(database: Database, now: TimeSource) -> Host:
    """Return who holds the log: the store itself, or the topics that it was filled from."""
    with database.reading() as connection:
        known = known_topics(connection)
    if not known:
        return EmbeddedHost(database, WORKERS, services.sequencer, now, watch.numbers)
    from services.kafka_line import KafkaHost  # noqa: PLC0415 - its clients are optional

    return KafkaHost(read_settings(os.environ).kafka, database, known)


def up_to_date(store: str, durability: Durability = "full") -> Database:
    """Open a store for who writes it. A new store is made, an old one migrated.

    Raises:
        StoreError: The store does not serve.
        LineBusy: It must be migrated, and another process runs the line on it.
    """
    try:
        return open_store(store, durability=durability)
    except SchemaMismatch:
        with line_lock(read_address(store)):  # who migrates must be alone; a foreign store is refused again
            return open_store(store, migrate=True, durability=durability)
