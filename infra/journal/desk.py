"""The desk: what is known of the identifiers and leads that a batch names, laid out before it is decided.

Identifiers are looked up by their keyed hashes. A lead is laid out with everything that a merge, an un-merge
or an erasure may lead on to: those that it was merged into, and those that it was taken apart from.
"""

from collections.abc import Iterable, Sequence

from pydantic import TypeAdapter

from infra.agreements import AgreementBook
from infra.journal.ports import JournalMemory, SequencerRule
from infra.keyring import Keyring
from infra.wire import subjects_in
from schemas.facts import Captured, Enriched, FactData, Merged, Subject, Unmerged
from schemas.sequencing import Desk, Identified, Identifier, LeadFile
from schemas.vocabulary import LeadId, Scalar

FILE: TypeAdapter[LeadFile] = TypeAdapter(LeadFile)


class Names:
    """Who is named by what the journal reads, and what is known of them."""

    def __init__(self, rule: SequencerRule, book: AgreementBook, keyring: Keyring) -> None:
        self._rule = rule
        self._book = book
        self.keyring = keyring

    def of(self, data: FactData) -> tuple[Identified, ...]:
        """Return what a fact's subject comes to, and then the other one, where it names two."""
        attributes = data.fact.attributes if isinstance(data.fact, Captured | Enriched) else {}
        mine = self._identify(data.subject, attributes, test=data.test)
        if not isinstance(data.fact, Merged | Unmerged):
            return (mine,)
        return mine, self._identify(data.fact.other, {}, test=data.test)

    def within(self, value: bytes) -> tuple[tuple[Identified, Subject], ...]:
        """Return whom bytes are about, as far as they tell: the subject first."""
        subjects, test = subjects_in(value)
        return tuple((self._identify(one, {}, test=test), one) for one in subjects)

    def key(self, one: Identifier) -> bytes:
        """Return an identifier's key."""
        return self.keyring.identifier(one)

    def lay(self, memory: JournalMemory, desk: Desk, named: Iterable[Identified]) -> None:
        """Lay out what is known of some subjects, beside what lies on the desk already."""
        wanted = {self.key(one): one for each in named for one in each.identifiers if one not in desk.bound}
        found = {wanted[key]: lead_id for key, lead_id in memory.bound(list(wanted)).items()}
        desk.bound |= found
        self.lay_files(memory, desk, list(found.values()))

    def lay_files(self, memory: JournalMemory, desk: Desk, lead_ids: Sequence[LeadId]) -> None:
        """Lay out leads, and those that they lead on to."""
        wanted = dict.fromkeys(one for one in lead_ids if one not in desk.files)
        while wanted:
            files = {one: FILE.validate_json(text) for one, text in memory.files(list(wanted)).items()}
            desk.files |= files
            wanted = dict.fromkeys(
                one for file in files.values() for one in related(file) if one not in desk.files
            )

    def is_forgotten(self, desk: Desk, identified: Identified) -> bool:
        """Say whether a subject is a person who asked to be forgotten."""
        return self._rule.is_forgotten(desk, identified.identifiers, self._book.newest)

    def is_another(self, desk: Desk, identified: Identified, lead_id: LeadId) -> bool:
        """Say whether a subject is, today, another lead than this one."""
        found = self._rule.find(desk, identified.identifiers, self._book.newest)
        return bool(found) and found[0] != lead_id

    def _identify(self, subject: Subject, attributes: dict[str, Scalar | None], *, test: bool) -> Identified:
        identified = self._rule.identify(subject, attributes, self._book.newest.identity.default_region)
        if not test:
            return identified
        # Tests are leads of their own: they never touch a real one.
        marked = tuple(Identifier(one.kind, one.value, test=True) for one in identified.identifiers)
        return Identified(marked, identified.traits, identified.unusable)


def related(file: LeadFile) -> tuple[LeadId, ...]:
    """Return the leads that a lead leads on to."""
    return file.apart if file.merged_into is None else (file.merged_into, *file.apart)


def chain(desk: Desk, lead_id: LeadId) -> list[LeadId]:
    """Return a lead, who absorbed it, who absorbed that one … up to the survivor."""
    found = [lead_id]
    while (into := desk.files[found[-1]].merged_into) is not None:
        found.append(into)
    return found
