"""What the journal asks of others: of the sequencer's rule, and of a store in the midst of a transaction.

Given as protocols, because the journal has no I/O of its own and knows no rule; a host hands both in. The
store answers for many at once, and about what was committed before this batch.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from schemas.agreement import Agreement
from schemas.facts import Subject
from schemas.sequencing import Desk, Identified, Identifier, Received, Sequenced
from schemas.vocabulary import LeadId, Scalar


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A record of ``leads.facts``: what a tool sent, and when the log had it."""

    offset: int
    received_at: datetime
    value: bytes


class SequencerRule(Protocol):
    """``services.sequencer``, as the journal needs it."""

    def identify(self, subject: Subject, attributes: dict[str, Scalar | None], region: str) -> Identified:
        """Return what a subject comes to."""

    def find(self, desk: Desk, named: Iterable[Identifier], agreement: Agreement) -> list[LeadId]:
        """Return the leads that a subject names; the first is the one that it is."""

    def is_forgotten(self, desk: Desk, named: Iterable[Identifier], agreement: Agreement) -> bool:
        """Say whether a subject is a person who asked to be forgotten."""

    def step(
        self, desk: Desk, received: Received, agreement: Agreement, other: Identified | None = None
    ) -> Sequenced:
        """Decide one fact about a lead."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The personal data that the read model shows of a lead."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    company: str | None = None
    external_ids: Mapping[str, str] = field(default_factory=dict)


class Sent(NamedTuple):
    """What a tool sent and the store still has: a fact (by ``seq``) or a dead letter (by its number)."""

    number: int
    value: bytes
    source: str | None


class FirstSaid(NamedTuple):
    """What an event said when it was admitted."""

    original: bytes | None
    """As it was sent; of a fact about the line itself, and of who was forgotten, there is none."""
    fact: str
    """What happened, as JSON; no personal data."""
    forgotten: bool
    """Whether the original is gone because it was about somebody who asked for that."""


class JournalMemory(Protocol):
    """A store in the midst of a transaction, as the journal sees it."""

    def seen(self, keys: Sequence[bytes]) -> dict[bytes, FirstSaid]:
        """Return which of these events were admitted before, and what they said."""

    def bound(self, keys: Sequence[bytes]) -> dict[bytes, LeadId]:
        """Return which leads these identifiers name."""

    def files(self, lead_ids: Sequence[LeadId]) -> dict[LeadId, str]:
        """Return what the sequencer kept of these leads, as JSON."""

    def imports(self, import_ids: Sequence[str]) -> dict[str, bool]:
        """Return which of these imports there are, and whether each is still open."""

    def touched(self, import_id: str, after: LeadId, limit: int) -> list[LeadId]:
        """Return the next leads that an import has facts about, in order of their ids."""

    def shown(self, lead_ids: Sequence[LeadId]) -> dict[LeadId, Shown]:
        """Return the personal data that is shown of these leads."""

    def absorbed(self, lead_id: LeadId) -> list[LeadId]:
        """Return the leads that this one has absorbed, and not what those had absorbed."""

    def originals(self, lead_id: LeadId) -> list[Sent]:
        """Return the facts placed on a lead as they were sent, oldest first; erased ones are left out."""

    def filed(self, keys: Sequence[bytes]) -> list[int]:
        """Return the numbers of the dead letters that are filed under any of these clues, in order."""

    def letters(self, numbers: Sequence[int]) -> list[Sent]:
        """Return those of these dead letters that still have their bytes."""

    def tombstones(self, keys: Sequence[bytes]) -> set[bytes]:
        """Return which of these clues are of people who were forgotten."""

    def buried(self, keys: Sequence[bytes]) -> set[tuple[bytes, str]]:
        """Return which of these letters were put aside before, and why; not those that are in order since."""
