"""The people in the journal: what the read model shows of them, and how they are forgotten.

The one place of the sequencer's work that handles personal data once the facts are read. What is shown of a
lead is what tools told last; a survivor is shown with what only the leads that it absorbed told. An un-merge
tells the lead anew, from what was sent about it alone.

Whoever is forgotten stands in more places than the lead's own facts, which ``infra.store.writing`` blanks
with the lead: in dead letters, and in facts that were placed on another lead while the two were merged by
mistake. They are found here, by who is named in the bytes.
"""

from collections.abc import Sequence
from typing import NamedTuple

from infra.clues import clues_of
from infra.decision import JournalDecision
from infra.journal.desk import Names, chain, related
from infra.journal.letters import Emptying, Keyed
from infra.journal.ports import JournalMemory, Sent, Shown
from infra.journal.rows import lead_row, merged_row
from schemas.facts import FactEvent, Subject
from schemas.sequencing import Desk, Placed, Sequenced
from schemas.vocabulary import LeadId

_TELLING = frozenset({"captured", "enriched", "merged", "erased"})
"""Facts whose subject is worth showing even when its identifiers are known."""


def told(shown: Shown, subject: Subject) -> Shown:
    """Return what is shown of a lead once a tool has told this; what it leaves out stays."""
    return Shown(
        subject.name or shown.name,
        subject.email or shown.email,
        subject.phone or shown.phone,
        subject.company or shown.company,
        {**shown.external_ids, **subject.external_ids},
    )


def joined(mine: Shown, other: Shown) -> Shown:
    """Return what is shown of a lead that has absorbed another: its own, and what only the other told."""
    return Shown(
        mine.name or other.name,
        mine.email or other.email,
        mine.phone or other.phone,
        mine.company or other.company,
        {**other.external_ids, **mine.external_ids},
    )


class Telling(NamedTuple):
    """A fact that was admitted, and what came of it."""

    event: FactEvent
    placed: Placed
    sequenced: Sequenced

    @property
    def changes_what_is_shown(self) -> bool:
        """Whether people are shown otherwise after it; the earliest fact does, for a lead begins there."""
        sequenced, placed = self.sequenced, self.placed
        if sequenced.bound or sequenced.merged or sequenced.unmerged or placed.fact.kind in _TELLING:
            return True
        return sequenced.files[placed.lead_id].first_at == placed.at


