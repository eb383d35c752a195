"""The sequencer's share of the work: read the log, decide a batch, and say what the commit must write.

The sibling of ``infra.partition`` for the one worker that looks across leads. It gathers what a batch
touches (repeats, identifiers, leads), lays it on a desk, calls the rule fact by fact, and lays what changed
on the desk again. Facts about the line itself (signings, imports) are decided here: they are protocol, not
business. A batch ends behind a signing, the close of an import or an un-merge, because what follows must
find it done.

The close of an import is long work: the leads that it touched are sent to be folded again in chunks, with a
cursor (``go_on``).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from infra.agreement_file import AgreementInvalid, parse
from infra.agreements import AgreementBook
from infra.decision import Binding, DeadRow, JournalDecision, Merge, SignedAgreement
from infra.journal.desk import FILE, Names, chain
from infra.journal.letters import Keyed, emptied, filing, fresh_letters, is_about, letter_clues, letter_key
from infra.journal.people import People, Telling
from infra.journal.ports import JournalMemory, LogRecord, SequencerRule
from infra.journal.repeats import Firsts, conflict
from infra.journal.rows import control_row, fact_row
from infra.keyring import Keyring, event_key
from infra.wire import read_fact
from schemas.agreement import document_digest
from schemas.dead_letters import DeadLetter, DeadReason
from schemas.entries import Entry, JournalRecord, Signing
from schemas.facts import (
    AgreementSigned,
    ControlFact,
    FactEvent,
    Heartbeat,
    ImportClosed,
    ImportOpened,
    Unmerged,
)
from schemas.records import replace
from schemas.sequencing import Desk, Identified, Received

LEADS_A_CHUNK = 500
"""Leads of an import that are sent to be folded again at a time."""

# An un-merge, too: people are shown by the desk as the batch leaves it, and who is one with whom counts.
_ENDS_A_BATCH = AgreementSigned | ImportClosed | Unmerged


@dataclass(frozen=True, slots=True)
class _Read:
    """A record as it was read: a fact, or a letter; and who is named in it."""

    record: LogRecord
    said: FactEvent | DeadLetter
    named: tuple[Identified, ...]
    """The subject, then the other one of a merge; of what is unreadable, whoever can be made out."""
    clues: Keyed
    """Of what is unreadable: whatever it may know people by."""


@dataclass(frozen=True, slots=True)
class _Batch:
    desk: Desk
    decision: JournalDecision
    firsts: Firsts
    tombstones: set[bytes] = field(default_factory=set)
    """Which of the batch's clues are of people who were forgotten before."""
    telling: list[Telling] = field(default_factory=list)


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
        leads_a_chunk: int = LEADS_A_CHUNK,
    ) -> None:
        self._rule = rule
        self._book = book
        self._names = Names(rule, book, keyring)
        self.seq = seq
        self.stamp = stamp
        self.cursor = cursor
        self._leads_a_chunk = leads_a_chunk

    def decide(self, memory: JournalMemory, records: Sequence[LogRecord]) -> JournalDecision:
        """Decide records of the log, up to and including the first that ends a batch.

        Returns:
            What the commit must write; ``next_offset`` says how far it came. Nothing of the journal's own
            changes until ``committed``.
        """
        decision = JournalDecision(records[0].offset, self.seq, self.stamp)
        read = self._read(records, decision)
        batch = self._lay_out(memory, read, decision)
        for one in read:
            self._take(batch, one)
        desk = batch.desk
        people = People(self._names, memory, desk, decision)
        if batch.telling:
            people.show(batch.telling)
        if decision.erased:
            people.forget()
        decision.outgoing = _followed(decision.outgoing)
        decision.refused = {row.offset: row.letter.reason for row in decision.dead}
        decision.dead = _unburied(memory, decision.dead)
        decision.seq, decision.stamp = desk.seq, desk.stamp
        decision.files = {lead_id: FILE.dump_json(desk.files[lead_id]).decode() for lead_id in decision.files}
        return decision

    def go_on(self, memory: JournalMemory, next_offset: int) -> JournalDecision:
        """Send the next leads of an import that is being closed to be folded again, each of them once."""
        cursor = json.loads(self.cursor or "null")
        homes = memory.touched(cursor["import"], cursor["after"], self._leads_a_chunk)
        decision = JournalDecision(next_offset, self.seq, self.stamp)
        if len(homes) == self._leads_a_chunk:
            decision.cursor = json.dumps(cursor | {"after": homes[-1]})
        desk = Desk(self.seq, self.stamp)
        self._names.lay_files(memory, desk, homes)
        seq, stamp = cursor["seq"], datetime.fromisoformat(cursor["stamp"])
        for lead_id in dict.fromkeys(chain(desk, home)[-1] for home in homes):
            file = desk.files[lead_id]
            if file.closed_seq == seq:  # with another of its parts, in an earlier chunk
                continue
            entry = Entry(lead_id, seq, stamp, stamp, file.version + 1, rewritten=True)
            decision.outgoing.append(entry)
            file = replace(file, version=entry.version, closed_seq=seq)
            decision.files[lead_id] = FILE.dump_json(file).decode()
        return decision

    def committed(self, decision: JournalDecision) -> None:
        """Take note that a decision stands."""
        self.seq, self.stamp, self.cursor = decision.seq, decision.stamp, decision.cursor

    # --- gather

    def _read(self, records: Sequence[LogRecord], decision: JournalDecision) -> list[_Read]:
        found = []
        for record in records:
            decision.next_offset = record.offset + 1
            said = read_fact(record.value)
            found.append(self._made_out(record, said))
            if isinstance(said, FactEvent) and isinstance(said.data.fact, _ENDS_A_BATCH):
                break
        return found

    def _made_out(self, record: LogRecord, said: FactEvent | DeadLetter) -> _Read:
        named = self._named(record, said)
        unread = isinstance(said, DeadLetter)
        clues = letter_clues(self._names.keyring, record.value, said, named) if unread else {}
        return _Read(record, said, named, clues)

    def _named(self, record: LogRecord, said: FactEvent | DeadLetter) -> tuple[Identified, ...]:
        if self._book.is_empty:
            return ()
        if isinstance(said, DeadLetter):
            return tuple(identified for identified, _ in self._names.within(record.value))
        return () if isinstance(said.data.fact, ControlFact) else self._names.of(said.data)

    def _lay_out(self, memory: JournalMemory, read: list[_Read], decision: JournalDecision) -> _Batch:
        events = {event_key(one.said): one.said for one in read if isinstance(one.said, FactEvent)}
        seen = memory.seen(list(events))
        desk = Desk(
            self.seq,
            self.stamp,
            seen={(events[key].source, events[key].id) for key in seen},
            imports=memory.imports(_imports_in(events.values())),
        )
        self._names.lay(memory, desk, [identified for one in read for identified in one.named])
        clues = dict.fromkeys(key for one in read for key in one.clues)
        return _Batch(desk, decision, Firsts(seen), memory.tombstones(list(clues)))

    # --- decide

    def _take(self, batch: _Batch, one: _Read) -> None:
        said = one.said
        if isinstance(said, DeadLetter):
            self._bury_unreadable(batch, one, said)
        elif (said.source, said.id) in batch.desk.seen:
            self._take_repeat(batch, one, said)
        elif isinstance(said.data.fact, ControlFact):
            self._take_control(batch, one, said, said.data.fact)
        else:
            self._place(batch, one, said)

    def _take_repeat(self, batch: _Batch, one: _Read, event: FactEvent) -> None:
        if not batch.firsts.contradict(event, one.record.value):
            return
        letter = conflict(event)
        if any(self._names.is_forgotten(batch.desk, identified) for identified in one.named):
            letter = letter.model_copy(update={"reason": DeadReason.ERASED})
        self._bury(batch, one, letter)

    def _place(self, batch: _Batch, one: _Read, event: FactEvent) -> None:
        if self._book.is_empty:
            detail = "no agreement had been signed when this was said"
            self._bury(batch, one, _letter(event, DeadReason.NO_AGREEMENT, detail))
            return
        mine, *others = one.named
        received = Received(event, one.record.received_at, mine)
        # What follows a signing is in a later batch, so the newest agreement is the one in force.
        sequenced = self._rule.step(batch.desk, received, self._book.newest, *others)
        if sequenced.dead is not None:
            self._bury(batch, one, sequenced.dead)
        elif sequenced.placed is not None:
            self._apply(batch, one, Telling(event, sequenced.placed, sequenced))

    def _apply(self, batch: _Batch, one: _Read, told: Telling) -> None:
        desk, decision, (event, placed, sequenced) = batch.desk, batch.decision, told
        self._admit(batch, event, placed.seq, placed.stamp)
        desk.files |= sequenced.files
        desk.bound |= sequenced.bound
        decision.files |= dict.fromkeys(sequenced.files, "")
        decision.bindings += [
            Binding(self._names.key(one), lead_id) for one, lead_id in sequenced.bound.items()
        ]
        decision.merges += [Merge(absorbed, into, placed.seq) for absorbed, into in sequenced.merged]
        decision.unmerged += [(absorbed, into, placed.seq) for absorbed, into in sequenced.unmerged]
        decision.facts.append(fact_row(event, one.record.received_at, one.record.value, placed))
        decision.outgoing += sequenced.entries
        decision.erased += sequenced.erased
        if told.changes_what_is_shown:
            batch.telling.append(told)

    def _bury(self, batch: _Batch, one: _Read, letter: DeadLetter) -> None:
        record, keyring = one.record, self._names.keyring
        clues = one.clues or letter_clues(keyring, record.value, one.said, one.named)
        key, filed = letter_key(keyring, record.value, one.said), filing(keyring, clues)
        row = DeadRow(letter, record.offset, record.received_at, record.value, key, filed)
        batch.decision.dead.append(emptied(row) if letter.reason is DeadReason.ERASED else row)

    def _bury_unreadable(self, batch: _Batch, one: _Read, letter: DeadLetter) -> None:
        forgotten = any(self._names.is_forgotten(batch.desk, identified) for identified in one.named)
        if forgotten or is_about(one.clues, batch.tombstones):
            letter = letter.model_copy(update={"reason": DeadReason.ERASED})
        self._bury(batch, one, letter)

    def _admit(self, batch: _Batch, event: FactEvent, seq: int, stamp: datetime) -> None:
        batch.desk.seq, batch.desk.stamp = seq, stamp
        batch.desk.seen.add((event.source, event.id))
        batch.firsts.add(event)
        batch.decision.seen.append((event_key(event), seq))

    # --- facts about the line itself

    def _take_control(self, batch: _Batch, one: _Read, event: FactEvent, fact: ControlFact) -> None:
        if isinstance(fact, Heartbeat):
            return  # a heartbeat is a host's own: it says how far the log's time has come
        if isinstance(fact, AgreementSigned):
            self._sign(batch, one, event, fact)
        elif isinstance(fact, ImportOpened):
            self._open_import(batch, one, event, fact)
        else:
            self._close_import(batch, one, event, fact)

    def _control(self, batch: _Batch, one: _Read, event: FactEvent) -> tuple[int, datetime]:
        desk, received_at = batch.desk, one.record.received_at
        seq, stamp = desk.seq + 1, received_at if desk.stamp is None else max(desk.stamp, received_at)
        self._admit(batch, event, seq, stamp)
        batch.decision.facts.append(control_row(event, received_at, seq, stamp))
        return seq, stamp

    def _sign(self, batch: _Batch, one: _Read, event: FactEvent, fact: AgreementSigned) -> None:
        try:
            agreement = parse(fact.document, "data.fact.document")
        except AgreementInvalid as error:
            self._bury(batch, one, _letter(event, DeadReason.BAD_AGREEMENT, str(error)))
            return
        seq, stamp = self._control(batch, one, event)
        digest = document_digest(fact.document)
        batch.decision.signed.append(SignedAgreement(seq, agreement.version, digest, stamp, fact.document))
        batch.decision.outgoing.append(Signing(seq, stamp, agreement.version))

    def _open_import(self, batch: _Batch, one: _Read, event: FactEvent, fact: ImportOpened) -> None:
        import_id, imports = fact.import_id, batch.desk.imports
        if not imports.get(import_id, True):
            detail = f"import {import_id} is closed; open another"
            self._bury(batch, one, _letter(event, DeadReason.UNKNOWN_IMPORT, detail))
            return
        seq, _ = self._control(batch, one, event)
        if import_id not in imports:
            imports[import_id] = True
            batch.decision.opened.append((import_id, seq))

    def _close_import(self, batch: _Batch, one: _Read, event: FactEvent, fact: ImportClosed) -> None:
        import_id, imports = fact.import_id, batch.desk.imports
        if not imports.get(import_id, False):
            problem = "is closed already" if import_id in imports else "was never opened"
            self._bury(batch, one, _letter(event, DeadReason.UNKNOWN_IMPORT, f"import {import_id} {problem}"))
            return
        seq, stamp = self._control(batch, one, event)
        imports[import_id] = False
        batch.decision.closed.append((import_id, seq))
        cursor = {"import": import_id, "seq": seq, "stamp": stamp.isoformat(), "after": ""}
        batch.decision.cursor = json.dumps(cursor)


