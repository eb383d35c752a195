"""Facts said in virtual time, to the sequencer alone or to the whole line, on a real store.

``Speaker`` makes the bytes that tools would send. ``Sequencer`` decides them batch by batch, writes what was
decided and keeps what was said to the workers; ``WholeLine`` runs every worker behind it, so that ``verify``
can recompute everything. Both have a clock that a test sets.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping, Table, select

import services.sequencer
from infra.agreements import AgreementBook
from infra.decision import JournalDecision, SignedAgreement
from infra.embedded.host import EmbeddedHost
from infra.journal.journal import Journal
from infra.journal.ports import LogRecord
from infra.keyring import Keyring
from infra.store.journal_memory import StoredJournalMemory, identity_secret
from infra.store.tables.read_model import dead_letters, facts, leads
from infra.store.writing import write_journal
from infra.wire import write_fact
from schemas.agreement import document_digest
from schemas.entries import Entry, JournalRecord
from schemas.facts import (
    TYPE_PREFIX,
    AgreementSigned,
    Captured,
    Engaged,
    Fact,
    FactData,
    FactEvent,
    ImportClosed,
    ImportOpened,
    Subject,
    Won,
)
from schemas.vocabulary import EngagementChannel, Money
from services.pipeline import WORKERS
from services.verify import Report, verify
from tests.builders import agreement, instant
from tests.stores import lasting_store

MORNING = "2026-03-02 09:00"
ANA: dict[str, Any] = {"email": "ana@example.com"}
BO: dict[str, Any] = {"email": "bo@example.com"}
CRM: dict[str, Any] = {"external_ids": {"crm": "7"}}
VIEW = Engaged(channel=EngagementChannel.PAGE, action="view")
DOLLARS = Won(amount=Money(amount_minor=1, currency="USD"))


def document(changes: dict[str, Any] | None = None) -> str:
    """Return the text of the small agreement with these changes; JSON is YAML, too."""
    return agreement(changes).model_dump_json(exclude={"digest"}, by_alias=True, exclude_none=True)


def signed(seq: int, effective_at: str) -> SignedAgreement:
    """Return a version of the small agreement that is called after its number."""
    text = document({"version": f"v{seq}"})
    return SignedAgreement(seq, f"v{seq}", document_digest(text), instant(effective_at), text)


def event_of(fact: Fact | None = None, **about: Any) -> FactEvent:
    """Return the event of a fact; what is not about the event is about its subject."""
    said = fact or Captured()
    time = about.pop("time", None)
    named = {name: about.pop(name) for name in Subject.model_fields if name in about}
    body = {name: about.pop(name) for name in ("test", "import_id") if name in about}
    return FactEvent(
        id=about.pop("id", "e"),
        source=about.pop("source", "web"),
        type=TYPE_PREFIX + said.kind,
        time=instant(time) if isinstance(time, str) else time,
        data=FactData(subject=Subject(**named), fact=said, **body),
    )


SOUND = write_fact(event_of(id="x", **ANA))


class Speaker:
    """Says facts, each under an id of its own."""

    def __init__(self, file: Path, changes: dict[str, Any] | None = None, *, signed: bool = True) -> None:
        self.database = lasting_store(file)
        self.now = instant(MORNING)
        self._count = 0
        if signed:
            self.sign(changes)

    def send(self, value: bytes) -> None:
        """Put bytes into the log."""
        raise NotImplementedError

    def say(self, fact: Fact | None = None, **about: Any) -> str:
        """Say a fact (that a lead was captured); return its id."""
        self._count += 1
        event = event_of(fact, **{"id": f"e{self._count}"} | about)
        self.send(write_fact(event))
        return event.id

    def sign(self, changes: dict[str, Any] | None = None) -> str:
        """Have the small agreement signed, with these changes."""
        return self.say(AgreementSigned(document=document(changes)))

    @contextmanager
    def importing(self, import_id: str) -> Iterator[None]:
        """Say what is said meanwhile between the opening and the close of an import."""
        self.say(ImportOpened(import_id=import_id))
        yield
        self.say(ImportClosed(import_id=import_id))

    # --- what the store says

    def rows(self, table: Table) -> list[RowMapping]:
        """Return a table's rows."""
        with self.database.reading() as connection:
            return list(connection.execute(select(table)).mappings())

    def fact(self, event_id: str) -> RowMapping:
        """Return the row of an admitted fact."""
        (row,) = [row for row in self.rows(facts) if row["event_id"] == event_id]
        return row

    def home(self, event_id: str) -> str:
        """Return the lead that a fact was placed on."""
        return str(self.fact(event_id)["lead_id"])

    def lead(self, lead_id: str) -> RowMapping:
        """Return what is shown of a lead."""
        (row,) = [row for row in self.rows(leads) if row["lead_id"] == lead_id]
        return row

    def dead(self) -> list[tuple[str, str | None]]:
        """Return the dead letters: why, and of which event."""
        return [(row["reason"], row["event_id"]) for row in self.rows(dead_letters)]


