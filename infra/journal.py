"""The sequencer's share of the work: read the log, decide a batch, and say what the commit must write.

The sibling of ``infra.partition`` for the one worker that looks across leads. It gathers what a batch
touches (repeats, identifiers, leads), lays it on a desk, calls the rule fact by fact, and lays what changed
on the desk again. Facts about the line itself (signings, imports) are decided here: they are protocol, not
business. A batch ends behind a signing or the close of an import, because what follows must find it done.

The close of an import is long work: the leads that it touched are sent to be folded again in chunks, with a
cursor (``go_on``).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from pydantic import TypeAdapter

from infra.agreement_file import AgreementInvalid, parse
from infra.agreements import AgreementBook
from infra.decision import Binding, DeadRow, JournalDecision, Merge, SignedAgreement
from infra.journal_rows import control_row, fact_row, lead_rows
from infra.keyring import Keyring, event_key
from infra.wire import read_fact
from schemas.agreement import Agreement, document_digest
from schemas.dead_letters import DeadLetter, DeadReason
from schemas.entries import Entry, Signing
from schemas.facts import (
    AgreementSigned,
    FactEvent,
    Heartbeat,
    ImportClosed,
    ImportOpened,
    Merged,
    Subject,
    Unmerged,
)
from schemas.sequencing import Bound, Desk, Identified, Identifier, LeadFile, Received, Sequenced
from schemas.vocabulary import LeadId, Scalar

FILE: TypeAdapter[LeadFile] = TypeAdapter(LeadFile)
CHUNK = 500
"""Leads of an import that are sent to be folded again at a time."""


class SequencerRule(Protocol):
    """``services.sequencer.rule`` and ``identity``, as this module needs them."""

    def identify(self, subject: Subject, attributes: dict[str, Scalar | None], region: str) -> Identified:
        """Return what a subject comes to."""

    def step(
        self, desk: Desk, received: Received, agreement: Agreement, other: Identified | None = None
    ) -> Sequenced:
        """Decide one fact about a lead."""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A record of ``leads.facts``: what a tool sent, and when the log had it."""

    offset: int
    received_at: datetime
    value: bytes


class JournalMemory(Protocol):
    """A store in the midst of a transaction, as the journal sees it."""

    def seen(self, keys: Sequence[bytes]) -> set[bytes]:
        """Return which of these events were admitted before."""

    def bound(self, keys: Sequence[bytes]) -> dict[bytes, Bound]:
        """Return which leads these identifiers name."""

    def files(self, lead_ids: Sequence[LeadId]) -> dict[LeadId, str]:
        """Return what the sequencer kept of these leads, as JSON."""

    def imports(self) -> dict[str, bool]:
        """Return the ids of imports, and whether each is still open."""

    def touched(self, import_id: str, after: LeadId, limit: int) -> list[LeadId]:
        """Return the next leads that an import has facts about, in order of their ids."""


@dataclass(frozen=True, slots=True)
class _Read:
    record: LogRecord
    event: FactEvent
    identified: Identified
    other: Identified | None