class People:
    """What one batch does to what is kept of people.

    Args:
        names: Who is named by what.
        memory: The store, as it was before the batch.
        desk: As the batch leaves it.
        decision: What the commit will write; it is added to.
    """

    def __init__(self, names: Names, memory: JournalMemory, desk: Desk, decision: JournalDecision) -> None:
        self._names = names
        self._memory = memory
        self._desk = desk
        self._decision = decision
        self._shown: dict[LeadId, Shown] = {}
        self._parts: dict[LeadId, list[LeadId]] = {}
        self._forgotten: Keyed = {}
        """By what those who were erased in this batch may be known."""

    def show(self, telling: Sequence[Telling]) -> None:
        """Show what facts told, in their order."""
        involved = dict.fromkeys(lead_id for one in telling for lead_id in one.sequenced.files)
        known = self._memory.shown(list(involved))
        self._shown = {lead_id: known.get(lead_id, Shown()) for lead_id in involved}
        for one in telling:
            self._show(*one)

    def forget(self) -> None:
        """Blank what names those who were erased in this batch, wherever it stands besides their leads."""
        for lead_id in self._erased():
            self._note_forgotten(self._sent(lead_id))
        self._blank_facts()
        Emptying(self._names, self._memory, self._desk, self._decision, self._forgotten).run()

    # --- showing

    def _show(self, event: FactEvent, placed: Placed, sequenced: Sequenced) -> None:
        lead_id, rows = placed.lead_id, self._decision.rows
        if sequenced.unmerged:
            self._part(sequenced.unmerged, placed.seq)
            return
        shown = told(self._of(lead_id), event.data.subject)
        for one, into in sequenced.merged:
            self._parts_of(into).append(one)
            shown = joined(shown, self._of(one))
            rows.append(merged_row(one, into))
        self._shown[lead_id] = shown
        rows.append(lead_row(lead_id, self._desk.files[lead_id], shown))

    def _part(self, unmerged: Sequence[tuple[LeadId, LeadId]], seq: int) -> None:
        for one, into in unmerged:
            self._parts_of(into).remove(one)
            self._decision.rows.append(merged_row(one, None))
        for _, into in unmerged:
            self._show_anew(into, seq)

    def _show_anew(self, lead_id: LeadId, upto_seq: int) -> None:
        """Show a lead, and those that it is part of, by what was sent of them alone."""
        for one in chain(self._desk, lead_id):
            self._shown[one] = self._told_anew(one, upto_seq)
            self._decision.rows.append(lead_row(one, self._desk.files[one], self._shown[one]))

    def _told_anew(self, lead_id: LeadId, upto_seq: int) -> Shown:
        shown, now = Shown(), chain(self._desk, lead_id)[-1]
        for one in self._sent(lead_id):
            for identified, subject in self._names.within(one.value)[:1]:
                if one.number <= upto_seq and not self._names.is_another(self._desk, identified, now):
                    shown = told(shown, subject)
        for part in self._parts_of(lead_id):
            shown = joined(shown, self._of(part))
        return shown

    def _of(self, lead_id: LeadId) -> Shown:
        if lead_id not in self._shown:
            self._shown[lead_id] = self._memory.shown([lead_id]).get(lead_id, Shown())
        return self._shown[lead_id]

    def _parts_of(self, lead_id: LeadId) -> list[LeadId]:
        if lead_id not in self._parts:
            self._parts[lead_id] = self._memory.absorbed(lead_id)
        return self._parts[lead_id]

    def _sent(self, lead_id: LeadId) -> list[Sent]:
        """Return what was sent of a lead, this batch included, and lay out who is named there."""
        sent = self._memory.originals(lead_id)
        here = [row for row in self._decision.facts if row.lead_id == lead_id]
        sent += [Sent(row.seq, row.original, row.source) for row in here if row.original is not None]
        named = [identified for one in sent for identified, _ in self._names.within(one.value)]
        self._names.lay(self._memory, self._desk, named)
        return sent

    # --- forgetting

    def _erased(self) -> list[LeadId]:
        """Return the leads that were erased, with all that they consist of."""
        found = list(self._decision.erased)
        for lead_id in found:
            found += [one for one in self._parts_of(lead_id) if one not in found]
        return found

    def _note_forgotten(self, sent: Sequence[Sent]) -> None:
        """Note by what those are known whom these facts name and who are forgotten."""
        for one in sent:
            for identified, _ in self._names.within(one.value):
                if self._names.is_forgotten(self._desk, identified):
                    test = any(each.test for each in identified.identifiers)
                    clues = clues_of(identified.identifiers, [one.source or ""])
                    self._forgotten |= self._names.keyring.clues(clues, test=test)

    def _blank_facts(self) -> None:
        """Blank facts about the erased that stand on leads which they were once, by mistake, one with."""
        for lead_id in self._once_one_with():
            sent = self._sent(lead_id)
            blanked = [one for one in sent if self._names_forgotten(one.value)]
            if blanked:
                self._note_forgotten(blanked)
                self._decision.blanked_facts += [one.number for one in blanked]
                self._show_anew(lead_id, self._desk.seq)

    def _once_one_with(self) -> list[LeadId]:
        met = list(self._decision.erased)
        for lead_id in met:
            met += [one for one in related(self._desk.files[lead_id]) if one not in met]
        return [one for one in met if not self._desk.files[chain(self._desk, one)[-1]].erased]

    def _names_forgotten(self, value: bytes) -> bool:
        named = self._names.within(value)
        return any(self._names.is_forgotten(self._desk, one) for one, _ in named)
