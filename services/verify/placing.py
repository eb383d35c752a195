"""The sequencer's work done again: whose each fact is, when it was, and who was merged with whom.

Every fact is read as it was sent and given to the sequencer's rule, in the order of the numbers, with all
that is known of everybody on one desk: no batches, no looking up. What the rule says is held against the
fact's row here; what it comes to in the end is held against what the sequencer keeps in ``keeping``. The
desk stays in memory: about two kilobytes a lead.

What an erasure took cannot be placed again. Leads that it touched are **hazy**: the store is taken at its
word about them, and about every fact that names somebody who is one of them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from infra.agreement_file import AgreementInvalid
from infra.agreements import AgreementBook
from infra.decision import FactRow, Merge, SignedAgreement
from infra.journal.desk import chain
from infra.journal.rows import fact_row
from infra.keyring import Keyring
from infra.store.auditing import Audit
from infra.wire import read_fact
from schemas.agreement import document_digest
from schemas.facts import (
    AgreementSigned,
    ControlFact,
    FactData,
    FactEvent,
    Heartbeat,
    ImportClosed,
    ImportOpened,
    Merged,
    Subject,
    Unmerged,
)
from schemas.sequencing import Desk, Identified, Identifier, LeadFile, Placed, Received, Sequenced
from schemas.vocabulary import LeadId, Scalar
from services.sequencer import identify, step
from services.sequencer.finding import ANONYMOUS
from services.verify.report import Report

_CONTROL: TypeAdapter[ControlFact] = TypeAdapter(Annotated[ControlFact, Field(discriminator="kind")])
_CONTROLS = frozenset({"agreement_signed", "import_opened", "import_closed"})


class Placing:
    """Everybody on one desk, and the facts taken so far."""

    def __init__(self, audit: Audit, report: Report) -> None:
        self._report = report
        self.desk = Desk(0, None)
        self.merges: dict[tuple[LeadId, int], Merge] = {}
        """By who was absorbed, and from which number on."""
        self.imports: dict[str, tuple[int, int | None]] = {}
        self.signed: list[SignedAgreement] = []
        self._book = AgreementBook()
        self._touched: dict[str, set[LeadId]] = defaultdict(set)
        """By open import: the leads that it has facts about."""
        self.keyring = Keyring(audit.secret() or b"")
        self.hazy = audit.leads_with_erased_facts()
        self._on_record: dict[int, list[Merge]] = defaultdict(list)
        self._erased_keys: set[bytes] = set()
        if self.hazy:
            self._lay_out_the_hazy(audit)

    def take(self, row: FactRow) -> None:
        """Place one fact again, and compare."""
        desk = self.desk
        desk.seq = row.seq - 1
        if row.kind in _CONTROLS:
            self._control(row)
        else:
            self._lead_fact(row)
        desk.seq = row.seq
        desk.stamp = row.stamp if desk.stamp is None else max(desk.stamp, row.stamp)

    # --- facts about leads

    def _lead_fact(self, row: FactRow) -> None:
        event = read_fact(row.original) if row.original is not None else None
        if not isinstance(event, FactEvent):
            if event is not None:
                self._report.expect(f"fact {row.seq}", row.lead_id, "a fact", event.detail)
            self._trust(row, ())
            return
        named = self._named(event.data)
        if any(self._is_hazy(one) for each in named for one in each.identifiers):
            self._trust(row, named)
            return
        mine, *other = named
        sequenced = step(self.desk, Received(event, row.received_at, mine), self._book.newest, *other)
        if sequenced.placed is None:
            why = sequenced.dead.detail if sequenced.dead else "seen before"
            self._report.expect(f"fact {row.seq}", row.lead_id, f"refused: {why}", "admitted")
            self._trust(row, named)
            return
        self._compare(row, event, sequenced.placed)
        self._apply(row, sequenced)

    def _compare(self, row: FactRow, event: FactEvent, placed: Placed) -> None:
        expected = fact_row(event, row.received_at, row.original or b"", placed)
        if row.stamp > placed.stamp:  # the log's time had come further: a tick, and then a clock set back
            expected = replace(expected, stamp=row.stamp)
        if expected == row:
            return
        for name in FactRow.__slots__:
            what = f"facts.{name} of fact {row.seq}"
            self._report.expect(what, placed.lead_id, getattr(expected, name), getattr(row, name))

    def _apply(self, row: FactRow, sequenced: Sequenced) -> None:
        self.desk.files |= sequenced.files
        self.desk.bound |= sequenced.bound
        self._merge((Merge(absorbed, into, row.seq) for absorbed, into in sequenced.merged))
        self._part(row.seq, sequenced.unmerged)
        if row.import_id is not None and sequenced.placed is not None:
            self._touched[row.import_id].add(sequenced.placed.lead_id)

    def _merge(self, found: Iterable[Merge]) -> None:
        self.merges |= {(one.absorbed, one.from_seq): one for one in found}

    def _part(self, seq: int, parted: Iterable[tuple[LeadId, LeadId]]) -> None:
        for absorbed, into in parted:
            for key, one in self.merges.items():
                if (one.absorbed, one.survivor, one.to_seq) == (absorbed, into, None):
                    self.merges[key] = replace(one, to_seq=seq)

    def _named(self, data: FactData) -> tuple[Identified, ...]:
        """Return who is named: the subject, and the other one of a merge; tests are other people."""
        mine = self._identified(data.subject, getattr(data.fact, "attributes", {}), test=data.test)
        if not isinstance(data.fact, Merged | Unmerged):
            return (mine,)
        return mine, self._identified(data.fact.other, {}, test=data.test)

    def _identified(
        self, subject: Subject, attributes: dict[str, Scalar | None], *, test: bool
    ) -> Identified:
        found = identify(subject, attributes, self._book.newest.identity.default_region)
        marked = (Identifier(one.kind, one.value, test=True) for one in found.identifiers)
        return replace(found, identifiers=tuple(marked)) if test else found

    # --- facts about the line itself

    def _control(self, row: FactRow) -> None:
        try:
            fact = _CONTROL.validate_json(row.fact)
            self._obey(row, fact)
        except (ValidationError, AgreementInvalid) as error:
            self._report.expect(f"fact {row.seq}", None, "a fact about the line", str(error))

    def _obey(self, row: FactRow, fact: ControlFact) -> None:
        match fact:
            case AgreementSigned(document=document):
                signed = SignedAgreement(row.seq, "", document_digest(document), row.stamp, document)
                version = self._book.add(signed).version
                self.signed.append(replace(signed, version=version))
            case ImportOpened(import_id=import_id):
                self.imports.setdefault(import_id, (row.seq, None))
                self.desk.imports.setdefault(import_id, True)
            case ImportClosed(import_id=import_id):
                self.imports[import_id] = (self.imports.get(import_id, (0, None))[0], row.seq)
                self.desk.imports[import_id] = False
                self._close(import_id, row.seq)
            case Heartbeat():
                pass

    def _close(self, import_id: str, seq: int) -> None:
        """Tell every lead that an import touched once that it is folded again."""
        files = self.desk.files
        for lead_id in {chain(self.desk, home)[-1] for home in self._touched.pop(import_id, ())}:
            files[lead_id] = replace(files[lead_id], version=files[lead_id].version + 1, closed_seq=seq)

    # --- what an erasure took

    def _lay_out_the_hazy(self, audit: Audit) -> None:
        """Find who was ever one with somebody whose facts are gone, and by what they are known."""
        on_record = audit.merges()
        for one in on_record:
            self._on_record[one.from_seq].append(one)
            if one.to_seq is not None:
                self._on_record[one.to_seq].append(one)
        before = 0
        while len(self.hazy) > before:
            before = len(self.hazy)
            for one in on_record:
                if not self.hazy.isdisjoint((one.absorbed, one.survivor)):
                    self.hazy |= {one.absorbed, one.survivor}
        self._erased_keys = {key for key, lead_id, _ in audit.identities() if lead_id in self.hazy}

    def _is_hazy(self, one: Identifier) -> bool:
        if not self.hazy:
            return False
        home = self.desk.bound.get(one)
        if home is not None:
            return not self.hazy.isdisjoint(chain(self.desk, home))
        return self.keyring.identifier(one) in self._erased_keys

    def _trust(self, row: FactRow, named: tuple[Identified, ...]) -> None:
        """Take the store's word for a fact: whose it is, and who was merged with whom by it."""
        self._report.erased_fact_count += 1
        lead_id, files = row.lead_id or "", self.desk.files
        on_record = self._on_record.get(row.seq, [])
        for one in (lead_id, *(each for merge in on_record for each in (merge.absorbed, merge.survivor))):
            self.hazy.add(one)
            files.setdefault(one, LeadFile(row.at, row.seq, test=row.test))
        for identifier in (one for each in named for one in each.identifiers):
            if identifier.kind == ANONYMOUS:  # it may name another lead from now on
                self.desk.bound[identifier] = lead_id
            self.desk.bound.setdefault(identifier, lead_id)
        self._merge(one for one in on_record if one.from_seq == row.seq)
        for merge in on_record:
            into = merge.survivor if merge.from_seq == row.seq else None
            files[merge.absorbed] = replace(files[merge.absorbed], merged_into=into)
            if into is None:
                self.merges[merge.absorbed, merge.from_seq] = merge
        if row.import_id is not None:
            self._touched[row.import_id].add(lead_id)