def _followed(records: Sequence[JournalRecord]) -> list[JournalRecord]:
    """Say of each entry whether another of its lead comes with the same commit."""
    found: list[JournalRecord] = []
    followed: set[str] = set()
    for record in reversed(records):
        if isinstance(record, Entry):
            found.append(replace(record, more=True) if record.lead_id in followed else record)
            followed.add(record.lead_id)
        else:
            found.append(record)
    return found[::-1]


def _letter(event: FactEvent, reason: DeadReason, detail: str) -> DeadLetter:
    return DeadLetter(reason=reason, detail=detail[:2048], source=event.source[:128], event_id=event.id[:128])


def _imports_in(events: Iterable[FactEvent]) -> list[str]:
    """Return the imports that facts name: the one that they are of, or that they open or close."""
    found = set()
    for event in events:
        fact = event.data.fact
        found.add(fact.import_id if isinstance(fact, ImportOpened | ImportClosed) else event.data.import_id)
    return sorted(import_id for import_id in found if import_id is not None)


def _unburied(memory: JournalMemory, dead: list[DeadRow]) -> list[DeadRow]:
    """Return the dead letters that were not put aside before: a repeat changes nothing, dead or alive."""
    known = memory.buried([row.key for row in dead]) if dead else set()
    return fresh_letters(dead, known)