class Journal:
    """The sequencer, as a host runs it."""

    def __init__(
        self,
        rule: SequencerRule,
        book: AgreementBook,
        keyring: Keyring,
        *,
        seq: int = 0,
        stamp: datetime | None = None,
        cursor: str | None = None,
    ) -> None:
        self._rule = rule
        self._book = book
        self._keyring = keyring
        self.seq = seq
        self.stamp = stamp
        self.cursor = cursor

    def decide(self, memory: JournalMemory, records: Sequence[LogRecord]) -> JournalDecision:
        """Decide records of the log, up to and including the first that ends a batch.

        Returns:
            What the commit must write; ``next_offset`` says how far it came. Nothing of the journal's own
            changes until ``committed``.
        """
        decision = JournalDecision(records[0].offset, self.seq, self.stamp)
        read = self._read(records, decision)
        desk = self._lay_out(memory, read)
        for one in read:
            self._take(desk, one, decision)
        decision.seq, decision.stamp = desk.seq, desk.stamp
        decision.files = {lead_id: FILE.dump_json(desk.files[lead_id]).decode() for lead_id in decision.files}
        return decision

    def go_on(self, memory: JournalMemory, next_offset: int) -> JournalDecision:
        """Send the next leads of an import that is being closed to be folded again."""
        cursor = json.loads(self.cursor or "{}")
        homes = memory.touched(cursor["import"], cursor["after"], CHUNK)
        decision = JournalDecision(next_offset, self.seq, self.stamp)
        if len(homes) == CHUNK:
            decision.cursor = json.dumps(cursor | {"after": homes[-1]})
        files = self._files(memory, homes)
        stamp = datetime.fromisoformat(cursor["stamp"])
        for lead_id in dict.fromkeys(_survivor(files, home) for home in homes):
            file = files[lead_id]
            entry = Entry(lead_id, cursor["seq"], stamp, stamp, file.version + 1, refold=True)
            decision.outgoing.append(entry)
            decision.files[lead_id] = FILE.dump_json(replace(file, version=entry.version)).decode()
        return decision

    def committed(self, decision: JournalDecision) -> None:
        """Take note that a decision stands."""
        self.seq, self.stamp, self.cursor = decision.seq, decision.stamp, decision.cursor

    # --- gather

    def _read(self, records: Sequence[LogRecord], decision: JournalDecision) -> list[_Read]:
        found = []
        for record in records:
            decision.next_offset = record.offset + 1
            event = read_fact(record.value)
            if isinstance(event, DeadLetter):
                decision.dead.append(DeadRow(event, record.offset, record.received_at, record.value))
                continue
            found.append(_Read(record, event, *self._identify(event)))
            if isinstance(event.data.fact, AgreementSigned | ImportClosed):
                break
        return found

    def _identify(self, event: FactEvent) -> tuple[Identified, Identified | None]:
        data = event.data
        if isinstance(data.fact, AgreementSigned | ImportOpened | ImportClosed | Heartbeat):
            return Identified((), {}), None
        region = self._book.newest.identity.default_region
        attributes = getattr(data.fact, "attributes", {})
        mine = self._rule.identify(data.subject, attributes, region)
        other = None
        if isinstance(data.fact, Merged | Unmerged):
            other = self._rule.identify(data.fact.other, {}, region)
        if data.test:  # tests are leads of their own: they never touch a real one
            mine = _tested(mine)
            other = _tested(other) if other else None
        return mine, other

    def _lay_out(self, memory: JournalMemory, read: list[_Read]) -> Desk:
        keys = {event_key(one.event): (one.event.source, one.event.id) for one in read}
        named = {
            self._keyring.identifier(key): key
            for one in read
            for key in (*one.identified.identifiers, *(one.other.identifiers if one.other else ()))
        }
        bound = {named[key]: value for key, value in memory.bound(list(named)).items()}
        return Desk(
            self.seq,
            self.stamp,
            files=self._files(memory, [one.lead_id for one in bound.values()]),
            bound=bound,
            seen={keys[key] for key in memory.seen(list(keys))},
            imports=memory.imports(),
        )

    def _files(self, memory: JournalMemory, lead_ids: Sequence[LeadId]) -> dict[LeadId, LeadFile]:
        """Load leads, and those that they were merged into."""
        files: dict[LeadId, LeadFile] = {}
        wanted = list(dict.fromkeys(lead_ids))
        while wanted:
            files |= {lead_id: FILE.validate_json(text) for lead_id, text in memory.files(wanted).items()}
            into = {files[one].merged_into for one in wanted if one in files}
            wanted = [one for one in into if one is not None and one not in files]
        return files

    # --- decide

    def _take(self, desk: Desk, one: _Read, decision: JournalDecision) -> None:
        event = one.event
        if (event.source, event.id) in desk.seen:
            return
        match event.data.fact:
            case Heartbeat():
                pass
            case AgreementSigned() as fact:
                self._sign(desk, one, fact, decision)
            case ImportOpened() as fact:
                self._open_import(desk, one, fact, decision)
            case ImportClosed() as fact:
                self._close_import(desk, one, fact, decision)
            case _:
                received = Received(event, one.record.received_at, one.identified)
                agreement = self._book.at(one.record.received_at)
                self._apply(desk, one, self._rule.step(desk, received, agreement, one.other), decision)

    def _apply(self, desk: Desk, one: _Read, sequenced: Sequenced, decision: JournalDecision) -> None:
        if sequenced.dead is not None:
            self._bury(one, sequenced.dead, decision)
            return
        placed = sequenced.placed
        if placed is None:
            return
        self._admit(desk, one, placed.seq, placed.stamp, decision)
        desk.files |= sequenced.files
        desk.bound |= sequenced.bound
        decision.files |= dict.fromkeys(sequenced.files, "")
        decision.bindings += [
            Binding(self._keyring.identifier(key), bound.lead_id) for key, bound in sequenced.bound.items()
        ]
        decision.merges += [Merge(absorbed, into, placed.seq) for absorbed, into in sequenced.merged]
        decision.unmerged += [(absorbed, into, placed.seq) for absorbed, into in sequenced.unmerged]
        decision.facts.append(fact_row(one.event, one.record.received_at, one.record.value, placed))
        decision.rows += lead_rows(one.event, sequenced)
        decision.outgoing += sequenced.entries
        decision.erased += sequenced.erased

    def _bury(self, one: _Read, letter: DeadLetter, decision: JournalDecision) -> None:
        original = None if letter.reason is DeadReason.ERASED else one.record.value
        decision.dead.append(DeadRow(letter, one.record.offset, one.record.received_at, original))

    def _admit(self, desk: Desk, one: _Read, seq: int, stamp: datetime, decision: JournalDecision) -> None:
        desk.seq, desk.stamp = seq, stamp
        desk.seen.add((one.event.source, one.event.id))
        decision.seen.append((event_key(one.event), seq))

    # --- facts about the line itself

    def _control(self, desk: Desk, one: _Read, decision: JournalDecision) -> tuple[int, datetime]:
        received_at = one.record.received_at
        seq, stamp = desk.seq + 1, received_at if desk.stamp is None else max(desk.stamp, received_at)
        self._admit(desk, one, seq, stamp, decision)
        decision.facts.append(control_row(one.event, received_at, seq, stamp))
        return seq, stamp

    def _sign(self, desk: Desk, one: _Read, fact: AgreementSigned, decision: JournalDecision) -> None:
        try:
            agreement = parse(fact.document, "data.fact.document")
        except AgreementInvalid as error:
            self._bury(one, self._letter(one, DeadReason.BAD_AGREEMENT, str(error)[:2048]), decision)
            return
        seq, stamp = self._control(desk, one, decision)
        digest = document_digest(fact.document)
        decision.signed.append(SignedAgreement(seq, agreement.version, digest, stamp, fact.document))
        decision.outgoing.append(Signing(seq, stamp, agreement.version))

    def _open_import(self, desk: Desk, one: _Read, fact: ImportOpened, decision: JournalDecision) -> None:
        seq, _ = self._control(desk, one, decision)
        if fact.import_id not in desk.imports:
            desk.imports[fact.import_id] = True
            decision.opened.append((fact.import_id, seq))

    def _close_import(self, desk: Desk, one: _Read, fact: ImportClosed, decision: JournalDecision) -> None:
        if not desk.imports.get(fact.import_id, False):
            detail = f"import {fact.import_id} is not open"
            self._bury(one, self._letter(one, DeadReason.UNKNOWN_IMPORT, detail), decision)
            return
        seq, stamp = self._control(desk, one, decision)
        desk.imports[fact.import_id] = False
        decision.closed.append((fact.import_id, seq))
        cursor = {"import": fact.import_id, "seq": seq, "stamp": stamp.isoformat(), "after": ""}
        decision.cursor = json.dumps(cursor)

    def _letter(self, one: _Read, reason: DeadReason, detail: str) -> DeadLetter:
        event = one.event
        return DeadLetter(reason=reason, detail=detail, source=event.source[:128], event_id=event.id[:128])


def _tested(identified: Identified) -> Identified:
    marked = tuple(Identifier(one.kind, f"test|{one.value}") for one in identified.identifiers)
    return Identified(marked, identified.traits, identified.unusable)


def _survivor(files: Mapping[LeadId, LeadFile], lead_id: LeadId) -> LeadId:
    while (into := files[lead_id].merged_into) is not None:
        lead_id = into
    return lead_id