class Sequencer(Speaker):
    """The sequencer alone."""

    def __init__(
        self,
        file: Path,
        changes: dict[str, Any] | None = None,
        *,
        signed: bool = True,
        batch: int = 1000,
        leads_a_chunk: int = 500,
    ) -> None:
        self.batch = batch
        self.leads_a_chunk = leads_a_chunk
        self.said: list[JournalRecord] = []
        self._log: list[LogRecord] = []
        self._offset = 0
        super().__init__(file, changes, signed=signed)
        with self.database.writing() as connection:
            self.keyring = Keyring(identity_secret(connection))
        self.book = AgreementBook()
        self.journal = Journal(services.sequencer, self.book, self.keyring, leads_a_chunk=leads_a_chunk)
        if signed:
            self.decide()
            self.said.clear()

    def restart(self) -> None:
        """Begin anew where the store stands, as another process does."""
        was = self.journal
        self.journal = Journal(
            services.sequencer,
            self.book,
            self.keyring,
            seq=was.seq,
            stamp=was.stamp,
            cursor=was.cursor,
            leads_a_chunk=self.leads_a_chunk,
        )

    def send(self, value: bytes) -> None:
        """Put bytes into the log."""
        self._log.append(LogRecord(self._offset, self.now, value))
        self._offset += 1

    @property
    def waiting(self) -> list[LogRecord]:
        """What is in the log and not decided."""
        return self._log

    def decide(self) -> list[JournalDecision]:
        """Decide what is in the log."""
        decisions = []
        while self._log:
            decisions.append(self.decide_batch())
            while self.journal.cursor is not None:
                decisions.append(self.go_on())
        return decisions

    def decide_batch(self) -> JournalDecision:
        """Decide one batch."""
        with self.database.writing() as connection:
            memory = StoredJournalMemory(connection)
            decision = self.journal.decide(memory, self._log[: self.batch])
            write_journal(connection, decision)
        self._log = [record for record in self._log if record.offset >= decision.next_offset]
        return self._committed(decision)

    def go_on(self) -> JournalDecision:
        """Do the next chunk of the close of an import."""
        with self.database.writing() as connection:
            decision = self.journal.go_on(StoredJournalMemory(connection), self._offset)
            write_journal(connection, decision)
        return self._committed(decision)

    def _committed(self, decision: JournalDecision) -> JournalDecision:
        self.journal.committed(decision)
        for signed in decision.signed:
            self.book.add(signed)
        self.said += decision.outgoing
        return decision

    def told(self, lead_id: str) -> list[Entry]:
        """Return the entries that the workers have had about a lead."""
        return [one for one in self.said if isinstance(one, Entry) and one.lead_id == lead_id]

    def numbers(self) -> list[int]:
        """Return the numbers that facts were given, in the order of the table."""
        return [row["seq"] for row in self.rows(facts)]


class WholeLine(Speaker):
    """Every worker, in one process."""

    def __init__(self, file: Path, changes: dict[str, Any] | None = None) -> None:
        super().__init__(file, changes)
        self.drain()

    @property
    def host(self) -> EmbeddedHost:
        """A host that knows only the store."""
        return EmbeddedHost(self.database, WORKERS, services.sequencer, lambda: self.now)

    def send(self, value: bytes) -> None:
        """Put bytes into the log."""
        self.host.append([value])

    def drain(self) -> None:
        """Decide everything, and let time come to now."""
        self.host.drain()

    def at(self, text: str) -> datetime:
        """Let the time be this."""
        self.now = instant(text)
        return self.now

    def verified(self) -> Report:
        """Recompute everything and compare."""
        return verify(self.database, WORKERS)
